package org.recursivemas.pipeline.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BooleanSupplier;
import org.recursivemas.pipeline.InputException;
import org.recursivemas.pipeline.training.TrainingOptions.Loop;
import org.recursivemas.pipeline.twin.WorkerPool;

/**
 * The training loop. Every draw depends on seed and step only, gradients are added up in the order of the problems, and
 * a checkpoint holds everything else, so that a run on a CPU can be repeated and continued bit for bit.
 */
final class LinkTrainer {
    private static final double NANOS = 1e9;

    private final TrainingOptions options;
    private final TrainedTeam team;
    private final Objective objective;
    private final List<Map<String, String>> tasks;
    private final List<Map<String, String>> heldOut;
    private final Map<String, String> facts;
    private final int microBatch;
    private final int measuredBatch;
    private final WorkerPool<Object> pool;
    private final TrainingListener listener;
    private final BooleanSupplier stop;

    private final LinkSet links;
    private final AdamW optimizer;
    private MetricsFile metrics;
    private int step;
    private double secondsBefore;
    private long began;
    private double startAccuracy;
    private LinkSet best;
    private int bestStep;
    private double bestAccuracy;
    private double bestLoss;

    /**
     * What came of it.
     *
     * @param links the links that were best on held-out problems
     * @param step steps done
     * @param seconds training time over all runs
     * @param startAccuracy of the links that training started from, on the held-out problems
     * @param bestStep step after which the best links stood
     * @param bestAccuracy their accuracy on the held-out problems
     * @param bestLoss their loss on the held-out problems
     * @param metrics all lines
     * @param stopped whether it was stopped before the last step
     */
    record Result(LinkSet links, int step, double seconds, double startAccuracy, int bestStep, double bestAccuracy,
            double bestLoss, List<Measurement> metrics, boolean stopped) {
    }

    /**
     * @param start links to start from, not changed
     * @param tasks problems to train on
     * @param heldOut problems to measure on
     * @param facts what decides the course of training
     * @param microBatch problems at a time
     * @param measuredBatch problems at a time, at most, where they are only measured
     * @param pool workers
     * @param stop asked between parts of a step
     */
    LinkTrainer(TrainingOptions options, TrainedTeam team, LinkSet start, List<Map<String, String>> tasks,
            List<Map<String, String>> heldOut, Map<String, String> facts, int microBatch, int measuredBatch,
            WorkerPool<Object> pool, TrainingListener listener, BooleanSupplier stop) {
        this.options = options;
        this.team = team;
        this.tasks = tasks;
        this.heldOut = heldOut;
        this.facts = facts;
        this.microBatch = microBatch;
        this.measuredBatch = measuredBatch;
        this.pool = pool;
        this.listener = listener;
        this.stop = stop;
        objective = new Objective(team, options.rules(), options.loop(), options.trainInner());
        links = start.copy();
        optimizer = new AdamW((float) options.decay());
    }

    /** Trains from the start. */
    Result train() {
        metrics = new MetricsFile(options.beside(".metrics.jsonl"), List.of());
        began = System.nanoTime();
        best = links.copy();
        Measurement start = new Measurement(0, null, null, null, null, null, 0, null, null);
        double[] measured = measure();
        if (measured == null) {
            return result(true);
        }
        bestLoss = measured[0];
        bestAccuracy = measured[1];
        startAccuracy = measured[1];
        metrics.add(start.with(measured[0], measured[1]));
        listener.measured(0, options.steps(), measured[0], measured[1], true);
        return loop();
    }

    /** Continues from a checkpoint. */
    Result resume(TrainingCheckpoint checkpoint, Path file) {
        checkpoint.requireSame(facts, file);
        step = checkpoint.step();
        secondsBefore = checkpoint.seconds();
        startAccuracy = checkpoint.startAccuracy();
        bestStep = checkpoint.bestStep();
        bestAccuracy = checkpoint.bestAccuracy();
        bestLoss = checkpoint.bestLoss();
        fill(links, checkpoint.part("now/"));
        best = links.copy();
        fill(best, checkpoint.part("best/"));
        optimizer.restore(step, checkpoint.part("m/"), checkpoint.part("v/"));
        metrics = new MetricsFile(options.beside(".metrics.jsonl"), checkpoint.metrics());
        began = System.nanoTime();
        return loop();
    }

    private static void fill(LinkSet set, Map<String, float[]> arrays) {
        set.all().forEach(link -> link.values().forEach((name, values) -> System.arraycopy(arrays.get(link.id() + "/"
                + name), 0, values, 0, values.length)));
    }

    private Result loop() {
        boolean stopped = false;
        while (step < options.steps()) {
            Measurement done = stop.getAsBoolean() ? null : step();
            if (done == null) {
                stopped = true;
                break;
            }
            listener.step(step, options.steps(), done.loss(), done.rounds(), done.latentSteps());
            boolean last = step == options.steps();
            if (last || step % options.checkEvery() == 0) {
                double[] measured = measure();
                if (measured == null) {
                    stopped = true;
                } else {
                    done = done.with(measured[0], measured[1]);
                    boolean better = measured[1] > bestAccuracy || measured[1] == bestAccuracy && measured[0] < bestLoss;
                    if (better) {
                        best = links.copy();
                        bestStep = step;
                        bestLoss = measured[0];
                        bestAccuracy = measured[1];
                    }
                    listener.measured(step, options.steps(), measured[0], measured[1], better);
                }
            }
            metrics.add(done);
            if (stopped) {
                break;
            }
            if (last || step % options.checkpointEvery() == 0) {
                checkpoint();
            }
        }
        if (stopped) {
            checkpoint();
        }
        return result(stopped);
    }

    private Result result(boolean stopped) {
        return new Result(best, step, seconds(), startAccuracy, bestStep, bestAccuracy, bestLoss, metrics.lines(),
                stopped);
    }

    private double seconds() {
        return secondsBefore + (System.nanoTime() - began) / NANOS;
    }

    private void checkpoint() {
        Map<String, float[]> arrays = new LinkedHashMap<>();
        links.all().forEach(link -> link.values().forEach((name, values) -> arrays.put("now/" + link.id() + "/" + name,
                values)));
        best.all().forEach(link -> link.values().forEach((name, values) -> arrays.put("best/" + link.id() + "/" + name,
                values)));
        optimizer.first().forEach((name, values) -> arrays.put("m/" + name, values));
        optimizer.second().forEach((name, values) -> arrays.put("v/" + name, values));
        new TrainingCheckpoint(facts, step, seconds(), startAccuracy, bestStep, bestAccuracy, bestLoss, arrays,
                metrics.lines()).write(options.beside(".checkpoint"));
    }

    /** One step; null when it was stopped before it was done, and then nothing has changed. */
    private Measurement step() {
        Random random = new Random(options.seed() * 0x9E3779B97F4A7C15L + step * 0xBF58476D1CE4E5B9L);
        int rounds = 1 + random.nextInt(team.plan().hasFeedback() ? options.rounds() : 1);
        int latentSteps = options.fewestSteps() + random.nextInt(options.mostSteps() - options.fewestSteps() + 1);
        TeamPass.Settings settings = new TeamPass.Settings(rounds, latentSteps, options.truncation());
        List<List<Map<String, String>>> parts = parts(draw(random), microBatch);
        double[] loss = new double[1];
        long[] tokens = new long[1];
        boolean[] stopped = new boolean[1];
        Map<String, Map<String, float[]>> sums = new LinkedHashMap<>();
        try (GradientCollector collector = TorchEngine.get().collect()) {
            pool.run(parts.size(), (worker, item) -> stop.getAsBoolean() ? null : objective.gradients(links,
                    parts.get(item), settings, collector), (item, part) -> {
                        if (part == null) {
                            stopped[0] = true;
                            return false;
                        }
                        if (!Double.isFinite(part.loss())) {
                            throw broken(parts.get(item), settings, part);
                        }
                        loss[0] += part.loss();
                        tokens[0] += part.tokens();
                        add(part.gradients(), sums);
                        return true;
                    });
        }
        if (stopped[0]) {
            return null;
        }
        double norm = norm(sums, tokens[0], settings);
        double rate = options.rateAt(step);
        double scale = Math.min(1, options.clip() / (norm + 1e-6)) / tokens[0];
        optimizer.begin();
        sums.forEach((id, tensors) -> tensors.forEach((name, gradient) -> optimizer.update(id + "/" + name,
                links.get(id).values().get(name), gradient, scale, rate)));
        step++;
        return new Measurement(step, loss[0] / tokens[0], rate, norm, rounds, latentSteps, seconds(), null, null);
    }

    /** The problems of a step, without repetition. */
    private List<Map<String, String>> draw(Random random) {
        int count = Math.min(options.batch(), tasks.size());
        Map<Integer, Integer> moved = new LinkedHashMap<>(); // the first draws of a shuffle of all indices
        List<Map<String, String>> drawn = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int j = i + random.nextInt(tasks.size() - i);
            drawn.add(tasks.get(moved.getOrDefault(j, j)));
            moved.put(j, moved.getOrDefault(i, i));
        }
        return drawn;
    }

    /** Parts of at most {@code most} problems of similar length. */
    static List<List<Map<String, String>>> parts(List<Map<String, String>> drawn, int most) {
        List<Map<String, String>> sorted = new ArrayList<>(drawn);
        sorted.sort(Comparator.comparingInt(task -> task.get("question").length()));
        int count = (sorted.size() + most - 1) / most;
        List<List<Map<String, String>>> parts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            parts.add(sorted.subList(sorted.size() * i / count, sorted.size() * (i + 1) / count));
        }
        return parts;
    }

    private static void add(Map<String, Map<String, float[]>> part, Map<String, Map<String, float[]>> sums) {
        part.forEach((id, tensors) -> tensors.forEach((name, gradient) -> {
            float[] sum = sums.computeIfAbsent(id, key -> new LinkedHashMap<>()).putIfAbsent(name, gradient);
            for (int i = 0; sum != null && i < sum.length; i++) {
                sum[i] += gradient[i];
            }
        }));
    }

    /** Norm of the mean gradient; every value must be finite. */
    private double norm(Map<String, Map<String, float[]>> sums, long tokens, TeamPass.Settings settings) {
        double squares = 0;
        for (Map.Entry<String, Map<String, float[]>> link : sums.entrySet()) {
            for (Map.Entry<String, float[]> tensor : link.getValue().entrySet()) {
                double own = 0;
                for (float g : tensor.getValue()) {
                    own += (double) g * g;
                }
                if (!Double.isFinite(own)) {
                    throw new InputException("step " + (step + 1) + ", link \"" + link.getKey() + "\", "
                            + tensor.getKey(), "its gradient is not finite (" + settings.rounds() + " rounds, "
                            + settings.latentSteps() + " latent steps)", remedy(), null);
                }
                squares += own;
            }
        }
        return Math.sqrt(squares) / tokens;
    }

    private static String remedy() {
        return "Start from the links in closed form, lower --rate, or use fewer latent steps; the checkpoint before it "
                + "is kept";
    }

    /** Finds the first link whose output is not finite. */
    private InputException broken(List<Map<String, String>> part, TeamPass.Settings settings, Objective.Part result) {
        String[] first = new String[1];
        if (options.loop() != Loop.INNER) {
            try (NDManager manager = TorchEngine.get().newManager()) {
                TeamPass.decision(team, new LinkArrays(links, link -> false, manager), settings, part.stream().map(task
                        -> task.get("question")).toList(), null, null, (link, round, output) -> {
                            if (first[0] == null && !finite(output)) {
                                first[0] = "link \"" + link + "\", round " + round;
                            }
                        }, manager);
            }
        }
        return new InputException("step " + (step + 1) + ", " + (first[0] == null ? "the loss of " + settings.rounds()
                + " rounds and " + settings.latentSteps() + " latent steps" : first[0]), first[0] == null
                ? "it is " + result.loss() : "its output is not finite", remedy(), null);
    }

    private static boolean finite(NDArray array) {
        for (float value : array.toFloatArray()) {
            if (!Float.isFinite(value)) {
                return false;
            }
        }
        return true;
    }

    /** Loss and accuracy on the held-out problems at the deepest and mean setting; null when it was stopped. */
    private double[] measure() {
        int rounds = team.plan().hasFeedback() ? Math.min(options.rounds(), team.file().rounds) : 1;
        int latentSteps = Math.max(1, team.file().latentSteps);
        TeamPass.Settings settings = new TeamPass.Settings(rounds, latentSteps, 0);
        double[] loss = new double[1];
        long[] tokens = new long[1];
        List<List<Map<String, String>>> parts = parts(heldOut, Answering.atATime(heldOut.size(), measuredBatch, pool));
        boolean[] stopped = new boolean[1];
        pool.run(parts.size(), (worker, item) -> stop.getAsBoolean() ? null : objective.loss(links, parts.get(item),
                settings), (item, part) -> {
                    if (part == null) {
                        stopped[0] = true;
                        return false;
                    }
                    loss[0] += part.loss();
                    tokens[0] += part.tokens();
                    return true;
                });
        int right = stopped[0] ? -1 : Answering.right(team, links, settings, heldOut, measuredBatch, pool, stop);
        return right < 0 ? null : new double[] {loss[0] / tokens[0], (double) right / heldOut.size()};
    }
}
