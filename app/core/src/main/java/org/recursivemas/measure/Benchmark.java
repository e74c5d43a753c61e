package org.recursivemas.measure;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.recursivemas.data.FormatException;
import org.recursivemas.data.ModeReport;
import org.recursivemas.data.RunReport;
import org.recursivemas.playground.RunRequest;

/**
 * A benchmark and what is finished of it. It goes problem by problem, each in every setting, so that all settings can
 * be compared at any time; what is finished is never run again.
 */
public final class Benchmark {
    public static final String FORMAT = "recursivemas.benchmark";
    public static final int VERSION = 1;
    /** The views' script: it computes nothing, so a newer one does not spoil a benchmark. */
    private static final String PAGE = "app.js";

    private final BenchmarkPlan plan;
    private final Map<String, Trial> trials = new LinkedHashMap<>();
    private Map<String, String> artifacts = new LinkedHashMap<>();
    private Map<String, String> environment = new LinkedHashMap<>();

    public Benchmark(BenchmarkPlan plan) {
        this.plan = plan;
    }

    public BenchmarkPlan plan() {
        return plan;
    }

    /** Something to run. */
    public record Work(int problem, Setting setting) {
    }

    /** What is to be run next, or null when all is done. */
    public Work next() {
        for (int i = 0; i < plan.problems().size(); i++) {
            for (Setting setting : plan.settings()) {
                if (!trials.containsKey(i + "/" + setting.key())) {
                    return new Work(i, setting);
                }
            }
        }
        return null;
    }

    public RunRequest request(Work work) {
        Problem problem = plan.problems().get(work.problem());
        return work.setting().request(problem.question(), problem.answer(), plan.conditions());
    }

    /**
     * Enters what a run of {@code work} reported.
     *
     * @return the trial
     * @throws IllegalStateException for people, when other models, links or scripts took part than before: their
     *     results must not be mixed
     */
    public Trial add(Work work, RunReport report) {
        ModeReport mode = report.modes.get(0);
        if (artifacts.isEmpty()) {
            artifacts = new LinkedHashMap<>(report.artifacts);
            environment = new LinkedHashMap<>(report.environment);
        } else {
            List<String> changed = ReportDiff.changedArtifacts(artifacts, report.artifacts);
            changed.remove(PAGE);
            if (!changed.isEmpty()) {
                throw new IllegalStateException("This benchmark was begun with other files (" + String.join(", ", changed)
                        + "), and results of both must not be mixed. Export it, and begin a new one.");
            }
        }
        Trial trial = Trial.of(work.problem(), work.setting(), mode);
        trials.put(trial.key(), trial);
        return trial;
    }

    /** Enters a trial that was kept. One that is not part of the plan is refused. */
    public void restore(Trial trial) {
        boolean known = trial.problem() < plan.problems().size()
                && plan.settings().stream().anyMatch(setting -> setting.key().equals(trial.setting()));
        if (!known) {
            throw new IllegalArgumentException("trial " + trial.key() + " is not part of benchmark " + plan.id());
        }
        trials.put(trial.key(), trial);
    }

    public Collection<Trial> trials() {
        return Collections.unmodifiableCollection(trials.values());
    }

    public int done() {
        return trials.size();
    }

    public int total() {
        return plan.problems().size() * plan.settings().size();
    }

    /** SHA-256 of what took part, by name; empty before the first trial. */
    public Map<String, String> artifacts() {
        return artifacts;
    }

    /** Device and engine of the first trial. */
    public Map<String, String> environment() {
        return environment;
    }

    /** What the finished trials of a setting say together, or null while there are none. */
    public Tally tally(Setting setting) {
        List<Trial> own = new ArrayList<>();
        for (Trial trial : trials.values()) {
            if (trial.setting().equals(setting.key())) {
                own.add(trial);
            }
        }
        return Tally.of(setting, own);
    }

    /** Of every setting that has finished trials, in the order of the plan. */
    public List<Tally> tallies() {
        List<Tally> tallies = new ArrayList<>();
        for (Setting setting : plan.settings()) {
            Tally tally = tally(setting);
            if (tally != null) {
                tallies.add(tally);
            }
        }
        return tallies;
    }

    /** Plan and files, without trials: what is kept once. */
    public Map<String, Object> headTree() {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("format", FORMAT);
        tree.put("version", VERSION);
        tree.put("plan", plan.toTree());
        tree.put("artifacts", artifacts);
        tree.put("environment", environment);
        return tree;
    }

    /** All of it, with what the trials say together. */
    public Map<String, Object> toTree() {
        Map<String, Object> tree = headTree();
        List<Object> sums = new ArrayList<>();
        for (Tally tally : tallies()) {
            Map<String, Object> sum = new LinkedHashMap<>();
            sum.put("setting", tally.setting().key());
            sum.put("problems", tally.total());
            sum.put("right", tally.right());
            sum.put("accuracy", tally.accuracy());
            sum.put("low", tally.interval().low());
            sum.put("high", tally.interval().high());
            sum.put("decoded_tokens", tally.tokens());
            sum.put("positions", tally.positions());
            sum.put("seconds", tally.seconds());
            sums.add(sum);
        }
        tree.put("summary", sums);
        List<Object> list = new ArrayList<>();
        trials.values().forEach(trial -> list.add(trial.toTree()));
        tree.put("trials", list);
        return tree;
    }

    /**
     * Reads {@link #headTree} or {@link #toTree}.
     *
     * @param file where it comes from, for messages
     * @throws FormatException naming the field that does not fit
     */
    public static Benchmark of(Object tree, String file) {
        Fields fields = Fields.of(tree, file, FORMAT, VERSION);
        Fields head = Fields.of(((Map<?, ?>) tree).get("plan"), file + ", plan");
        Benchmark benchmark;
        try {
            benchmark = new Benchmark(BenchmarkPlan.of(head));
        } catch (FormatException e) {
            throw e;
        } catch (IllegalArgumentException e) {
            throw fields.fault("plan", e.getMessage());
        }
        benchmark.artifacts = fields.map("artifacts");
        benchmark.environment = fields.map("environment");
        if (((Map<?, ?>) tree).get("trials") != null) {
            for (Fields trial : fields.objects("trials")) {
                try {
                    benchmark.restore(Trial.of(trial));
                } catch (IllegalArgumentException e) {
                    throw fields.fault("trials", e.getMessage());
                }
            }
        }
        return benchmark;
    }
}
