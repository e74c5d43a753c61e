package org.recursivemas.pipeline.links;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.recursivemas.data.AgentSpec;
import org.recursivemas.data.ChatFormat;
import org.recursivemas.data.HandOff;
import org.recursivemas.data.Team;
import org.recursivemas.pipeline.training.ClosedFormLinks;
import org.recursivemas.pipeline.twin.TinyCheckpoint;

/**
 * Two random agents of different widths, a writer and a solver with feedback, and tasks in which the next byte of a
 * text follows from the one before, so that links can be fitted although the agents know nothing.
 */
public final class ToyTeam {
    /** Latent steps of the team file, at least as many as a message has tokens with its end. */
    public static final int ROWS = 8;

    public final Path folder;
    public final Path teamFile;
    public final Path tasks;
    public final Path models;

    private ToyTeam(Path folder) {
        this.folder = folder;
        teamFile = folder.resolve("team.json");
        tasks = folder.resolve("tasks.jsonl");
        models = folder.resolve("models");
    }

    public static ToyTeam write(Path folder) throws IOException {
        ToyTeam toy = new ToyTeam(folder);
        new TinyCheckpoint(24, 2, 4, 2, 32, true, 11).write(toy.models.resolve("writer"));
        new TinyCheckpoint(20, 2, 2, 1, 40, false, 12).write(toy.models.resolve("solver"));
        Team team = new Team();
        team.format = Team.FORMAT;
        team.version = Team.VERSION;
        team.id = "toy";
        team.title = "Toy";
        team.agents.add(agent("writer", 24, "{question}", "{question}|{back}", null));
        team.agents.add(agent("solver", 20, "{question}:{plan}", null, "{question}"));
        team.handOffs.add(handOff("writer", "solver", "plan", false));
        team.handOffs.add(handOff("solver", "writer", "back", true));
        team.links = "recursivelink.json";
        team.rounds = 2;
        team.latentSteps = ROWS;
        Files.createDirectories(folder);
        TeamFiles.write(toy.teamFile, TeamFiles.json(team));
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 60; i++) {
            lines.append(String.format(
                    "{\"question\":\"q%d\",\"plan\":\"abcabc\",\"solution\":\"%s\",\"answer\":\"%d\"}%n",
                    i, "xyxyxy".substring(i % 2), i));
        }
        TeamFiles.write(toy.tasks, lines.toString());
        return toy;
    }

    private static AgentSpec agent(String id, int width, String user, String feedback, String alone) {
        AgentSpec agent = new AgentSpec();
        agent.id = id;
        agent.title = id;
        agent.model = "models/" + id;
        agent.library = "models/" + id + ".wasm";
        agent.hiddenSize = width;
        agent.chat = new ChatFormat();
        agent.chat.system = "<|im_start|>{system}<|im_end|>";
        agent.chat.user = "<|im_start|>{user}<|im_end|>";
        agent.chat.generation = "<|im_start|>";
        agent.system = "s";
        agent.user = user;
        agent.userFeedback = feedback;
        agent.userAlone = alone;
        agent.maxTokens = 6;
        return agent;
    }

    private static HandOff handOff(String from, String to, String slot, boolean feedback) {
        HandOff handOff = new HandOff();
        handOff.from = from;
        handOff.to = to;
        handOff.slot = slot;
        handOff.feedback = feedback;
        return handOff;
    }

    /** Options that fit on 40 problems and measure on 20. */
    public ClosedFormLinks.Options options(ClosedFormLinks.Form form, int threads) {
        return new ClosedFormLinks.Options(teamFile, null, tasks, 40, 20, TeachingRules.usual(ROWS), 1e-4, form, 7,
                threads);
    }
}
