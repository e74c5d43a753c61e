package org.recursivemas.ui.measure;

import java.util.ArrayList;
import java.util.List;
import org.recursivemas.data.RunReport;
import org.recursivemas.measure.Replay;
import org.recursivemas.measure.ReportDiff;
import org.recursivemas.measure.RunSummary;
import org.recursivemas.playground.RunRequest;
import org.recursivemas.ui.PlaygroundState;

/** Repeats the run of a report and compares. Without any document. */
final class Replaying implements Runner.Job {
    private final PlaygroundState state;
    private final Runner runner;
    private final History history;
    private final Runnable changed;
    private final List<RunRequest> waiting = new ArrayList<>();
    private RunReport recorded;
    private RunReport repeated;
    private ReportDiff diff;
    private String said = "";
    private int total;
    private int version;

    Replaying(PlaygroundState state, Runner runner, History history, Runnable changed) {
        this.state = state;
        this.runner = runner;
        this.history = history;
        this.changed = changed;
    }

    void start(RunReport report) {
        waiting.clear();
        diff = null;
        repeated = null;
        recorded = report;
        try {
            waiting.addAll(Replay.requests(report, state.team()));
            total = waiting.size();
            runner.start(this);
        } catch (IllegalArgumentException | IllegalStateException e) {
            said = e.getMessage();
        }
        version++;
        changed.run();
    }

    String blocked() {
        return runner.blocked();
    }

    @Override
    public String title() {
        return MeasureTexts.REPLAYING;
    }

    @Override
    public RunRequest next() {
        said = waiting.isEmpty() ? "" : MeasureTexts.step(total - waiting.size() + 1, total);
        version++;
        return waiting.isEmpty() ? null : waiting.remove(0);
    }

    @Override
    public void ended(RunReport report, Runnable goOn) {
        repeated = Replay.merge(repeated, report);
        goOn.run();
    }

    @Override
    public void over(String failure, boolean stopped) {
        if (failure != null || stopped) {
            said = failure != null ? failure : MeasureTexts.REPLAY_STOPPED;
        } else {
            diff = ReportDiff.of(recorded, repeated);
            said = diff.differences().isEmpty() ? MeasureTexts.sameAgain(diff.compared())
                    : MeasureTexts.differs(diff.differences().size(), diff.compared());
            history.keep(RunSummary.REPLAY, repeated);
        }
        version++;
        changed.run();
    }

    /** What came out, or null while nothing has. */
    ReportDiff diff() {
        return diff;
    }

    /** The report that was repeated last, or null. */
    RunReport recorded() {
        return recorded;
    }

    String said() {
        return said;
    }

    int version() {
        return version;
    }
}
