package org.recursivemas.pipeline.training;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.recursivemas.compiler.ModelConfig;
import org.recursivemas.engine.PromptPiece;
import org.recursivemas.pipeline.InputException;
import org.recursivemas.pipeline.training.TrainingOptions.Loop;
import org.recursivemas.team.PlannedAgent;

/**
 * How much memory a step takes: the frozen models, links with their gradients and moments, and for every problem that is
 * worked on at the same time the graph that its gradient needs. Counted for the longest problem, the most rounds and the
 * most latent steps; the counts of kept values were checked against measured peaks. Measuring keeps no graph, so that many
 * more problems fit at a time.
 *
 * @param modelBytes frozen weights
 * @param linkBytes links, best links, moments and, for each worker, copies and gradients
 * @param problemBytes graph of one problem
 * @param measuredBytes one problem that is measured: keys and values, the pass of one layer, logits
 */
record MemoryEstimate(long modelBytes, long linkBytes, long problemBytes, long measuredBytes) {
    /** Problems measured at a time, at most: beyond this the weights' way to the processor hardly counts any more. */
    private static final int MOST_MEASURED = 32;

    /** What the JVM and PyTorch take before any model is loaded. */
    private static final long FIXED_BYTES = 700L << 20;
    private static final double GIB = 1L << 30;

    /** Estimates for a run. */
    static MemoryEstimate of(TrainedTeam team, LinkSet links, TrainingOptions options, List<Map<String, String>> tasks) {
        long models = 0;
        for (FrozenModel model : team.models()) {
            models += Float.BYTES * parameters(model.config());
        }
        long linkValues = links.all().stream().mapToLong(LinkParameters::count).sum();
        return new MemoryEstimate(FIXED_BYTES + models, Float.BYTES * linkValues * (5 + 3L * options.threads()),
                problem(team, links, options, tasks), measured(team, options, tasks));
    }

    private static long measured(TrainedTeam team, TrainingOptions options, List<Map<String, String>> tasks) {
        double most = 0;
        for (PlannedAgent agent : team.plan().agents()) {
            ModelConfig c = team.model(agent).config();
            boolean decides = agent == team.plan().decider();
            long prompt = Math.max(longest(team, agent, 1, options.mostSteps(), tasks), agent.user(2) == null ? 0
                    : longest(team, agent, 2, options.mostSteps(), tasks));
            long target = decides ? longestTarget(team, agent, options, tasks) : 0;
            long length = prompt + Math.max(target, decides ? agent.maxTokens() : options.mostSteps());
            most = Math.max(most, 2.0 * c.layers() * c.kvWidth() * length + sequence(c, prompt + target, prompt + target)
                    + 4.0 * Math.max(1, target) * c.vocabSize());
        }
        return (long) (Float.BYTES * most);
    }

    static long parameters(ModelConfig c) {
        long d = c.hiddenSize();
        long layer = d * c.attentionRows() + d * c.attentionWidth() + 3 * d * c.intermediateSize() + 6 * d;
        return c.layers() * layer + d * c.vocabSize() * (c.tiedEmbeddings() ? 1 : 2);
    }

    private static long problem(TrainedTeam team, LinkSet links, TrainingOptions options,
            List<Map<String, String>> tasks) {
        boolean deep = team.plan().hasFeedback() && options.rounds() > 1;
        boolean rolls = options.loop() == Loop.OUTER;
        long m = options.mostSteps();
        double values = 0;
        for (int round = 1; round <= (deep ? options.rounds() : 1); round++) {
            boolean last = !deep || round == options.rounds();
            for (PlannedAgent agent : team.plan().agents()) {
                boolean decides = agent == team.plan().decider();
                if (decides && last) {
                    values += decision(team, agent, round, m, options, tasks);
                } else if (!team.plan().outgoing(agent, !last).isEmpty()) {
                    ModelConfig c = team.model(agent).config();
                    long prompt = longest(team, agent, round, m, tasks);
                    LinkParameters inner = links.inner(agent.id());
                    double link = m * (6.0 * inner.in() + 3.0 * inner.hidden() + 3.0 * inner.out());
                    values += link + c.layers() * (rolls ? sequence(c, prompt, prompt) + m * (position(c)
                            + 3.0 * c.heads() * (prompt + m) + 1.0 * m * c.kvWidth())
                            : sequence(c, prompt + m, prompt + m));
                }
            }
        }
        return (long) (Float.BYTES * values);
    }

    private static double decision(TrainedTeam team, PlannedAgent agent, int round, long m, TrainingOptions options,
            List<Map<String, String>> tasks) {
        ModelConfig c = team.model(agent).config();
        long target = longestTarget(team, agent, options, tasks);
        long length = longest(team, agent, round, m, tasks) + target;
        return c.layers() * sequence(c, length, length) + 4.0 * target * c.vocabSize();
    }

    private static long longestTarget(TrainedTeam team, PlannedAgent agent, TrainingOptions options,
            List<Map<String, String>> tasks) {
        long target = 0;
        for (Map<String, String> task : tasks) {
            target = Math.max(target, 1 + team.tokens(agent, options.rules().target(team.plan(), agent, task)).length);
        }
        return target;
    }

    /** Values that one layer keeps for {@code length} positions that see {@code seen}. */
    private static double sequence(ModelConfig c, long length, long seen) {
        return length * (position(c) + 3.0 * c.heads() * seen);
    }

    /** Values that one layer keeps for one position, attention scores aside. */
    private static double position(ModelConfig c) {
        return 10.0 * c.hiddenSize() + 4.0 * c.attentionRows() + 6.0 * c.intermediateSize();
    }

    /** Positions of an agent's longest prompt. */
    private static long longest(TrainedTeam team, PlannedAgent agent, int round, long m,
            List<Map<String, String>> tasks) {
        long longest = 0;
        for (Map<String, String> task : tasks) {
            long length = m * team.plan().incoming(agent, round).size();
            for (PromptPiece piece : agent.user(round).renderLatents(agent.chat(), agent.system(), task.get("question"),
                    new LinkedHashMap<>())) {
                length += team.tokens(agent, piece.text()).length;
            }
            longest = Math.max(longest, length);
        }
        return longest;
    }

    /** Bytes with so many problems at a time in all workers together. */
    long total(int problems) {
        return modelBytes + linkBytes + problems * problemBytes;
    }

    /**
     * The largest part of a batch that fits.
     *
     * @param threads workers, each with a part of its own
     * @throws InputException when not even single problems fit
     */
    int microBatch(TrainingOptions options, int threads) {
        int most = (options.batch() + threads - 1) / threads;
        if (options.microBatch() > 0) {
            most = Math.min(most, options.microBatch());
        }
        long room = options.memory() - modelBytes - linkBytes;
        int fitting = (int) Math.min(most, room / Math.max(1, problemBytes * threads));
        if (fitting < 1 || options.microBatch() > 0 && fitting < most) {
            throw new InputException("--memory", "a step takes about " + gibibytes(total(threads * Math.max(1,
                    options.microBatch()))) + ", more than " + gibibytes(options.memory()),
                    "Give more memory, or fewer --threads, --rounds or --latent-steps"
                    + (options.microBatch() > 1 ? ", or a smaller --micro-batch" : ""), null);
        }
        return fitting;
    }

    /** Problems to measure at a time in each thread, as many as fit and at least 1. */
    int measuredBatch(TrainingOptions options, int threads) {
        long room = options.memory() - modelBytes - linkBytes;
        return (int) Math.max(1, Math.min(MOST_MEASURED, room / Math.max(1, measuredBytes * threads)));
    }

    /** A size in words. */
    static String gibibytes(long bytes) {
        return String.format(Locale.ROOT, "%.1f GiB", bytes / GIB);
    }

    /** One line for a person. */
    String describe(TrainingOptions options, int microBatch, int threads) {
        List<String> parts = new ArrayList<>();
        parts.add("models " + gibibytes(modelBytes));
        parts.add("links " + gibibytes(linkBytes));
        long trained = options.steps() == 0 ? 0 : threads * microBatch * problemBytes;
        if (trained > 0) {
            parts.add(threads + " x " + microBatch + " problems " + gibibytes(trained));
        }
        int batch = measuredBatch(options, threads);
        long measured = threads * batch * measuredBytes;
        parts.add("measuring " + threads + " x " + batch + " problems " + gibibytes(measured));
        return "memory: about " + gibibytes(modelBytes + linkBytes + Math.max(trained, measured)) + " (" + String.join(", ", parts) + ")";
    }
}
