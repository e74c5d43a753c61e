package org.recursivemas.app;

import java.util.ArrayList;
import java.util.List;
import org.recursivemas.bridge.KeptFiles;
import org.recursivemas.bridge.LoadCancelledException;
import org.recursivemas.data.ModeReport;
import org.recursivemas.data.RunReport;
import org.recursivemas.data.StageReport;
import org.recursivemas.engine.EngineException;
import org.recursivemas.engine.RunControl;
import org.recursivemas.engine.StopSwitch;
import org.recursivemas.json.JsonCodec;
import org.recursivemas.playground.EngineListener;
import org.recursivemas.playground.Failure;
import org.recursivemas.playground.RunRequest;
import org.recursivemas.playground.TeamEngine;
import org.recursivemas.team.LinkIndex;
import org.recursivemas.team.Mode;
import org.recursivemas.team.RecursiveTeam;
import org.recursivemas.team.TeamListener;
import org.recursivemas.team.TeamPlan;

/**
 * The engine on WebLLM, in the worker. What is begun waits in a queue that one green thread empties. WebGPU and the
 * WebLLM package are not touched before the first load or run.
 */
final class WebLlmEngine implements TeamEngine {
    private final JsonCodec codec;
    private final Scripts scripts;
    private final List<Runnable> queue = new ArrayList<>();
    /** Switches of the loads and runs that have begun and not ended. */
    private final List<StopSwitch> stops = new ArrayList<>();
    private final Halt halt = new Halt();
    private boolean working;
    private EngineListener listener;
    private TeamFiles files;
    /** Agents whose model is not that of the team file at its address. */
    private List<String> foreign = List.of();
    private LoadedTeam loaded;
    private RunReport partial;
    /** The report of the run under way, or null. */
    private RunReport underWay;

    WebLlmEngine(JsonCodec codec, Scripts scripts) {
        this.codec = codec;
        this.scripts = scripts;
    }

    @Override
    public void setListener(EngineListener newListener) {
        listener = newListener;
    }

    private void queue(Runnable task) {
        queue.add(task);
        if (!working) {
            working = true;
            new Thread(() -> {
                while (!queue.isEmpty()) {
                    queue.remove(0).run();
                }
                working = false;
            }).start();
        }
    }

    @Override
    public void open(String url, String json, List<String> otherModels) {
        queue(() -> {
            files = null;
            try {
                discard();
                files = TeamFiles.of(url, json, codec, new KeptFiles());
                foreign = otherModels;
            } catch (RuntimeException e) {
                listener.onError(Failure.of(e));
                return;
            }
            LinkIndex index;
            try {
                index = files.linkIndex(codec, foreign);
            } catch (RuntimeException e) {
                listener.onLinks(null, Failure.of(e).message);
                return;
            }
            listener.onLinks(index, null);
        });
    }

    /** A load or a run. */
    private interface Task {
        /** @return the report, or null for a load */
        RunReport run(StopSwitch stop);
    }

    private void begin(Outcome outcome, Task task) {
        StopSwitch stop = new StopSwitch();
        stops.add(stop);
        queue(() -> {
            RunReport report = null;
            Failure failure = null;
            partial = null;
            try {
                if (files == null) {
                    throw new IllegalStateException("no team is open; check the address of the team file");
                }
                report = task.run(stop);
            } catch (Throwable t) {
                failure = Failure.of(t);
                report = partial;
                listener.onError(failure);
            }
            stops.remove(stop);
            outcome.ended(report, failure);
        });
    }

    @Override
    public void load(Outcome outcome) {
        load(outcome, false);
    }

    @Override
    public void repair(Outcome outcome) {
        load(outcome, true);
    }

    private void load(Outcome outcome, boolean repairing) {
        begin(outcome, stop -> {
            try {
                ensureLoaded(repairing, false, stop);
            } catch (RuntimeException e) {
                // Who stopped it knows. Nothing is left of the stopped load, and the next load meets the fault again if
                // it lasts.
                if (!stop.cancelled()) {
                    throw e;
                }
            }
            return null;
        });
    }

    @Override
    public void run(RunRequest request, Outcome outcome) {
        begin(outcome, stop -> run(request, stop));
    }

    private RunReport run(RunRequest request, StopSwitch stop) {
        RunReport report = new RunReport();
        boolean finished = false;
        underWay = report;
        try {
            requireLinks(request);
            RecursiveTeam team = ensureLoaded(false, needsLinks(request), stop);
            loaded.describe(report);
            stop.whenCancelled(() -> halt.proceed(true));
            finished = team.run(request, report, new Relay(request.stepwise(), stop), new YieldingControl(stop));
        } catch (LoadCancelledException e) {
            report.team = files.team().id;
            report.problem = request.problem();
        } catch (RuntimeException e) {
            RuntimeException failure = nameOf(e);
            recover(failure, report);
            throw failure;
        } finally {
            underWay = null;
        }
        listener.onRunEnd(report, !finished);
        return report;
    }

    /** Whether no links at all would be too few: a latent run of 0 steps goes without. */
    private boolean needsLinks(RunRequest request) {
        return request.modes().contains(Mode.LATENT) && LinkIndex.NONE.fault(TeamPlan.of(files.team(), files.url()),
                request.rounds(), request.latentSteps()) != null;
    }

    /** What the links do not allow is refused before the models are fetched. */
    private void requireLinks(RunRequest request) {
        if (needsLinks(request)) {
            String lacking = files.linkIndex(codec, foreign).fault(TeamPlan.of(files.team(), files.url()), request.rounds(),
                    request.latentSteps());
            if (lacking != null) {
                throw new IllegalArgumentException(lacking);
            }
        }
    }

    /** What failed; when the GPU is lost that is the reason, whatever WebLLM met first while it gave up its models. */
    private RuntimeException nameOf(RuntimeException thrown) {
        EngineException lost = loaded == null ? null : loaded.deviceLoss();
        if (lost == null) {
            return thrown;
        }
        lost.addSuppressed(thrown);
        return lost;
    }

    /**
     * What is lost is loaded again next time, and the modes that ended before the failure stay available. A failure in
     * here is told with {@code failure}, not instead of it.
     */
    private void recover(RuntimeException failure, RunReport report) {
        try {
            if (loaded != null && !loaded.healthy()) {
                discard();
            }
        } catch (RuntimeException again) {
            failure.addSuppressed(again);
        }
        if (!report.modes.isEmpty()) {
            partial = report;
            listener.onPartialReport(report);
        }
    }

    /**
     * The team, loaded now if it was not.
     *
     * @param linksNeeded whether a link file that cannot be read is a failure: text and the single agent go without
     */
    private RecursiveTeam ensureLoaded(boolean repairing, boolean linksNeeded, StopSwitch stop) {
        if (loaded != null && linksNeeded && loaded.lacksLinks()) {
            discard();
        }
        if (loaded == null) {
            double start = Web.millis();
            loaded = LoadedTeam.load(files, () -> files.linkIndex(codec, foreign), linksNeeded, codec, scripts, repairing,
                    listener::onLoadProgress, stop);
            loaded.setLostListener(this::onDeviceLost);
            String note = files.kept().takeNote();
            if (note != null) {
                listener.onNote(note);
            }
            listener.onReady(Web.millis() - start);
        }
        return loaded.team();
    }

    /**
     * Told at once, also in the middle of a run, after the modes that ended: the page ends this worker, whatever WebLLM
     * does with its models.
     */
    private void onDeviceLost(EngineException failure) {
        if (underWay != null && !underWay.modes.isEmpty()) {
            listener.onPartialReport(underWay);
        }
        listener.onLost(Failure.of(failure));
    }

    private void discard() {
        if (loaded != null) {
            LoadedTeam old = loaded;
            loaded = null;
            old.close();
        }
    }

    @Override
    public void proceed(boolean toTheEnd) {
        halt.proceed(toTheEnd);
    }

    @Override
    public void stop() {
        for (StopSwitch stop : new ArrayList<>(stops)) {
            stop.stop();
        }
    }

    /**
     * The run's control. Queueing work for the GPU never waits, so without a breath now and then the page's messages,
     * such as the one that stops the run, would not be heard before a whole rollout is queued.
     */
    static final class YieldingControl implements RunControl {
        private static final double MILLIS_BETWEEN = 40;

        private final RunControl stopped;
        private double last = Web.millis();

        YieldingControl(RunControl stopped) {
            this.stopped = stopped;
        }

        @Override
        public boolean cancelled() {
            if (Web.millis() - last > MILLIS_BETWEEN) {
                Web.turn();
                last = Web.millis();
            }
            return stopped.cancelled();
        }

        @Override
        public Runnable whenCancelled(Runnable action) {
            return stopped.whenCancelled(action);
        }
    }

    /** Passes the run's events on, and halts a stepwise run. */
    private final class Relay implements TeamListener {
        private final RunControl stopped;
        private boolean stepwise;

        Relay(boolean stepwise, RunControl stopped) {
            this.stepwise = stepwise;
            this.stopped = stopped;
        }

        @Override
        public void beforeStage(String mode, String agent, int round, String kind) {
            if (stepwise && !stopped.cancelled()) {
                listener.onHalt(mode, agent, round, kind);
                stepwise = !halt.await();
            }
        }

        @Override
        public void onModeStart(String mode) {
            listener.onModeStart(mode);
        }

        @Override
        public void onStageStart(String mode, String agent, int round, String kind) {
            listener.onStageStart(mode, agent, round, kind);
        }

        @Override
        public void onStageEnd(String mode, StageReport stage) {
            listener.onStageEnd(mode, stage);
        }

        @Override
        public void onText(String mode, String textSoFar, int decodedTokens) {
            listener.onText(mode, textSoFar, decodedTokens);
        }

        @Override
        public void onModeEnd(String mode, ModeReport report) {
            listener.onModeEnd(mode, report);
        }
    }
}
