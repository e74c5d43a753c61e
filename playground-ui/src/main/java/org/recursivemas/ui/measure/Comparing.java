package org.recursivemas.ui.measure;

import java.util.ArrayList;
import java.util.List;
import org.recursivemas.data.ModeReport;
import org.recursivemas.data.RunReport;
import org.recursivemas.measure.Comparison;
import org.recursivemas.measure.Replay;
import org.recursivemas.measure.RunSummary;
import org.recursivemas.measure.Setting;
import org.recursivemas.playground.RunRequest;
import org.recursivemas.team.Mode;
import org.recursivemas.ui.PlaygroundState;

/** All ways of answering on the problem of the page, in one go. Without any document. */
final class Comparing implements Runner.Job {
    private final PlaygroundState state;
    private final Runner runner;
    private final History history;
    private final Runnable changed;
    private final List<RunRequest> waiting = new ArrayList<>();
    private final List<ModeReport> reports = new ArrayList<>();
    private RunReport sum;
    private int total;
    private String said = "";
    private int version;

    Comparing(PlaygroundState state, Runner runner, History history, Runnable changed) {
        this.state = state;
        this.runner = runner;
        this.history = history;
        this.changed = changed;
    }

    /** Why it cannot begin, for people, or null. */
    String blocked() {
        if (runner.blocked() != null) {
            return runner.blocked();
        }
        return state.problem().isBlank() ? MeasureTexts.NO_PROBLEM : state.conditionsError();
    }

    private String refused(Setting setting) {
        return state.latentRefused(setting.rounds(), setting.latentSteps());
    }

    /** Why latent ways are left out, for people, or null when they are not. */
    String leftOut() {
        return state.latentRefused(state.rounds(), state.latentSteps());
    }

    void start() {
        reports.clear();
        sum = null;
        waiting.clear();
        for (Setting setting : Comparison.settings(state.rounds(), state.latentSteps())) {
            if (!setting.mode().equals(Mode.LATENT) || refused(setting) == null) {
                waiting.add(setting.request(state.problem(), state.expected(), state.conditions()));
            }
        }
        total = waiting.size();
        version++;
        runner.start(this);
    }

    @Override
    public String title() {
        return MeasureTexts.COMPARING;
    }

    @Override
    public RunRequest next() {
        said = waiting.isEmpty() ? "" : MeasureTexts.step(total - waiting.size() + 1, total);
        return waiting.isEmpty() ? null : waiting.remove(0);
    }

    @Override
    public void ended(RunReport report, Runnable goOn) {
        reports.addAll(report.modes);
        sum = Replay.merge(sum, report);
        version++;
        changed.run();
        goOn.run();
    }

    @Override
    public void over(String failure, boolean stopped) {
        if (sum != null) {
            history.keep(RunSummary.COMPARE, sum);
        }
        said = failure != null ? failure : stopped ? MeasureTexts.COMPARE_STOPPED : MeasureTexts.COMPARED;
        version++;
        changed.run();
    }

    /** What has ended so far, latent first. */
    List<ModeReport> reports() {
        return reports;
    }

    String said() {
        return said;
    }

    boolean running() {
        return runner.job() == this;
    }

    int version() {
        return version;
    }
}
