package org.recursivemas.ui.learn;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.recursivemas.data.RunReport;
import org.recursivemas.data.Team;
import org.recursivemas.learn.Tour;
import org.recursivemas.playground.RunRequest;
import org.recursivemas.team.LinkIndex;
import org.recursivemas.ui.PlaygroundController;
import org.recursivemas.ui.RunObserver;
import org.recursivemas.ui.measure.Runner;

/** Does the tour's runs. Without any document. */
final class Touring implements Runner.Job, RunObserver {
    private final PlaygroundController controller;
    private final Runner runner;
    private final Consumer<RunReport> keep;
    private final Runnable changed;
    private final Tour tour = new Tour();
    private final List<Tour.Way> waiting = new ArrayList<>();
    private Tour.Way present;
    private String said = "";
    private int version;

    /** @param keep takes every report of a run */
    Touring(PlaygroundController controller, Runner runner, Consumer<RunReport> keep, Runnable changed) {
        this.controller = controller;
        this.runner = runner;
        this.keep = keep;
        this.changed = changed;
        controller.observe(this);
    }

    @Override
    public void onTeam(Team team) {
        tour.open(team);
        if (tour.problem() == null) {
            tour.take(controller.freshProblem());
        }
        said = "";
        update();
    }

    Tour tour() {
        return tour;
    }

    /** Why nothing can be run on this page now, for people, or null. */
    String blocked() {
        return tour.problem() == null ? LearnTexts.NO_TEAM : runner.blocked();
    }

    /** What the open team lacks for what Run would do on this page, for people, or null. */
    String lacking(LinkIndex links) {
        if (tour.problem() != null) {
            for (Tour.Way way : tour.toRun()) {
                String lacking = tour.lacking(way, links);
                if (lacking != null) {
                    return LearnTexts.lacking(lacking);
                }
            }
        }
        return null;
    }

    /** Another problem; the numbers begin anew. Not while the tour runs. */
    void anotherProblem() {
        tour.take(controller.freshProblem());
        said = "";
        update();
    }

    void go(Tour.Step step) {
        tour.go(step);
        update();
    }

    void start() {
        waiting.clear();
        waiting.addAll(tour.toRun());
        said = "";
        runner.start(this);
    }

    void stop() {
        runner.stop();
    }

    boolean running() {
        return runner.job() == this;
    }

    boolean stopping() {
        return runner.stopping();
    }

    /** What runs now, or null. */
    Tour.Way present() {
        return running() ? present : null;
    }

    String said() {
        return said;
    }

    /** Counts changes of results and page. */
    int version() {
        return version;
    }

    @Override
    public String title() {
        return LearnTexts.TOURING;
    }

    @Override
    public RunRequest next() {
        present = waiting.isEmpty() ? null : waiting.remove(0);
        return present == null ? null : tour.request(present);
    }

    @Override
    public void ended(RunReport report, Runnable goOn) {
        tour.ended(present, report.modes.get(0));
        keep.accept(report);
        update();
        goOn.run();
    }

    @Override
    public void over(String failure, boolean stopped) {
        present = null;
        said = failure != null ? failure : stopped ? LearnTexts.STOPPED : LearnTexts.DONE;
        update();
    }

    private void update() {
        version++;
        changed.run();
    }
}
