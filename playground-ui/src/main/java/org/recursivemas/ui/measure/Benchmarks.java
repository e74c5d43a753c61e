package org.recursivemas.ui.measure;

import java.util.ArrayList;
import java.util.List;
import org.recursivemas.data.FormatException;
import org.recursivemas.data.RunReport;
import org.recursivemas.measure.Benchmark;
import org.recursivemas.measure.BenchmarkPlan;
import org.recursivemas.measure.Trial;
import org.recursivemas.playground.RunRequest;
import org.recursivemas.ui.PlaygroundState;

/**
 * The benchmarks that were kept, and the one that is looked at or runs. Every finished trial is kept before the next
 * begins, so a reload loses none. Without any document.
 */
final class Benchmarks implements Runner.Job {
    private final PlaygroundState state;
    private final Runner runner;
    private final Store store;
    private final Json json;
    private final Runnable changed;
    private final List<Benchmark> kept = new ArrayList<>();
    private Benchmark open;
    private Benchmark.Work work;
    private String fault;
    private String said = "";
    private int version;

    Benchmarks(PlaygroundState state, Runner runner, Store store, Json json, Runnable changed) {
        this.state = state;
        this.runner = runner;
        this.store = store;
        this.json = json;
        this.changed = changed;
    }

    /** Reads what was kept before; the latest one is opened. */
    void load() {
        store.read(Store.BENCHMARKS, "", found -> {
            kept.clear();
            for (String text : found) {
                try {
                    Benchmark benchmark = Benchmark.of(json.parse(text), "a benchmark");
                    kept.add(benchmark);
                    restore(benchmark);
                } catch (FormatException | IllegalArgumentException e) {
                    fault = e.getMessage();
                }
            }
            open = kept.isEmpty() ? null : kept.get(kept.size() - 1);
            change();
        }, this::fail);
    }

    private void restore(Benchmark benchmark) {
        store.read(Store.TRIALS, benchmark.plan().id() + "/", trials -> {
            for (String trial : trials) {
                try {
                    benchmark.restore(Trial.of(json.parse(trial), "a trial of " + benchmark.plan().id()));
                } catch (FormatException | IllegalArgumentException e) {
                    fault = e.getMessage();
                }
            }
            change();
        }, this::fail);
    }

    private void change() {
        version++;
        changed.run();
    }

    private void fail(String why) {
        fault = why;
        change();
    }

    /** Keeps a new benchmark and begins with it. */
    void begin(BenchmarkPlan plan) {
        Benchmark fresh = new Benchmark(plan);
        fault = null;
        store.write(List.of(head(fresh)), () -> {
            kept.add(fresh);
            open = fresh;
            resume();
        }, this::fail);
    }

    private Store.Change head(Benchmark benchmark) {
        return Store.Change.put(Store.BENCHMARKS, benchmark.plan().id(), json.write(benchmark.headTree(), false));
    }

    /** Goes on with the open benchmark where it stopped. */
    void resume() {
        fault = null;
        String reason = resumeBlocked();
        if (reason != null) {
            fail(reason);
            return;
        }
        runner.start(this);
        change();
    }

    /** Why the open benchmark cannot go on, for people, or null. */
    String resumeBlocked() {
        if (open == null) {
            return MeasureTexts.NO_BENCHMARK;
        }
        if (runner.blocked() != null) {
            return runner.blocked();
        }
        if (open.next() == null) {
            return MeasureTexts.BENCHMARK_DONE;
        }
        boolean same = state.team() != null && open.plan().team().equals(state.team().id);
        return same ? null : MeasureTexts.otherTeam(open.plan().team());
    }

    String startBlocked() {
        return runner.blocked();
    }

    void stop() {
        if (running()) {
            runner.stop();
            change();
        }
    }

    boolean running() {
        return runner.job() == this;
    }

    boolean stopping() {
        return running() && runner.stopping();
    }

    @Override
    public String title() {
        return MeasureTexts.BENCHMARKING;
    }

    @Override
    public RunRequest next() {
        work = open.next();
        return work == null ? null : open.request(work);
    }

    @Override
    public void ended(RunReport report, Runnable goOn) {
        Benchmark benchmark = open;
        boolean first = benchmark.artifacts().isEmpty();
        Trial trial = benchmark.add(work, report);
        List<Store.Change> changes = new ArrayList<>();
        if (first) {
            changes.add(head(benchmark));
        }
        changes.add(Store.Change.put(Store.TRIALS, benchmark.plan().id() + "/" + trial.key(),
                json.write(trial.toTree(), false)));
        store.write(changes, () -> {
            change();
            goOn.run();
        }, runner::fail);
    }

    @Override
    public void over(String failure, boolean stopped) {
        fault = failure;
        said = failure != null ? "" : stopped ? MeasureTexts.BENCHMARK_STOPPED : MeasureTexts.BENCHMARK_DONE;
        change();
    }

    void open(Benchmark benchmark) {
        if (!running()) {
            open = benchmark;
            said = "";
            change();
        }
    }

    void delete(Benchmark benchmark) {
        if (running() && benchmark == open) {
            return;
        }
        String id = benchmark.plan().id();
        store.write(List.of(Store.Change.delete(Store.BENCHMARKS, id), Store.Change.deleteAll(Store.TRIALS, id + "/")),
                () -> {
                    kept.remove(benchmark);
                    if (open == benchmark) {
                        open = null;
                    }
                    fault = null;
                    said = MeasureTexts.DELETED;
                    change();
                }, this::fail);
    }

    /** Shows what went wrong before a benchmark could begin. */
    void refuse(String why) {
        fail(why);
    }

    List<Benchmark> kept() {
        return kept;
    }

    Benchmark open() {
        return open;
    }

    String fault() {
        return fault;
    }

    String said() {
        return said;
    }

    String fleeting() {
        return store.fleeting();
    }

    int version() {
        return version;
    }
}
