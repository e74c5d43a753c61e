package org.recursivemas.facts;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.recursivemas.data.FormatException;
import org.recursivemas.data.ModeReport;
import org.recursivemas.data.RunReport;
import org.recursivemas.data.StageReport;
import org.recursivemas.engine.EngineException;
import org.recursivemas.playground.EngineHost;
import org.recursivemas.playground.EngineListener;
import org.recursivemas.playground.EnginePort;
import org.recursivemas.playground.Failure;
import org.recursivemas.playground.Messages;
import org.recursivemas.playground.RemoteEngine;
import org.recursivemas.playground.RunRequest;
import org.recursivemas.playground.TeamEngine;
import org.recursivemas.team.LinkIndex;

/** Page and worker, without a browser: what is asked on one side happens on the other, and is told back. */
public final class EngineFacts {
    private EngineFacts() {
    }

    static void addTo(Map<String, Fact> facts) {
        facts.put("eventsCrossTheBorderInOrder", EngineFacts::eventsCrossTheBorderInOrder);
        facts.put("requestsCrossTheBorderWhole", EngineFacts::requestsCrossTheBorderWhole);
        facts.put("lateNormsReachTheStageThatWasTold", EngineFacts::lateNormsReachTheStageThatWasTold);
        facts.put("nothingIsSentBeforeTheWorkerIsUp", EngineFacts::nothingIsSentBeforeTheWorkerIsUp);
        facts.put("haltsAndTheWayOnCrossTheBorder", EngineFacts::haltsAndTheWayOnCrossTheBorder);
        facts.put("stopReachesTheEngine", EngineFacts::stopReachesTheEngine);
        facts.put("failuresKeepTheirKindAndRemedy", EngineFacts::failuresKeepTheirKindAndRemedy);
        facts.put("badRequestIsRefusedByTheWorker", EngineFacts::badRequestIsRefusedByTheWorker);
        facts.put("lostWorkerEndsWhatWasUnderWay", EngineFacts::lostWorkerEndsWhatWasUnderWay);
        facts.put("restartedWorkerKnowsTheTeam", EngineFacts::restartedWorkerKnowsTheTeam);
        facts.put("lostWorkerIsNotHeardAnyMore", EngineFacts::lostWorkerIsNotHeardAnyMore);
        facts.put("workerOfAnotherVersionIsRefused", EngineFacts::workerOfAnotherVersionIsRefused);
        facts.put("browserWithoutWorkersIsToldSo", EngineFacts::browserWithoutWorkersIsToldSo);
    }

    /** An engine that does what it is told by the fact. */
    private static final class ScriptedEngine implements TeamEngine {
        final List<String> asked = new ArrayList<>();
        EngineListener listener;
        RunRequest request;
        Outcome outcome;

        @Override
        public void setListener(EngineListener newListener) {
            listener = newListener;
        }

        @Override
        public void open(String url, String json, List<String> otherModels) {
            asked.add("open " + url + " " + json + " " + otherModels);
        }

        @Override
        public void load(Outcome newOutcome) {
            asked.add("load");
            outcome = newOutcome;
        }

        @Override
        public void repair(Outcome newOutcome) {
            asked.add("repair");
            outcome = newOutcome;
        }

        @Override
        public void run(RunRequest newRequest, Outcome newOutcome) {
            asked.add("run");
            request = newRequest;
            outcome = newOutcome;
        }

        @Override
        public void proceed(boolean toTheEnd) {
            asked.add("proceed " + toTheEnd);
        }

        @Override
        public void stop() {
            asked.add("stop");
        }
    }

    /** Writes down what is told. */
    private static final class Notes implements EngineListener {
        final List<String> told = new ArrayList<>();
        final List<StageReport> stages = new ArrayList<>();
        Failure failure;

        @Override
        public void onStarted(String unavailable) {
            told.add("started " + unavailable);
        }

        @Override
        public void onLoadProgress(String agent, double fraction, String text) {
            told.add("progress " + agent + " " + fraction + " " + text);
        }

        @Override
        public void onLinks(LinkIndex links, String fault) {
            told.add("links " + (links == null ? fault : links.team() + " " + links.alsoFor() + " " + links.heads() + " "
                    + links.strangers()));
        }

        @Override
        public void onNote(String text) {
            told.add("note " + text);
        }

        @Override
        public void onReady(double millis) {
            told.add("ready " + millis);
        }

        @Override
        public void onModeStart(String mode) {
            told.add("mode " + mode);
        }

        @Override
        public void onHalt(String mode, String agent, int round, String kind) {
            told.add("halt " + mode + " " + agent + " " + round + " " + kind);
        }

        @Override
        public void onStageStart(String mode, String agent, int round, String kind) {
            told.add("stage " + mode + " " + agent + " " + round + " " + kind);
        }

        @Override
        public void onStageEnd(String mode, StageReport stage) {
            told.add("stage end " + stage.agent);
            stages.add(stage);
        }

        @Override
        public void onText(String mode, String textSoFar, int decodedTokens) {
            told.add("text " + textSoFar + " " + decodedTokens);
        }

        @Override
        public void onModeEnd(String mode, ModeReport report) {
            told.add("mode end " + report.answer);
        }

        @Override
        public void onRunEnd(RunReport report, boolean stopped) {
            told.add("run end " + report.modes.size() + " " + stopped);
        }

        @Override
        public void onPartialReport(RunReport report) {
            told.add("partial " + report.modes.size());
        }

        @Override
        public void onError(Failure newFailure) {
            told.add("error");
            failure = newFailure;
        }

        @Override
        public void onLost(Failure newFailure) {
            told.add("lost");
            failure = newFailure;
        }
    }

    /** Page and worker in one thread; messages arrive at once. */
    private static final class Border implements EnginePort.Opener {
        final ScriptedEngine engine = new ScriptedEngine();
        final Notes notes = new Notes();
        final RemoteEngine remote = new RemoteEngine(this, "http://localhost/", "7");
        /** What has crossed, by class. */
        final List<String> sent = new ArrayList<>();
        final List<String> ends = new ArrayList<>();
        EnginePort.Receiver page;
        int workers;
        int closed;

        Border() {
            remote.setListener(notes);
        }

        @Override
        public EnginePort open(EnginePort.Receiver receiver) {
            workers++;
            page = receiver;
            EngineHost[] host = {null};
            return new EnginePort() {
                @Override
                public void post(Messages.Message message) {
                    sent.add(message.getClass().getSimpleName());
                    host(receiver).received(message);
                }

                private EngineHost host(EnginePort.Receiver to) {
                    if (host[0] == null) {
                        host[0] = up(to);
                    }
                    return host[0];
                }

                @Override
                public void close() {
                    closed++;
                }
            };
        }

        /** The worker's script has run. */
        private EngineHost up(EnginePort.Receiver to) {
            return new EngineHost(new EnginePort() {
                private boolean first = true;

                @Override
                public void post(Messages.Message message) {
                    if (!first) {   // the fact itself says when the worker is up
                        to.received(message);
                    }
                    first = false;
                }

                @Override
                public void close() {
                    throw new AssertionError("a worker does not close the page");
                }
            }, null, (base, version) -> {
                Check.equal("http://localhost/ 7", base + " " + version, "what the worker knows of the page");
                return engine;
            });
        }

        /** The worker says that it is up. */
        void start() {
            remote.start();
            page.received(new Messages.Started());
        }

        TeamEngine.Outcome outcome(String name) {
            return (report, failure) -> ends.add(name + " " + (report == null ? "-" : "" + report.modes.size()) + " "
                    + (failure == null ? "-" : failure.code));
        }
    }

    private static RunRequest request() {
        return new RunRequest("2 + 2?", null, 3, 16, 0.5, -4, List.of("latent", "text"), Map.of("solver", "Be \"brief\""))
                .withLinks(Map.of("planner->critic", "noise")).seeingInside(true).sampling(0.9, 3).stepwise(true)
                .searching("https://w/api.php").stoppingEarly(0.75).retrieving(3);
    }

    private static Border running() {
        Border border = new Border();
        border.remote.open("http://localhost/team.json", "{}", List.of("critic"));
        border.start();
        border.remote.run(request(), border.outcome("run"));
        border.notes.told.clear();
        return border;
    }

    static void eventsCrossTheBorderInOrder() {
        Border border = running();
        EngineListener engine = border.engine.listener;
        engine.onLinks(new LinkIndex("demo", List.of("mixture"), List.of(new LinkIndex.Head("outer", "a", "b", 2, 3)),
                List.of("b")), null);
        engine.onLinks(LinkIndex.NONE, null);
        engine.onLinks(null, "gone");
        engine.onLoadProgress("planner", 0.5, "fetching");
        engine.onNote("stored files are used");
        engine.onReady(12.5);
        engine.onModeStart("latent");
        engine.onStageStart("latent", "planner", 1, "rollout");
        StageReport stage = new StageReport();
        stage.agent = "planner";
        engine.onStageEnd("latent", stage);
        engine.onText("latent", "4", 1);
        ModeReport mode = new ModeReport();
        mode.answer = "4";
        engine.onModeEnd("latent", mode);
        RunReport report = new RunReport();
        report.modes.add(mode);
        engine.onRunEnd(report, false);
        Check.equal(List.of(), border.ends, "ends before the end");
        border.engine.outcome.ended(report, null);
        Check.equal(List.of("links demo [mixture] [Head[kind=outer, from=a, to=b, inWidth=2, outWidth=3]] [b]",
                "links null [] [] []", "links gone", "progress planner 0.5 fetching",
                "note stored files are used", "ready 12.5", "mode latent",
                "stage latent planner 1 rollout", "stage end planner", "text 4 1", "mode end 4", "run end 1 false"),
                border.notes.told, "events");
        Check.equal(List.of("run 1 -"), border.ends, "ends");
    }

    static void requestsCrossTheBorderWhole() {
        Border border = running();
        RunRequest there = border.engine.request;
        Check.equal("2 + 2?", there.problem(), "problem");
        Check.equal(null, there.expected(), "expected");
        Check.equal(3, there.rounds(), "rounds");
        Check.equal(16, there.latentSteps(), "latent steps");
        Check.equal(0.5, there.temperature(), "temperature");
        Check.equal(-4, there.seed(), "seed");
        Check.equal(List.of("latent", "text"), there.modes(), "modes");
        Check.equal(Map.of("solver", "Be \"brief\""), there.systems(), "systems");
        Check.equal(Map.of("planner->critic", "noise"), there.links(), "links");
        Check.equal("https://w/api.php", there.search(), "search");
        Check.equal(0.75, there.stopEarly(), "stop early");
        Check.equal(3, there.retrieval(), "retrieval");
        Check.that(there.seeInside(), "the latents are not kept");
        Check.equal(List.of("open http://localhost/team.json {} [critic]", "run"), border.engine.asked, "what was asked");
    }

    static void lateNormsReachTheStageThatWasTold() {
        List<Messages.Message> crossed = new ArrayList<>();
        ScriptedEngine[] made = {null};
        EngineHost host = new EngineHost(new EnginePort() {
            @Override
            public void post(Messages.Message message) {
                crossed.add(message);
            }

            @Override
            public void close() {
                throw new AssertionError("a worker does not close the page");
            }
        }, null, (base, page) -> made[0] = new ScriptedEngine());
        host.received(new Messages.Start());
        crossed.clear();
        StageReport writer = new StageReport();
        StageReport thinker = new StageReport();
        thinker.latentSteps = 2;
        made[0].listener.onModeStart("latent");
        made[0].listener.onStageEnd("latent", writer);
        made[0].listener.onStageEnd("latent", thinker);
        thinker.hiddenNorms = new double[] {1.5, 2.5};
        made[0].listener.onText("latent", "a", 1);
        made[0].listener.onText("latent", "ab", 2);
        List<String> types = new ArrayList<>();
        crossed.forEach(message -> types.add(message.getClass().getSimpleName()));
        Check.equal(List.of("ModeStart", "StageEnd", "StageEnd", "Norms", "Text", "Text"), types, "messages");

        Border page = running();
        page.page.received(crossed.get(0));
        for (int i = 1; i <= 2; i++) {
            Messages.StageEnd end = new Messages.StageEnd();   // the copy that a border makes
            end.stage = new StageReport();
            end.stage.latentSteps = i == 1 ? 0 : 2;
            page.page.received(end);
        }
        page.page.received(crossed.get(3));
        Check.equal(0, page.notes.stages.get(0).hiddenNorms.length, "norms of a stage without latent steps");
        Check.equal(2.5, page.notes.stages.get(1).hiddenNorms[1], "the second norm");
    }

    static void nothingIsSentBeforeTheWorkerIsUp() {
        Border border = new Border();
        border.remote.open("u", "{}", List.of());
        border.remote.load(border.outcome("load"));
        border.remote.repair(border.outcome("repair"));
        border.remote.stop();
        Check.equal(1, border.workers, "workers");
        Check.equal(List.of(), border.sent, "sent");
        border.page.received(new Messages.Started());
        Check.equal(List.of("Start", "Open", "Load", "Load", "Stop"), border.sent, "sent");
        Check.equal(List.of("open u {} []", "load", "repair", "stop"), border.engine.asked, "asked");
    }

    static void haltsAndTheWayOnCrossTheBorder() {
        Border border = running();
        border.engine.listener.onHalt("latent", "planner", 1, "rollout");
        Check.equal(List.of("halt latent planner 1 rollout"), border.notes.told, "told");
        border.remote.proceed(false);
        border.remote.proceed(true);
        Check.equal(List.of("proceed false", "proceed true"), border.engine.asked.subList(2, 4), "asked");
        border.engine.outcome.ended(new RunReport(), null);
        border.remote.proceed(true);
        Check.equal(4, border.engine.asked.size(), "nothing is sent when nothing is under way");
    }

    static void stopReachesTheEngine() {
        Border border = running();
        border.remote.stop();
        Check.equal("stop", border.engine.asked.get(2), "asked");
        border.engine.listener.onRunEnd(new RunReport(), true);
        border.engine.outcome.ended(new RunReport(), null);
        Check.equal(List.of("run end 0 true"), border.notes.told, "told");
        Check.equal(List.of("run 0 -"), border.ends, "ends");
        border.remote.stop();
        Check.equal(3, border.engine.asked.size(), "a stop when nothing is under way is not sent");
    }

    private static void kept(RuntimeException thrown, String code, String remedy, String file, String field) {
        Border border = running();
        border.engine.listener.onError(Failure.of(thrown));
        Failure failure = border.notes.failure;
        Check.equal(thrown.getMessage(), failure.message, "message");
        Check.equal(code, failure.code, "code");
        Check.equal(remedy, failure.remedy, "remedy");
        Check.equal(file, failure.file, "file");
        Check.equal(field, failure.field, "field");
        Check.equal(code, Failure.of(failure.toException()).code, "code of the failure, thrown again");
    }

    static void failuresKeepTheirKindAndRemedy() {
        kept(new FormatException("team.json", "agents[0].id", "is missing", "Give it"), Failure.FORMAT, "Give it",
                "team.json", "agents[0].id");
        kept(new EngineException("no such thing"), EngineException.ENGINE, "", null, null);
        kept(new EngineException(EngineException.GPU_LOST, "Lost.", "Load again.", null), EngineException.GPU_LOST,
                "Load again.", null, null);
        kept(new IllegalArgumentException("depth 2 is too much"), Failure.REQUEST, "", null, null);
        kept(new IllegalStateException("busy"), Failure.STATE, "", null, null);
        kept(new UnsupportedOperationException("a mistake"), Failure.INTERNAL, "", null, null);
        Failure bare = Failure.of(new RuntimeException());
        Check.that(bare.code.equals(Failure.INTERNAL) && bare.message.contains(bare.remedy) && !bare.remedy.isEmpty(),
                "an error without a message: " + bare.message);
    }

    static void badRequestIsRefusedByTheWorker() {
        Border border = running();
        EngineHost host = border.up(border.page);
        host.received(startOf());
        Messages.Run run = new Messages.Run();
        run.task = 1;
        run.problem = "p";
        run.rounds = 9;
        run.modes.add("latent");
        host.received(run);
        Check.equal(List.of("error"), border.notes.told, "told");
        Check.equal(Failure.REQUEST, border.notes.failure.code, "code");
        Check.that(border.notes.failure.message.contains("is 9"), border.notes.failure.message);
        Check.equal(List.of("run - request"), border.ends, "ends");
    }

    private static Messages.Start startOf() {
        Messages.Start start = new Messages.Start();
        start.base = "http://localhost/";
        start.page = "7";
        return start;
    }

    static void lostWorkerEndsWhatWasUnderWay() {
        Border border = running();
        border.remote.load(border.outcome("load"));
        RunReport partial = new RunReport();
        partial.modes.add(new ModeReport());
        border.engine.listener.onPartialReport(partial);
        border.page.lost(Failure.of(Failure.WORKER_LOST, "Gone.", "Restart."));
        Check.equal(List.of("partial 1", "lost"), border.notes.told, "told");
        Check.equal(List.of("run 1 worker-lost", "load - worker-lost"), border.ends, "ends");
        Check.equal(1, border.closed, "closed workers");
        border.remote.run(request(), border.outcome("again"));
        Check.equal(2, border.workers, "the next run starts a fresh worker");
    }

    static void restartedWorkerKnowsTheTeam() {
        Border border = running();
        border.sent.clear();
        border.remote.restart();
        Check.equal(List.of("lost"), border.notes.told, "told");
        Check.equal(List.of("run - worker-lost"), border.ends, "ends");
        Check.that(border.closed == 1 && border.workers == 2, "one worker ended, one begun");
        border.page.received(new Messages.Started());
        Check.equal(List.of("Start", "Open"), border.sent, "sent to the fresh worker");
        border.notes.told.clear();
        border.remote.restart();
        Check.equal(List.of(), border.notes.told, "nothing is lost with an idle worker without models");
    }

    static void lostWorkerIsNotHeardAnyMore() {
        Border border = running();
        EnginePort.Receiver first = border.page;
        border.remote.restart();
        border.page.received(new Messages.Started());
        border.notes.told.clear();
        first.received(new Messages.Ready());
        first.lost(Failure.of(Failure.WORKER_LOST, "Gone.", "Restart."));
        Check.equal(List.of(), border.notes.told, "told by the ended worker");
    }

    static void workerOfAnotherVersionIsRefused() {
        Border border = new Border();
        border.remote.load(border.outcome("load"));
        Messages.Started other = new Messages.Started();
        other.version = Messages.VERSION + 1;
        border.page.received(other);
        Check.equal(List.of("lost"), border.notes.told, "told");
        Check.that(border.notes.failure.message.contains("engine.js"), border.notes.failure.message);
        Check.equal(List.of("load - worker-lost"), border.ends, "ends");
        Check.equal(List.of(), border.sent, "sent");
    }

    static void browserWithoutWorkersIsToldSo() {
        Notes notes = new Notes();
        RemoteEngine remote = new RemoteEngine(receiver -> {
            throw new IllegalStateException("workers are off");
        }, "http://localhost/", "7");
        remote.setListener(notes);
        List<String> ends = new ArrayList<>();
        remote.load((report, failure) -> ends.add(failure.code));
        Check.equal(List.of("lost"), notes.told, "told");
        Check.that(notes.failure.message.contains("workers are off"), notes.failure.message);
        Check.equal(List.of(Failure.WORKER_LOST), ends, "ends");
    }
}
