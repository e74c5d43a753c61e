package org.recursivemas.playground;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.recursivemas.data.RunReport;
import org.recursivemas.data.StageReport;

/**
 * The engine as the page sees it: sends what is asked to the worker, and tells what comes back. A worker that was lost
 * is replaced by a fresh one with the next load or run, or by {@link #restart()}.
 */
public final class RemoteEngine implements TeamEngine {
    private final EnginePort.Opener opener;
    private final Messages.Start hello;
    private final Map<Integer, Outcome> tasks = new LinkedHashMap<>();
    private final List<StageReport> stages = new ArrayList<>();
    private EngineListener listener;
    private EnginePort port;
    private Connection connection;
    /** What waits for the worker to be up; null once it is. */
    private List<Messages.Message> waiting;
    private Messages.Open team;
    private RunReport report;
    private String unavailable;
    private boolean loaded;
    private int lastTask;

    /**
     * @param base absolute address of the folder of the page's scripts
     * @param page version of the page's own script, for reports
     */
    public RemoteEngine(EnginePort.Opener opener, String base, String page) {
        this.opener = opener;
        hello = new Messages.Start();
        hello.base = base;
        hello.page = page;
    }

    @Override
    public void setListener(EngineListener newListener) {
        listener = newListener;
    }

    /** Starts the worker if there is none. What goes wrong is told to the listener. */
    public void start() {
        if (port != null) {
            return;
        }
        Connection fresh = new Connection();
        connection = fresh;
        waiting = new ArrayList<>();
        try {
            port = opener.open(fresh);
        } catch (RuntimeException e) {
            drop(Failure.of(Failure.WORKER_LOST, "The models' worker could not be started (" + e.getMessage() + ").",
                    "Reload the page, or use a current version of the browser."));
            return;
        }
        post(hello);
        if (team != null) {
            post(team);
        }
    }

    private void post(Messages.Message message) {
        if (waiting != null) {
            waiting.add(message);
        } else {
            port.post(message);
        }
    }

    /** Why no models can run in the worker, with what to do about it; null when they can or it is not known yet. */
    public String unavailable() {
        return unavailable;
    }

    /** Ends the worker, whatever it is doing, and starts a fresh one. */
    public void restart() {
        boolean told = port != null && (loaded || !tasks.isEmpty());
        drop(told ? Failure.of(Failure.WORKER_LOST, "The engine was restarted.",
                "Its models are loaded again with the next run, from the browser's cache.") : null);
        start();
    }

    @Override
    public void open(String url, String json, List<String> otherModels) {
        team = new Messages.Open();
        team.otherModels.addAll(otherModels);
        team.url = url;
        team.json = json;
        loaded = false;
        if (port != null) {
            post(team);
        }
    }

    @Override
    public void load(Outcome outcome) {
        load(outcome, false);
    }

    @Override
    public void repair(Outcome outcome) {
        load(outcome, true);
    }

    private void load(Outcome outcome, boolean repair) {
        Messages.Load load = new Messages.Load();
        load.task = ++lastTask;
        load.repair = repair;
        begin(load.task, load, outcome);
    }

    @Override
    public void run(RunRequest request, Outcome outcome) {
        int task = ++lastTask;
        begin(task, Messages.Run.of(task, request), outcome);
    }

    private void begin(int task, Messages.Message message, Outcome outcome) {
        tasks.put(task, outcome);
        start();
        if (port != null) {
            post(message);
        }
    }

    @Override
    public void proceed(boolean toTheEnd) {
        if (port != null && !tasks.isEmpty()) {
            Messages.Proceed proceed = new Messages.Proceed();
            proceed.toTheEnd = toTheEnd;
            post(proceed);
        }
    }

    @Override
    public void stop() {
        if (port != null && !tasks.isEmpty()) {
            post(new Messages.Stop());
        }
    }

    /** Ends the worker. @param failure what to tell of it, or null for nothing */
    private void drop(Failure failure) {
        EnginePort old = port;
        port = null;
        connection = null;
        loaded = false;
        if (old != null) {
            old.close();
        }
        List<Outcome> open = new ArrayList<>(tasks.values());
        tasks.clear();
        RunReport left = report;
        report = null;
        if (failure == null) {
            return;
        }
        listener.onLost(failure);
        for (Outcome outcome : open) {
            outcome.ended(left, failure);
            left = null;
        }
    }

    /** Hears one worker, until it is replaced. */
    private final class Connection implements EnginePort.Receiver {
        @Override
        public void received(Messages.Message message) {
            if (connection == this) {
                handle(message);
            }
        }

        @Override
        public void lost(Failure failure) {
            if (connection == this) {
                drop(failure);
            }
        }
    }

    private void handle(Messages.Message message) {
        if (message instanceof Messages.Text) {
            Messages.Text text = (Messages.Text) message;
            listener.onText(text.mode, text.text, text.tokens);
        } else if (message instanceof Messages.Progress) {
            Messages.Progress progress = (Messages.Progress) message;
            listener.onLoadProgress(progress.agent, progress.fraction, progress.text);
        } else if (message instanceof Messages.Note) {
            listener.onNote(((Messages.Note) message).text);
        } else if (message instanceof Messages.Started) {
            started((Messages.Started) message);
        } else if (message instanceof Messages.Links) {
            Messages.Links links = (Messages.Links) message;
            listener.onLinks(links.index(), links.fault);
        } else if (message instanceof Messages.Ready) {
            loaded = true;
            listener.onReady(((Messages.Ready) message).millis);
        } else if (message instanceof Messages.Failed) {
            listener.onError(((Messages.Failed) message).failure);
        } else if (message instanceof Messages.Lost) {
            drop(((Messages.Lost) message).failure);   // a lost GPU leaves nothing worth keeping in the worker
        } else if (message instanceof Messages.Ended) {
            ended((Messages.Ended) message);
        } else {
            handleRun(message);
        }
    }

    private void started(Messages.Started started) {
        if (started.version != Messages.VERSION) {
            drop(Failure.of(Failure.WORKER_LOST, "The page (version " + Messages.VERSION + " of its messages) and the"
                    + " worker's script engine.js (version " + started.version + ") do not belong together.",
                    "Reload the page; if that does not help, the site was not copied as a whole."));
            return;
        }
        List<Messages.Message> early = waiting;
        waiting = null;
        early.forEach(port::post);
        unavailable = started.unavailable;
        listener.onStarted(unavailable);
    }

    private void ended(Messages.Ended ended) {
        RunReport finished = report;
        report = null;
        Outcome outcome = tasks.remove(ended.task);
        if (outcome != null) {
            outcome.ended(finished, ended.failure);
        }
    }

    private void handleRun(Messages.Message message) {
        if (message instanceof Messages.ModeStart) {
            stages.clear();
            listener.onModeStart(((Messages.ModeStart) message).mode);
        } else if (message instanceof Messages.Halted) {
            Messages.Halted halted = (Messages.Halted) message;
            listener.onHalt(halted.mode, halted.agent, halted.round, halted.kind);
        } else if (message instanceof Messages.StageStart) {
            Messages.StageStart start = (Messages.StageStart) message;
            listener.onStageStart(start.mode, start.agent, start.round, start.kind);
        } else if (message instanceof Messages.StageEnd) {
            Messages.StageEnd end = (Messages.StageEnd) message;
            stages.add(end.stage);
            listener.onStageEnd(end.mode, end.stage);
        } else if (message instanceof Messages.Norms) {
            Messages.Norms late = (Messages.Norms) message;
            StageReport stage = stages.get(late.stage);   // the listener holds it: it sees the norms with the next text
            stage.hiddenNorms = late.norms;
            stage.finite = late.finite;
        } else if (message instanceof Messages.ModeEnd) {
            Messages.ModeEnd end = (Messages.ModeEnd) message;
            listener.onModeEnd(end.mode, end.report);
        } else if (message instanceof Messages.Partial) {
            report = ((Messages.Partial) message).report;
            listener.onPartialReport(report);
        } else if (message instanceof Messages.RunEnd) {
            Messages.RunEnd end = (Messages.RunEnd) message;
            report = end.report;
            listener.onRunEnd(report, end.stopped);
        } else {
            throw new IllegalArgumentException("the worker sent a message for workers: " + message.getClass());
        }
    }
}
