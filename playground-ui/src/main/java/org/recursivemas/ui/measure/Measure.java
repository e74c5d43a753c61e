package org.recursivemas.ui.measure;

import java.util.List;
import java.util.Random;
import org.recursivemas.data.RunReport;
import org.recursivemas.measure.RunSummary;
import org.recursivemas.ui.PlaygroundController;
import org.recursivemas.ui.PlaygroundState;
import org.recursivemas.ui.View;

/** Puts these views together: comparison and sharing for the page of a run, history and benchmark as pages of their own. */
public final class Measure {
    private final View compare;
    private final View share;
    private final View history;
    private final View benchmark;
    private final History runs;
    private final Benchmarks benchmarks;
    private final Runner runner;

    /**
     * @param controller whose runs are kept; nothing has been started on it yet
     * @param changed has the views rendered
     */
    public Measure(PlaygroundController controller, PlaygroundState state, Runnable changed) {
        Json json = new BrowserJson();
        Store store = IndexedStore.exists() ? new IndexedStore() : new VisitStore();
        Identity identity = new PageIdentity();
        runner = new Runner(controller, state);
        runs = new History(store, json, identity, runner, changed);
        benchmarks = new Benchmarks(state, runner, store, json, changed);
        Comparing comparing = new Comparing(state, runner, runs, changed);
        Replaying replaying = new Replaying(state, runner, runs, changed);
        ShareView sharing = new ShareView(controller, state);
        controller.observe(runs);
        controller.observe(sharing);
        compare = new CompareView(comparing);
        share = sharing;
        history = new HistoryView(runs, new RunDetail(runs, replaying, controller, json));
        benchmark = new BenchmarkView(benchmarks, new BenchmarkForm(benchmarks, state, json, identity), json);
    }

    /** Reads what was kept before. */
    public void load() {
        runs.load();
        benchmarks.load();
    }

    /** Does several runs one after the other, for other sections too. */
    public Runner runner() {
        return runner;
    }

    /** Keeps a run of the guided tour. */
    public void keepOfTour(RunReport report) {
        runs.keep(RunSummary.TOUR, report);
    }

    /** What belongs on the page of a run. */
    public List<View> besideRun() {
        return List.of(compare, share);
    }

    public View history() {
        return history;
    }

    public View benchmark() {
        return benchmark;
    }

    /** The clock and chance of the page. */
    private static final class PageIdentity implements Identity {
        private static final String DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz";
        private final Random random = new Random();

        @Override
        public double now() {
            return System.currentTimeMillis();
        }

        @Override
        public String next() {
            StringBuilder name = new StringBuilder(Long.toString(System.currentTimeMillis()));
            while (name.length() < 14) {
                name.insert(0, '0');
            }
            name.append('-');
            for (int i = 0; i < 8; i++) {
                name.append(DIGITS.charAt(random.nextInt(DIGITS.length())));
            }
            return name.toString();
        }
    }
}
