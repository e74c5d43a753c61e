package org.recursivemas.app;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.recursivemas.bridge.LoadProgress;
import org.recursivemas.bridge.ModelSource;
import org.recursivemas.bridge.WebLlm;
import org.recursivemas.bridge.WebLlmLoader;
import org.recursivemas.bridge.WebLlmModel;
import org.recursivemas.data.AgentSpec;
import org.recursivemas.data.FormatException;
import org.recursivemas.data.LinkFile;
import org.recursivemas.data.RunReport;
import org.recursivemas.engine.EngineException;
import org.recursivemas.engine.LanguageModel;
import org.recursivemas.engine.RunControl;
import org.recursivemas.json.JsonCodec;
import org.recursivemas.team.LinkIndex;
import org.recursivemas.team.RecursiveTeam;
import org.recursivemas.team.TeamPart;
import org.recursivemas.team.TeamPlan;
import org.recursivemas.tools.ToolBox;

/** A team with its models on the GPU. Agents that name the same model and library share one. */
final class LoadedTeam {
    private final TeamFiles files;
    private final Scripts scripts;
    private final WebLlm webLlm;
    private final Map<String, WebLlmModel> models = new LinkedHashMap<>();
    private boolean lacksLinks;
    private RecursiveTeam team;
    private TeamPart part;

    private LoadedTeam(TeamFiles files, Scripts scripts, WebLlm webLlm) {
        this.files = files;
        this.scripts = scripts;
        this.webLlm = webLlm;
    }

    /**
     * Loads models and the links that there are. Waits.
     *
     * @param index finds what the link file holds
     * @param linksNeeded whether a link file that cannot be read is a failure; otherwise the team is loaded without links, see
     *     {@link #lacksLinks}
     * @param repairing whether stored weights that are damaged are fetched again; otherwise they are a failure
     * @throws EngineException naming what failed; nothing is then left on the GPU
     */
    static LoadedTeam load(TeamFiles files, Supplier<LinkIndex> index, boolean linksNeeded, JsonCodec codec, Scripts scripts,
            boolean repairing, LoadProgress progress, RunControl control) {
        return load(files, index, linksNeeded, codec, scripts, null, repairing, progress, control);
    }

    /** Loads models and links of some agents only. Waits. */
    static LoadedTeam loadPart(TeamFiles files, JsonCodec codec, Scripts scripts, List<String> agents,
            LoadProgress progress, RunControl control) {
        return load(files, null, true, codec, scripts, agents, false, progress, control);
    }

    /**
     * @param index what the link file holds, for a whole team; a part's links must all be there
     * @param agents null for the whole team
     */
    private static LoadedTeam load(TeamFiles files, Supplier<LinkIndex> index, boolean linksNeeded, JsonCodec codec,
            Scripts scripts, List<String> agents, boolean repairing, LoadProgress progress, RunControl control) {
        LoadedTeam loaded = new LoadedTeam(files, scripts, WebLlm.open(WebLlmLoader.script(scripts.webLlm())));
        try {
            loaded.loadModels(agents, repairing, progress, control);
            Map<String, LanguageModel> byAgent = new LinkedHashMap<>(loaded.models);
            TeamPlan plan = TeamPlan.of(files.team(), files.url());
            ToolBox tools = ToolBox.of(plan.tools(), path -> files.readCorpus(path, codec), Wikis::ask);
            if (agents == null) {
                LinkIndex held = LinkIndex.NONE;
                LinkFile links = null;
                try {
                    held = index.get();
                    links = files.readLinks(codec);
                } catch (EngineException | FormatException e) {
                    if (linksNeeded) {
                        throw e;
                    }
                    held = LinkIndex.NONE;
                    loaded.lacksLinks = true;
                }
                loaded.team = new RecursiveTeam(plan, byAgent, loaded.webLlm.device(), links, held, Web::millis, tools);
            } else {
                loaded.part = new TeamPart(plan, byAgent, loaded.webLlm.device(), files.readLinks(codec), Web::millis,
                        tools);
            }
            scripts.read();
            return loaded;
        } catch (RuntimeException e) {
            try {
                loaded.close();
            } catch (RuntimeException again) {
                e.addSuppressed(again);
            }
            throw e;
        }
    }

    private void loadModels(List<String> agents, boolean repairing, LoadProgress progress, RunControl control) {
        Map<String, WebLlmModel> byPlace = new LinkedHashMap<>();
        for (AgentSpec agent : files.team().agents) {
            if (agents != null && !agents.contains(agent.id)) {
                continue;
            }
            String model = files.resolve(agent.model);
            String library = files.resolve(agent.library);
            String place = model + " " + library + " " + agent.contextWindow;
            WebLlmModel shared = byPlace.get(place);
            if (shared == null) {
                shared = webLlm.load(new ModelSource(agent.id, model, library, agent.hiddenSize,
                        agent.contextWindow), files.kept(), repairing, progress, control);
                byPlace.put(place, shared);
            } else {
                progress.onProgress(agent.id, 1, "Shares the model of " + shared.id());
            }
            models.put(agent.id, shared);
        }
    }

    /** Whether the link file could not be read, so that there are no links though the team has some. */
    boolean lacksLinks() {
        return lacksLinks;
    }

    RecursiveTeam team() {
        return team;
    }

    /** The agents loaded by {@link #loadPart}. */
    TeamPart part() {
        return part;
    }

    /** Enters what took part into a report. */
    void describe(RunReport report) {
        report.environment.put("browser", Web.userAgent());
        report.environment.put("gpu", webLlm.gpu().description());
        report.environment.put("gpu_features", webLlm.gpu().features());
        report.artifacts.putAll(files.hashes());
        scripts.describe(report);
        models.forEach((agent, model) -> {
            put(report, agent + " library", model.librarySha256());
            put(report, agent + " weights", model.weightsSha256());
            report.environment.put(agent + " hidden states", model.hiddenFunctionName() == null ? "none"
                    : model.hiddenFunctionName() + ", " + model.dtype());
        });
    }

    private static void put(RunReport report, String name, String hash) {
        if (hash != null) {
            report.artifacts.put(name, "sha256:" + hash);
        }
    }

    /** False when the GPU or a model was lost, so that everything has to be loaded again. */
    boolean healthy() {
        try {
            for (WebLlmModel model : models.values()) {
                model.tokenize("");
            }
            return deviceLoss() == null;
        } catch (RuntimeException e) {   // an EngineException, or what JavaScript threw
            return false;
        }
    }

    /** The loss of the GPU, or null while it is there. */
    EngineException deviceLoss() {
        return webLlm.gpu().loss();
    }

    /** Has {@code listener} told when the GPU is lost; called from a callback. */
    void setLostListener(Consumer<EngineException> listener) {
        webLlm.gpu().setLostListener(listener);
    }

    /** Frees the GPU. Waits. */
    void close() {
        webLlm.close();
    }
}
