package org.recursivemas.app;

import org.recursivemas.bridge.LoadCancelledException;
import org.recursivemas.bridge.WebGpu;
import org.recursivemas.data.ModeReport;
import org.recursivemas.data.RunReport;
import org.recursivemas.data.StageReport;
import org.recursivemas.data.Team;
import org.recursivemas.engine.EngineException;
import org.recursivemas.engine.RunControl;
import org.recursivemas.json.JsonCodec;
import org.recursivemas.playground.Playground;
import org.recursivemas.playground.PlaygroundListener;
import org.recursivemas.playground.RunRequest;
import org.recursivemas.tasks.StoryProblem;
import org.recursivemas.tasks.StoryProblemGenerator;
import org.recursivemas.tasks.TaskSplit;
import org.recursivemas.team.RecursiveTeam;
import org.recursivemas.team.TeamListener;

/**
 * The playground on WebLLM. Everything that waits runs in a green thread of its own; one thing at a time holds {@link
 * #work}. WebGPU and the WebLLM package are not touched before the first load or run.
 */
public final class BrowserPlayground implements Playground {
    private final JsonCodec codec;
    private final Object work = new Object();
    private final Object opened = new Object();
    private PlaygroundListener listener;
    private LoadedTeam loaded;
    private TeamFiles files;
    private String openFault;
    private Activity current;

    /** One load or run; stopping it takes effect at its next position or at its next file. */
    private static final class Activity {
        private boolean stopped;

        boolean stopped() {
            return stopped;
        }
    }

    public BrowserPlayground(JsonCodec codec) {
        this.codec = codec;
    }

    @Override
    public void setListener(PlaygroundListener newListener) {
        listener = newListener;
    }

    @Override
    public String unavailableReason() {
        return WebGpu.unavailableReason();
    }

    @Override
    public void open(String teamUrl) {
        requireIdle();
        inBackground(new Activity(), activity -> {
            synchronized (opened) {
                files = null;
                openFault = null;
            }
            discard();
            try {
                TeamFiles read = TeamFiles.open(teamUrl, codec);
                end(activity);   // whoever waits for the team may run it at once
                settle(read, null);
            } catch (RuntimeException e) {
                settle(null, messageOf(e));
                throw e;
            }
            listener.onTeam(files.team());
        });
    }

    private void settle(TeamFiles read, String fault) {
        synchronized (opened) {
            files = read;
            openFault = fault;
            opened.notifyAll();
        }
    }

    /** Waits until a team is open. @throws EngineException when it could not be opened */
    void awaitTeam() {
        synchronized (opened) {
            while (files == null && openFault == null) {
                try {
                    opened.wait();
                } catch (InterruptedException e) {
                    throw new EngineException("opening the team was interrupted. Reload the page", e);
                }
            }
            if (openFault != null) {
                throw new EngineException(openFault);
            }
        }
    }

    @Override
    public void load() {
        requireIdle();
        requireTeam();
        inBackground(new Activity(), activity -> {
            try {
                ensureLoaded(activity);
            } catch (LoadCancelledException e) {
                return;   // the person who stopped it knows
            } catch (RuntimeException e) {
                // Something else may be under way since the stop, and the failure is not that one's. Nothing is left
                // of the stopped load, and the next load meets the fault again if it lasts.
                if (!activity.stopped()) {
                    throw e;
                }
            }
        });
    }

    @Override
    public void run(RunRequest request) {
        requireIdle();
        requireTeam();
        inBackground(new Activity(), activity -> run(request, activity));
    }

    /**
     * Runs {@code request} on the calling thread and returns the report as JSON. Waits; the listener hears everything.
     */
    String runNow(RunRequest request) {
        requireIdle();
        requireTeam();
        Activity activity = new Activity();
        current = activity;
        try {
            synchronized (work) {
                return run(request, activity);
            }
        } catch (RuntimeException e) {
            listener.onError(messageOf(e));
            throw e;
        } finally {
            end(activity);
        }
    }

    private String run(RunRequest request, Activity activity) {
        RunReport report = new RunReport();
        boolean finished = false;
        try {
            RecursiveTeam team = ensureLoaded(activity);
            loaded.describe(report);
            finished = team.run(request, report, new Relay(), new YieldingControl(activity::stopped));
        } catch (LoadCancelledException e) {
            report.team = files.team().id;
            report.problem = request.problem();
        } catch (RuntimeException e) {
            recover(e, report);
            throw e;
        }
        String json = codec.write(report);
        Automation.lastReport(json);
        listener.onRunEnd(report, !finished);
        return json;
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
        if (report.modes.isEmpty()) {
            return;
        }
        try {
            Automation.lastReport(codec.write(report));
            listener.onPartialReport(report);
        } catch (RuntimeException again) {
            failure.addSuppressed(again);
        }
    }

    /** The team, loaded now if it was not. */
    private RecursiveTeam ensureLoaded(Activity activity) {
        if (loaded == null) {
            double start = Web.millis();
            loaded = LoadedTeam.load(files, codec,
                    (agent, fraction, text) -> listener.onLoadProgress(agent, fraction, text), activity::stopped);
            listener.onReady(Web.millis() - start);
        }
        return loaded.team();
    }

    private void discard() {
        if (loaded != null) {
            LoadedTeam old = loaded;
            loaded = null;
            old.close();
        }
    }

    @Override
    public void stop() {
        if (current != null) {
            current.stopped = true;
        }
    }

    @Override
    public Problem newProblem(int seed) {
        StoryProblem problem = new StoryProblemGenerator(seed, TaskSplit.HELD_OUT).next();
        return new Problem(problem.question(), problem.answer());
    }

    @Override
    public Team team() {
        return files == null ? null : files.team();
    }

    private void requireIdle() {
        if (current != null && !current.stopped) {
            throw new IllegalStateException("something is loading or running already; stop it first");
        }
    }

    private void requireTeam() {
        if (files == null) {
            throw new IllegalStateException("no team is open; check the address of the team file");
        }
    }

    /** What is done in the background. */
    private interface Task {
        void run(Activity activity);
    }

    /** Runs a task after the one before it has wound down. */
    private void inBackground(Activity activity, Task task) {
        current = activity;
        new Thread(() -> {
            try {
                synchronized (work) {
                    task.run(activity);
                }
            } catch (Throwable t) {
                end(activity);
                listener.onError(messageOf(t));
            } finally {
                end(activity);
            }
        }).start();
    }

    private void end(Activity activity) {
        if (current == activity) {
            current = null;
        }
    }

    static String messageOf(Throwable t) {
        if (t instanceof RuntimeException && t.getMessage() != null && !t.getMessage().isEmpty()) {
            return t.getMessage();
        }
        return "An error in this page: " + t + ". Reload it; if that does not help, please report it.";
    }

    /**
     * The run's control. Queueing work for the GPU never waits, so without a breath now and then neither the page could
     * paint nor the stop button be pressed before a whole rollout is queued.
     */
    private static final class YieldingControl implements RunControl {
        private static final double MILLIS_BETWEEN = 40;

        private final RunControl stopped;
        private double last = Web.millis();

        YieldingControl(RunControl stopped) {
            this.stopped = stopped;
        }

        @Override
        public boolean cancelled() {
            if (Web.millis() - last > MILLIS_BETWEEN) {
                Thread.yield();
                last = Web.millis();
            }
            return stopped.cancelled();
        }
    }

    /** Passes the run's events on. */
    private final class Relay implements TeamListener {
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
