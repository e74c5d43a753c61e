package org.recursivemas.playground;

import java.util.ArrayList;
import java.util.List;
import org.recursivemas.data.ModeReport;
import org.recursivemas.data.RunReport;
import org.recursivemas.data.StageReport;
import org.recursivemas.team.LinkIndex;

/** The worker's end: hands what the page asks to an engine, and sends what the engine tells. */
public final class EngineHost implements EnginePort.Receiver {
    /** Makes the engine once the page has said where its scripts lie. */
    @FunctionalInterface
    public interface Maker {
        /**
         * @param base absolute address of the folder of the page's scripts
         * @param page version of the page's own script
         */
        TeamEngine make(String base, String page);
    }

    private final EnginePort port;
    private final Maker maker;
    private TeamEngine engine;

    /**
     * Says that the worker is up.
     *
     * @param unavailable why no models can run in this worker, or null
     */
    public EngineHost(EnginePort port, String unavailable, Maker maker) {
        this.port = port;
        this.maker = maker;
        Messages.Started started = new Messages.Started();
        started.unavailable = unavailable;
        port.post(started);
    }

    @Override
    public void received(Messages.Message message) {
        if (message instanceof Messages.Start) {
            // The page compares the versions when it hears Started, and ends a worker that does not fit.
            engine = maker.make(((Messages.Start) message).base, ((Messages.Start) message).page);
            engine.setListener(new Sender());
        } else if (engine == null) {
            throw new IllegalArgumentException("the page sent " + message.getClass() + " before it sent Start");
        } else if (message instanceof Messages.Open) {
            Messages.Open open = (Messages.Open) message;
            engine.open(open.url, open.json, open.otherModels);
        } else if (message instanceof Messages.Load) {
            Messages.Load load = (Messages.Load) message;
            if (load.repair) {
                engine.repair(end(load.task));
            } else {
                engine.load(end(load.task));
            }
        } else if (message instanceof Messages.Run) {
            run((Messages.Run) message);
        } else if (message instanceof Messages.Proceed) {
            engine.proceed(((Messages.Proceed) message).toTheEnd);
        } else if (message instanceof Messages.Stop) {
            engine.stop();
        } else {
            throw new IllegalArgumentException("the page sent a message for pages: " + message.getClass());
        }
    }

    private void run(Messages.Run run) {
        RunRequest request;
        try {
            request = run.request();
        } catch (IllegalArgumentException e) {
            Failure failure = Failure.of(e);
            send(failure);
            end(run.task).ended(null, failure);
            return;
        }
        engine.run(request, end(run.task));
    }

    private TeamEngine.Outcome end(int task) {
        return (report, failure) -> {
            Messages.Ended ended = new Messages.Ended();
            ended.task = task;
            ended.failure = failure;
            port.post(ended);
        };
    }

    private void send(Failure failure) {
        Messages.Failed failed = new Messages.Failed();
        failed.failure = failure;
        port.post(failed);
    }

    /** A page does not crash and leave its worker. */
    @Override
    public void lost(Failure failure) {
        throw new IllegalStateException(failure.message);
    }

    /** Sends the engine's events. */
    private final class Sender implements EngineListener {
        /** Stages of the present mode; null where the norms have been sent. */
        private final List<StageReport> awaited = new ArrayList<>();

        @Override
        public void onLinks(LinkIndex index, String fault) {
            Messages.Links links = Messages.Links.of(index);
            links.fault = fault;
            port.post(links);
        }

        @Override
        public void onLoadProgress(String agent, double fraction, String text) {
            Messages.Progress progress = new Messages.Progress();
            progress.agent = agent;
            progress.fraction = fraction;
            progress.text = text;
            port.post(progress);
        }

        @Override
        public void onNote(String text) {
            Messages.Note note = new Messages.Note();
            note.text = text;
            port.post(note);
        }

        @Override
        public void onReady(double millis) {
            Messages.Ready ready = new Messages.Ready();
            ready.millis = millis;
            port.post(ready);
        }

        @Override
        public void onModeStart(String mode) {
            awaited.clear();
            Messages.ModeStart start = new Messages.ModeStart();
            start.mode = mode;
            port.post(start);
        }

        @Override
        public void onHalt(String mode, String agent, int round, String kind) {
            Messages.Halted halted = new Messages.Halted();
            halted.mode = mode;
            halted.agent = agent;
            halted.round = round;
            halted.kind = kind;
            port.post(halted);
        }

        @Override
        public void onStageStart(String mode, String agent, int round, String kind) {
            Messages.StageStart start = new Messages.StageStart();
            start.mode = mode;
            start.agent = agent;
            start.round = round;
            start.kind = kind;
            port.post(start);
        }

        @Override
        public void onStageEnd(String mode, StageReport stage) {
            awaited.add(stage.hiddenNorms.length == 0 && stage.latentSteps > 0 ? stage : null);
            Messages.StageEnd end = new Messages.StageEnd();
            end.mode = mode;
            end.stage = stage;
            port.post(end);
        }

        @Override
        public void onText(String mode, String textSoFar, int decodedTokens) {
            sendNorms();
            Messages.Text text = new Messages.Text();
            text.mode = mode;
            text.text = textSoFar;
            text.tokens = decodedTokens;
            port.post(text);
        }

        private void sendNorms() {
            for (int i = 0; i < awaited.size(); i++) {
                StageReport stage = awaited.get(i);
                if (stage != null && stage.hiddenNorms.length > 0) {
                    awaited.set(i, null);
                    Messages.Norms norms = new Messages.Norms();
                    norms.stage = i;
                    norms.norms = stage.hiddenNorms;
                    norms.finite = stage.finite;
                    port.post(norms);
                }
            }
        }

        @Override
        public void onModeEnd(String mode, ModeReport report) {
            sendNorms();
            Messages.ModeEnd end = new Messages.ModeEnd();
            end.mode = mode;
            end.report = report;
            port.post(end);
        }

        @Override
        public void onRunEnd(RunReport report, boolean stopped) {
            Messages.RunEnd end = new Messages.RunEnd();
            end.report = report;
            end.stopped = stopped;
            port.post(end);
        }

        @Override
        public void onPartialReport(RunReport report) {
            Messages.Partial partial = new Messages.Partial();
            partial.report = report;
            port.post(partial);
        }

        @Override
        public void onError(Failure failure) {
            send(failure);
        }

        @Override
        public void onLost(Failure failure) {
            Messages.Lost lost = new Messages.Lost();
            lost.failure = failure;
            port.post(lost);
        }
    }
}
