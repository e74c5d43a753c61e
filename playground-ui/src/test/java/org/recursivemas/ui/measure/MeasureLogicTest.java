package org.recursivemas.ui.measure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.recursivemas.data.RunReport;
import org.recursivemas.measure.BenchmarkPlan;
import org.recursivemas.measure.Conditions;
import org.recursivemas.measure.Problem;
import org.recursivemas.measure.RunSummary;
import org.recursivemas.measure.Setting;
import org.recursivemas.ui.PlaygroundController;
import org.recursivemas.ui.PlaygroundState;
import org.recursivemas.ui.fake.FakePlayground;

/** History, comparison, benchmark and replay behind the views, with a scripted playground and a store that can fail. */
class MeasureLogicTest {
    private final JacksonJson json = new JacksonJson();
    private final TestStore store = new TestStore();
    private final FakePlayground.Options options = new FakePlayground.Options();
    private Page page = new Page();

    /** What one visit to the page has. */
    private final class Page {
        final Deque<Runnable> later = new ArrayDeque<>();
        final FakePlayground playground = new FakePlayground(options, (millis, what) -> later.add(what));
        final PlaygroundState state = new PlaygroundState();
        final PlaygroundController controller = new PlaygroundController(playground, state, () -> 5, () -> { });
        final Runner runner = new Runner(controller, state);
        final History history;
        final Benchmarks benchmarks;
        final Comparing comparing;
        final Replaying replaying;

        Page() {
            Identity identity = new Identity() {
                private int count;

                @Override
                public double now() {
                    return 1e12 + count;
                }

                @Override
                public String next() {
                    return "id-" + (1000 + count++);
                }
            };
            history = new History(store, json, identity, runner, () -> { });
            benchmarks = new Benchmarks(state, runner, store, json, () -> { });
            comparing = new Comparing(state, runner, history, () -> { });
            replaying = new Replaying(state, runner, history, () -> { });
            controller.observe(history);
            controller.start("team.json");
            drain();
            history.load();
            benchmarks.load();
            controller.newProblem();
        }

        void drain() {
            until(later::isEmpty);
        }

        void until(BooleanSupplier condition) {
            while (!condition.getAsBoolean()) {
                assertFalse(later.isEmpty(), "nothing left to do");
                later.remove().run();
            }
        }
    }

    private static BenchmarkPlan plan(int problems) {
        List<Problem> list = java.util.stream.IntStream.range(0, problems)
                .mapToObj(i -> new Problem("Problem " + i + "?", Integer.toString(i))).toList();
        return new BenchmarkPlan("bench-1", 1e12, "demo", "", "tasks", list,
                List.of(Setting.latent(1, 8), Setting.text(1), Setting.single()), Conditions.plain(0, 3, Map.of()));
    }

    @Test
    void aRunIsKeptAndFoundAgainByTheNextVisit() {
        page.controller.run();
        page.drain();
        assertEquals(1, page.history.lines().size());
        page = new Page();
        RunSummary line = page.history.lines().get(0);
        assertEquals(List.of("latent/2/16", "text/2/0", "single/1/0"), line.ways());
        page.history.open(line);
        RunReport report = page.history.report();
        assertEquals(3, report.modes.size());
        assertEquals(14.0, report.modes.get(0).stages.get(0).hiddenNorms[0]);
        page.history.delete(line);
        assertNull(page.history.report());
        page = new Page();
        assertEquals(List.of(), page.history.lines());
    }

    @Test
    void aStoppedRunIsKeptWithWhatHadEnded() {
        page.controller.run();
        page.until(() -> page.state.report() == null && page.state.run("latent").report() != null);
        page.controller.stop();
        page.drain();
        assertEquals(List.of("latent/2/16"), page.history.lines().get(0).ways());
    }

    @Test
    void fullStorageIsSaidAndTheRunCanStillBeExported() {
        store.fault = MeasureTexts.storageFailed("QuotaExceededError", "x");
        page.controller.run();
        page.drain();
        assertTrue(page.history.fault().contains("storage for this site is full"), page.history.fault());
        assertEquals(List.of(), page.history.lines());
        assertNotNull(page.history.report());
        store.fault = null;
        page.controller.run();
        page.drain();
        assertNull(page.history.fault());
        assertEquals(1, page.history.lines().size());
    }

    @Test
    void allWaysRunInOneGoAndAreKeptAsOneRun() {
        assertNull(page.comparing.blocked());
        page.comparing.start();
        assertEquals(MeasureTexts.COMPARING, page.state.runBlocked() == null ? "" : page.comparing.blocked());
        page.drain();
        assertEquals(MeasureTexts.COMPARED, page.comparing.said());
        assertEquals(5, page.comparing.reports().size());
        RunSummary line = page.history.lines().get(0);
        assertEquals(1, page.history.lines().size());
        assertEquals(List.of("latent/2/16", "text/2/0", "text/1/0", "single/1/0", "latent/2/0"), line.ways());
        assertEquals("compare", line.kind());
        assertEquals(4, line.right());
        assertNull(page.state.runBlocked());
    }

    @Test
    void aFailureEndsAComparisonWithItsReason() {
        options.runError = "The GPU ran hot.";
        page.comparing.start();
        page.drain();
        assertEquals("The GPU ran hot.", page.comparing.said());
        assertEquals(List.of("latent/2/16"), page.history.lines().get(0).ways());
        assertNull(page.state.runBlocked());
        assertNull(page.runner.job());
    }

    @Test
    void aStoppedComparisonLetsThePageGo() {
        page.comparing.start();
        page.until(() -> page.comparing.reports().size() == 2);
        page.runner.stop();
        page.drain();
        assertEquals(MeasureTexts.COMPARE_STOPPED, page.comparing.said());
        assertNull(page.runner.job());
        assertEquals(2, page.history.lines().get(0).ways().size());
    }

    @Test
    void aBenchmarkThatIsStoppedGoesOnWithTheNextProblem() {
        page.benchmarks.begin(plan(3));
        page.until(() -> page.benchmarks.open().done() == 4);
        page.benchmarks.stop();
        page.drain();
        assertEquals(MeasureTexts.BENCHMARK_STOPPED, page.benchmarks.said());
        assertEquals(4, page.benchmarks.open().done());
        page.benchmarks.resume();
        page.drain();
        assertEquals(9, page.benchmarks.open().done());
        assertEquals(MeasureTexts.BENCHMARK_DONE, page.benchmarks.said());
        assertEquals(3, page.benchmarks.open().tally(Setting.latent(1, 8)).right());
        assertEquals(0, page.history.lines().size(), "trials are not runs of the history");
    }

    @Test
    void aReloadLosesNothingFinished() {
        page.benchmarks.begin(plan(2));
        page.until(() -> page.benchmarks.open().done() == 4);
        page = new Page();
        assertEquals(4, page.benchmarks.open().done());
        assertEquals(Map.of("team", "sha256:0"), page.benchmarks.open().artifacts());
        page.benchmarks.resume();
        page.drain();
        assertEquals(6, page.benchmarks.open().done());
        assertEquals("Problem 1?", page.playground.request.problem());
        page.benchmarks.delete(page.benchmarks.open());
        page = new Page();
        assertNull(page.benchmarks.open());
        assertEquals(List.of(), page.benchmarks.kept());
    }

    @Test
    void aBenchmarkStopsWhenItsTrialsCannotBeKept() {
        page.benchmarks.begin(plan(2));
        page.until(() -> page.benchmarks.open().done() == 2);
        store.fault = "full";
        page.drain();
        assertEquals("full", page.benchmarks.fault());
        assertFalse(page.benchmarks.running());
        store.fault = null;
        page = new Page();
        assertEquals(2, page.benchmarks.open().done());
    }

    @Test
    void aBenchmarkWhoseEngineIsLostCanBeResumed() {
        options.crashesIn = "critic:1";
        page.benchmarks.begin(plan(1));
        page.drain();
        assertEquals("The worker ended. Restart the engine.", page.benchmarks.fault());
        page.benchmarks.resume();
        page.drain();
        assertNull(page.benchmarks.fault());
        assertEquals(3, page.benchmarks.open().done());
    }

    @Test
    void aReplayFindsTheSameAgain() {
        page.controller.run();
        page.drain();
        page.history.open(page.history.lines().get(0));
        page.replaying.start(page.history.report());
        page.drain();
        assertEquals(List.of(), page.replaying.diff().differences(), page.replaying.said());
        assertEquals("replay", page.history.lines().get(1).kind());
    }

    @Test
    void aReplayOfAChangedReportTellsWhatDiffers() {
        page.controller.run();
        page.drain();
        page.history.open(page.history.lines().get(0));
        String text = json.write(page.history.report()).replace("\"answer\":\"3\"", "\"answer\":\"4\"")
                .replace("sha256:0", "sha256:1");
        page.history.importFile("mine.json", text);
        assertEquals("import", page.history.open().kind());
        page.replaying.start(page.history.report());
        page.drain();
        assertEquals(1, page.replaying.diff().differences().size());
        assertEquals("answer", page.replaying.diff().differences().get(0).field());
        assertEquals(List.of("team"), page.replaying.diff().changedArtifacts());
    }

    @Test
    void aReportOfAnotherTeamIsNotReplayed() {
        page.controller.run();
        page.drain();
        page.history.open(page.history.lines().get(0));
        page.history.report().team = "other";
        page.replaying.start(page.history.report());
        assertTrue(page.replaying.said().contains("team \"other\""), page.replaying.said());
        assertNull(page.runner.job());
    }

    @Test
    void anExportedHistoryComesBackWhole() {
        page.controller.run();
        page.drain();
        page.comparing.start();
        page.drain();
        String[] exported = new String[1];
        page.history.exportAll(text -> exported[0] = text);
        page.history.deleteAll();
        assertEquals(List.of(), page.history.lines());
        page.history.importFile("all.json", exported[0]);
        assertEquals(List.of(3, 5), page.history.lines().stream().map(line -> line.ways().size()).toList());
        page.history.importFile("broken.json", exported[0].substring(0, 100));
        assertTrue(page.history.fault().startsWith("broken.json: is not JSON"), page.history.fault());
        page.history.importFile("other.json", "{\"format\":\"recursivemas.team\"}");
        assertTrue(page.history.fault().startsWith("other.json: format"), page.history.fault());
        assertEquals(2, page.history.lines().size(), "nothing of a broken file was taken");
    }
}
