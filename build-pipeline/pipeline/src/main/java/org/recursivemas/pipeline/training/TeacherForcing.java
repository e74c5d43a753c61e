package org.recursivemas.pipeline.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.recursivemas.pipeline.links.TeachingRules;
import org.recursivemas.pipeline.twin.ModelFolder;
import org.recursivemas.team.Edge;
import org.recursivemas.team.PlannedAgent;

/**
 * Passes in which agents are made to say what they should: each agent's prompt as in a latent run, with the token
 * embeddings of what its senders should say in the slots, followed by its own target. For any number of threads.
 */
final class TeacherForcing {
    private final TrainedTeam team;
    private final TeachingRules rules;

    TeacherForcing(TrainedTeam team, TeachingRules rules) {
        this.team = team;
        this.rules = rules;
    }

    /**
     * What an agent's states were when it was about to say each row of its messages.
     *
     * @param agent who
     * @param hidden [n, d], after the final norm, the rows of all problems' messages
     * @param next the token that follows each state, [n]
     */
    record Lesson(PlannedAgent agent, NDArray hidden, int[] next) {
    }

    /**
     * One pass for every prompt of every agent that hands over: the first round's, and the later rounds' where it
     * differs.
     *
     * @param tasks problems of a batch
     * @param manager owner of the states
     */
    List<Lesson> lessons(List<Map<String, String>> tasks, NDManager manager) {
        List<Lesson> lessons = new ArrayList<>();
        for (PlannedAgent agent : team.plan().agents()) {
            if (team.plan().outgoing(agent, true).isEmpty()) {
                continue;
            }
            lessons.add(lesson(agent, 1, tasks, manager));
            if (agent.user(2) != agent.user(1)) {
                lessons.add(lesson(agent, 2, tasks, manager));
            }
        }
        return lessons;
    }

    /**
     * One pass.
     *
     * @param manager owner of the states
     */
    Lesson lesson(PlannedAgent agent, int round, List<Map<String, String>> tasks, NDManager manager) {
        try (NDManager scratch = manager.newSubManager()) {
            Map<String, NDArray> slots = new LinkedHashMap<>();
            Map<String, int[]> rows = new LinkedHashMap<>();
            for (Edge edge : team.plan().incoming(agent, round)) {
                int[][] said = tasks.stream().map(task -> message(agent, rules.slot(team.plan(), edge, task)))
                        .toArray(int[][]::new);
                slots.put(edge.slot(), embedded(team.model(agent), said, scratch));
                rows.put(edge.slot(), Arrays.stream(said).mapToInt(message -> message.length).toArray());
            }
            int[][] targets = tasks.stream().map(task -> message(agent, rules.target(team.plan(), agent, task)))
                    .toArray(int[][]::new);
            PromptBatch batch = new PromptBatch(team, agent, round, tasks.stream().map(task -> task.get("question"))
                    .toList(), slots, rows, targets, scratch);
            NDArray hidden = TeamPass.targetStates(team, batch, scratch);
            hidden.attach(manager);
            return new Lesson(agent, hidden, batch.targetTokens());
        }
    }

    private int[] message(PlannedAgent agent, String text) {
        ModelFolder folder = team.folder(agent);
        return rules.close(team.tokens(agent, text), rules.end(agent.id(), folder), rules.filler(agent.id(), folder));
    }

    /** Embeddings of messages, [messages, longest, d]; what stands behind the end of a shorter one means nothing. */
    private static NDArray embedded(FrozenModel model, int[][] messages, NDManager manager) {
        int longest = 0;
        for (int[] message : messages) {
            longest = Math.max(longest, message.length);
        }
        int[] flat = new int[messages.length * longest];
        for (int i = 0; i < messages.length; i++) {
            System.arraycopy(messages[i], 0, flat, i * longest, messages[i].length);
        }
        return model.embed(TorchEngine.array(manager, flat, messages.length, longest));
    }
}
