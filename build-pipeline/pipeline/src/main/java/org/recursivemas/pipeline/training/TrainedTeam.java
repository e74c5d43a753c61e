package org.recursivemas.pipeline.training;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.recursivemas.data.Team;
import org.recursivemas.pipeline.InputException;
import org.recursivemas.pipeline.links.TeamFiles;
import org.recursivemas.pipeline.twin.ModelFolder;
import org.recursivemas.pipeline.twin.TeamModels;
import org.recursivemas.team.PlannedAgent;
import org.recursivemas.team.TeamPlan;

/**
 * A team whose links are trained: plan, tokenizers, frozen models on the device. Agents whose folder is the same share
 * one model. Read-only, for any number of threads.
 */
final class TrainedTeam implements AutoCloseable {
    /** Texts whose tokens are remembered, at most. */
    private static final int REMEMBERED = 100_000;

    private final TeamPlan plan;
    private final Team team;
    private final TeamModels folders;
    private final Map<String, FrozenModel> models = new LinkedHashMap<>();
    /** Those that this team has read itself. */
    private final List<FrozenModel> own = new ArrayList<>();
    private final Path teamFile;
    private final Map<String, Map<String, int[]>> tokens = new LinkedHashMap<>();

    /**
     * Reads team file and models.
     *
     * @param models folder with the agents' models by agent id; null for the paths in the team file
     * @throws InputException naming file and field that are unusable
     */
    TrainedTeam(Path teamFile, Path models) {
        this(teamFile, models, List.of());
    }

    /**
     * As the other one; models that other teams have read are shared, and stay theirs.
     *
     * @param others must stay open longer than this one
     */
    TrainedTeam(Path teamFile, Path models, List<TrainedTeam> others) {
        team = TeamFiles.team(teamFile);
        plan = TeamPlan.of(team, teamFile.toString());
        this.teamFile = teamFile;
        TorchEngine.get();
        folders = TeamModels.open(teamFile, team, models);
        try {
            Map<ModelFolder, FrozenModel> loaded = new LinkedHashMap<>();
            for (PlannedAgent agent : plan.agents()) {
                ModelFolder folder = folders.folder(agent.id());
                this.models.put(agent.id(), loaded.computeIfAbsent(folder, f -> model(f, others)));
                tokens.put(agent.id(), new ConcurrentHashMap<>());
            }
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /**
     * The team, if links can be trained for it.
     *
     * @throws InputException when they cannot; the team is closed then
     */
    TrainedTeam trainable() {
        try {
            if (plan.edges().isEmpty()) {
                throw new InputException(teamFile, "hand_offs", "nobody hands anything over, so there is no link to train",
                        "Name a team with hand-offs");
            }
            for (int i = 0; i < plan.agents().size(); i++) {
                if (plan.agents().get(i).hasLatentSteps()) {
                    throw new InputException(teamFile, "agents[" + i + "].latent_steps", "links are trained with the same"
                            + " number of steps for all agents", "Take the field out for training; links are trained over a"
                            + " range of steps, so they serve agents with different numbers");
                }
            }
        } catch (InputException e) {
            close();
            throw e;
        }
        return this;
    }

    private FrozenModel model(ModelFolder folder, List<TrainedTeam> others) {
        for (TrainedTeam other : others) {
            for (PlannedAgent agent : other.plan.agents()) {
                ModelFolder known = other.folder(agent);
                if (known.sha256().equals(folder.sha256()) && known.config().equals(folder.config())) {
                    return other.model(agent);
                }
            }
        }
        FrozenModel read = folder.read(FrozenModel::new);
        own.add(read);
        return read;
    }

    TeamPlan plan() {
        return plan;
    }

    Team file() {
        return team;
    }

    FrozenModel model(PlannedAgent agent) {
        return models.get(agent.id());
    }

    ModelFolder folder(PlannedAgent agent) {
        return folders.folder(agent.id());
    }

    /** SHA-256 (hex) of each agent's weights, by agent id. */
    Map<String, String> digests() {
        return folders.digests();
    }

    /** Root mean square of each agent's input embeddings, by agent id. */
    Map<String, Double> embeddingRms() {
        Map<String, Double> rms = new LinkedHashMap<>();
        models.forEach((agent, model) -> rms.put(agent, model.embeddingRms()));
        return rms;
    }

    /** The different models. */
    List<FrozenModel> models() {
        return models.values().stream().distinct().toList();
    }

    /** Tokens of a piece of text for an agent's model. */
    int[] tokens(PlannedAgent agent, String text) {
        Map<String, int[]> known = tokens.get(agent.id());
        int[] ids = known.get(text);
        if (ids == null) {
            ids = folder(agent).tokenizer().encode(text);
            int vocabulary = folder(agent).config().vocabSize();
            for (int id : ids) {
                if (id >= vocabulary) {
                    throw new InputException(folder(agent).tokenizer().file(), "token " + id, "the model has only "
                            + vocabulary + " tokens", "Use tokenizer and weights of the same model");
                }
            }
            if (known.size() >= REMEMBERED) {
                known.clear();
            }
            known.put(text, ids);
        }
        return ids;
    }

    @Override
    public void close() {
        own.forEach(FrozenModel::close);
        folders.close();
    }
}
