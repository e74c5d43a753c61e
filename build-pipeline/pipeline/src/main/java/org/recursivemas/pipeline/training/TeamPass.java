package org.recursivemas.pipeline.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.recursivemas.team.Edge;
import org.recursivemas.team.PlannedAgent;
import org.recursivemas.team.Rounds;

/**
 * One pass of the team over a batch of problems: latent rollouts along the hand-off graph, round by round, as in a run of
 * the app, then the deciding agent's prompt. Gradients flow from its text through all rollouts to the links.
 */
final class TeamPass implements Rounds.Worker<NDArray> {
    /** How messages are made and what is done with gradients. */
    record Settings(int rounds, int latentSteps, int truncation) {
        /**
         * @param rounds n, at least 1
         * @param latentSteps m, 0 or more
         * @param truncation most latent steps in a row that a gradient passes; 0 for all
         */
        Settings {
            if (rounds < 1 || latentSteps < 0 || truncation < 0) {
                throw new IllegalArgumentException("rounds " + rounds + ", steps " + latentSteps + ", truncation "
                        + truncation);
            }
        }
    }

    private final TrainedTeam team;
    private final LinkArrays links;
    private final Settings settings;
    private final List<String> questions;
    private final NDManager manager;
    /** What the deciding agent should write, tokens by problem; null when it is only prompted. */
    private final int[][] targets;
    /** What senders are made to say; null for real rollouts. */
    private final Spoken spoken;
    private PromptBatch decision;
    /** Called with everything that is handed over; null for nobody. */
    private final Watcher watcher;

    /** What an agent is made to say: tokens by problem, all of the same length. */
    interface Spoken {
        int[][] tokens(PlannedAgent agent, int rows);
    }

    /** Sees the output of a link. */
    interface Watcher {
        void see(String link, int round, NDArray output);

        /** Sees the prompts of a rollout. */
        default void prompted(PromptBatch prompts) {
            // most want to see links only
        }

        /** What arrives of a message, [batch, m, d of the reader]. */
        default NDArray arrived(NDArray message) {
            return message;
        }
    }

    private TeamPass(TrainedTeam team, LinkArrays links, Settings settings, List<String> questions, int[][] targets,
            Spoken spoken, Watcher watcher, NDManager manager) {
        this.team = team;
        this.links = links;
        this.settings = settings;
        this.questions = questions;
        this.targets = targets;
        this.spoken = spoken;
        this.watcher = watcher;
        this.manager = manager;
    }

    /**
     * The prompts of the deciding agent in the last round.
     *
     * @param targets tokens that follow each prompt, or null
     * @param spoken what senders are made to say; null for real rollouts
     * @param manager owner of everything that is made
     */
    static PromptBatch decision(TrainedTeam team, LinkArrays links, Settings settings, List<String> questions,
            int[][] targets, Spoken spoken, NDManager manager) {
        return decision(team, links, settings, questions, targets, spoken, null, manager);
    }

    /** As the other one; {@code watcher} sees what every link makes. */
    static PromptBatch decision(TrainedTeam team, LinkArrays links, Settings settings, List<String> questions,
            int[][] targets, Spoken spoken, Watcher watcher, NDManager manager) {
        TeamPass pass = new TeamPass(team, links, settings, questions, targets, spoken, watcher, manager);
        new Rounds<>(team.plan(), pass).run(settings.rounds());
        return pass.decision;
    }

    @Override
    public void handOff(PlannedAgent agent, int round, Map<String, NDArray> slots, List<Edge> edges,
            Rounds.Outbox<NDArray> outbox) {
        if (agent.latentSteps(settings.latentSteps()) == 0) {
            edges.forEach(edge -> outbox.send(edge, null));
            return;
        }
        NDArray linked = spoken == null ? rollout(agent, round, slots) : forced(agent, round, slots); // [batch, m, d]
        watch(agent.id(), round, linked);
        Map<String, NDArray> messages = new LinkedHashMap<>();
        for (Edge edge : edges) {
            NDArray message = messages.computeIfAbsent(LinkSet.outerId(edge), id -> arrived(links.apply(id, linked)));
            watch(LinkSet.outerId(edge), round, message);
            outbox.send(edge, message); // [batch, m, d of the reader]
        }
    }

    private NDArray arrived(NDArray message) {
        return watcher == null ? message : watcher.arrived(message);
    }

    private void watch(String link, int round, NDArray output) {
        if (watcher != null) {
            watcher.see(link, round, output);
        }
    }

    /** inner(H) where the agent is about to say each token of what it should, [batch, m, d]. */
    private NDArray forced(PlannedAgent agent, int round, Map<String, NDArray> slots) {
        try (NDManager scratch = manager.newSubManager()) {
            PromptBatch batch = new PromptBatch(team, agent, round, questions, present(slots), spoken.tokens(agent,
                    settings.latentSteps()), scratch);
            NDArray linked = links.apply(agent.id(), targetStates(team, batch, scratch)).reshape(questions.size(),
                    settings.latentSteps(), agent.hiddenSize());
            linked.attach(manager);
            return linked;
        }
    }

    /** inner(H) of one rollout, [batch, m, d]. */
    private NDArray rollout(PlannedAgent agent, int round, Map<String, NDArray> slots) {
        try (NDManager scratch = manager.newSubManager()) {
            PromptBatch prompts = new PromptBatch(team, agent, round, questions, present(slots), null, scratch);
            if (watcher != null) {
                watcher.prompted(prompts);
            }
            FrozenModel model = team.model(agent);
            KvCache cache = prompts.cache(scratch);
            NDList fed = new NDList();
            NDArray states = model.forward(prompts.inputs(), cache); // [batch, t, d]
            NDArray last = states.get(":, -1:"); // [batch, 1, d]
            int steps = agent.latentSteps(settings.latentSteps());
            for (int step = 0; step < steps; step++) {
                if (step > 0) {
                    NDArray input = fed.get(step - 1);
                    if (settings.truncation() > 0 && step % settings.truncation() == 0) {
                        cache.detachSteps();
                        input = input.stopGradient();
                    }
                    last = model.forward(input, cache);
                }
                fed.add(links.apply(agent.id(), last));
            }
            NDArray linked = ai.djl.ndarray.NDArrays.concat(fed, 1);
            linked.attach(manager);
            return linked;
        }
    }

    private static Map<String, NDArray> present(Map<String, NDArray> slots) {
        Map<String, NDArray> present = new LinkedHashMap<>();
        slots.keySet().stream().sorted().filter(name -> slots.get(name) != null)
                .forEach(name -> present.put(name, slots.get(name)));
        return present;
    }

    @Override
    public void answer(PlannedAgent agent, int round, Map<String, NDArray> slots) {
        decision = new PromptBatch(team, agent, round, questions, present(slots), targets, manager);
    }

    @Override
    public void drop(NDArray message) {
        // the manager of the pass owns it
    }

    /** Sum of the cross-entropies of all target tokens of a batch, a scalar. */
    static NDArray crossEntropy(TrainedTeam team, PromptBatch batch, NDManager manager) {
        FrozenModel model = team.model(batch.agent());
        try (NDManager scratch = manager.newSubManager()) {
            NDArray chosen = targetStates(team, batch, scratch); // [n, d]
            int[] tokens = batch.targetTokens();
            NDArray wanted = TorchEngine.array(scratch, tokens, tokens.length, 1).toType(DataType.INT64, false);
            NDArray sum = model.logits(chosen).logSoftmax(1).gather(wanted, 1).sum().neg();
            sum.attach(manager);
            return sum;
        }
    }

    /** Hidden states [n, d] that should say the batch's target tokens, row after row. */
    static NDArray targetStates(TrainedTeam team, PromptBatch batch, NDManager manager) {
        try (NDManager scratch = manager.newSubManager()) {
            NDArray states = team.model(batch.agent()).forward(batch.inputs(), batch.cache(scratch));
            NDArray flat = states.reshape(-1, states.getShape().get(2));
            int[] wanted = batch.targetStates();
            NDArray chosen = TorchEngine.rows(TorchEngine.array(scratch, wanted, wanted.length), flat);
            chosen.attach(manager);
            return chosen;
        }
    }

    /**
     * Greedy texts of the deciding agent, as tokens without the one that ended them.
     *
     * @return by problem; {@code cut} where the limit ended it
     */
    static List<Written> write(TrainedTeam team, PromptBatch batch, NDManager manager) {
        FrozenModel model = team.model(batch.agent());
        Set<Integer> stops = team.folder(batch.agent()).stopTokens();
        int rows = batch.batch();
        int[] limits = new int[rows];
        for (int row = 0; row < rows; row++) {
            limits[row] = Math.min(batch.agent().maxTokens(), team.folder(batch.agent()).contextWindow() - batch.length(row));
        }
        List<List<Integer>> written = new ArrayList<>();
        boolean[] done = new boolean[rows];
        for (int row = 0; row < rows; row++) {
            written.add(new ArrayList<>());
        }
        boolean[] cut = new boolean[rows];
        int open = rows;
        try (NDManager scratch = manager.newSubManager()) {
            KvCache cache = batch.cache(scratch);
            NDArray last = model.forward(batch.inputs(), cache).get(":, -1");
            for (int decoded = 0; open > 0; decoded++) {
                int[] next;
                try (NDManager step = scratch.newSubManager()) {
                    last.tempAttach(step);
                    next = Arrays.stream(model.logits(last).argMax(1).toLongArray()).mapToInt(i -> (int) i).toArray();
                }
                for (int row = 0; row < rows; row++) {
                    if (done[row]) {
                        continue;
                    }
                    boolean stopped = decoded < limits[row] && stops.contains(next[row]);
                    if (!stopped && decoded < limits[row]) {
                        written.get(row).add(next[row]);
                    }
                    cut[row] = !stopped && decoded + 1 >= limits[row];
                    if (stopped || cut[row]) {
                        done[row] = true;
                        open--;
                    }
                }
                if (open > 0) {
                    try (NDArray old = last; NDArray tokens = TorchEngine.array(scratch, next, rows, 1)) {
                        NDArray inputs = model.embed(tokens);
                        inputs.attach(scratch);
                        NDArray states = model.forward(inputs, cache); // [rows, 1, d]
                        last = states.reshape(rows, -1);
                        inputs.close();
                        states.close();
                    }
                }
            }
        }
        List<Written> texts = new ArrayList<>();
        for (int row = 0; row < rows; row++) {
            texts.add(new Written(written.get(row).stream().mapToInt(Integer::intValue).toArray(), cut[row]));
        }
        return texts;
    }

    /** A text as tokens; {@code cut} when the limit ended it. */
    record Written(int[] tokens, boolean cut) {
    }
}
