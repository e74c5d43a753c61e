package org.recursivemas.ui.fake;

import java.util.ArrayList;
import java.util.List;
import org.recursivemas.data.AgentSpec;
import org.recursivemas.data.AnswerReport;
import org.recursivemas.data.CandidateReport;
import org.recursivemas.data.ChatFormat;
import org.recursivemas.data.HandOff;
import org.recursivemas.data.ModeReport;
import org.recursivemas.data.RunReport;
import org.recursivemas.data.StageReport;
import org.recursivemas.data.Team;
import org.recursivemas.data.ToolCallReport;
import org.recursivemas.data.ToolSpec;
import org.recursivemas.engine.EngineException;
import org.recursivemas.playground.Failure;
import org.recursivemas.playground.Playground;
import org.recursivemas.playground.PlaygroundListener;
import org.recursivemas.playground.RunRequest;
import org.recursivemas.team.LinkIndex;

/**
 * A playground that says what a real one would say, by a script, without any model: for tests of the views. Its latent
 * team is right, its single agent is wrong, and so is the team when zeros stand for a link.
 */
public final class FakePlayground implements Playground {
    /** What is to go differently from a good run. */
    public static final class Options {
        /** What {@link Playground#unavailableReason()} returns. */
        public String unavailable;
        public String title = "Demo team";
        /** The team's link file, or null for a team without. */
        public String links = "recursivelink.json";
        /** Whether the link file lacks the outer link from critic to solver. */
        public boolean linkGap;
        /** Message with which opening fails, or null. */
        public String openError;
        /** Message with which loading fails, or null. */
        public String loadError;
        /** Message about a damaged file with which loading fails until it is repaired, or null. */
        public String damage;
        /** What is said of a load, or null. */
        public String note;
        /** Message with which the text mode fails in its second stage, or null. */
        public String runError;
        /**
         * The stage, as AGENT:ROUND, in which a mode hangs until it is stopped; AGENT:ROUND:text for a stage that hangs
         * after its second word; or null.
         */
        public String haltsIn;
        /** The stage, as AGENT:ROUND, in which the first run's worker ends by an error; or null. */
        public String crashesIn;
        /** Whether the team has a search tool. */
        public boolean tools;
        /** Milliseconds between two events. */
        public int pace = 1;
    }

    private final Options options;
    private final Later later;
    private final List<Runnable> script = new ArrayList<>();
    private PlaygroundListener listener;
    private Team team;
    private boolean loaded;
    private boolean stopped;
    private boolean playing;
    private boolean halting;
    private RunReport report;
    /** The last team file that was given, for tests to look at. */
    public String opened;
    /** The last request, for tests to look at. */
    public RunRequest request;

    public FakePlayground(Options options, Later later) {
        this.options = options;
        this.later = later;
    }

    @Override
    public void setListener(PlaygroundListener newListener) {
        listener = newListener;
    }

    @Override
    public String unavailableReason() {
        return options.unavailable;
    }

    @Override
    public void open(String teamUrl) {
        if (options.openError != null) {
            later.run(options.pace, () -> listener.onError(failure(options.openError)));
            return;
        }
        team = team(options.title);
        team.links = options.links;
        if (options.tools) {
            ToolSpec search = new ToolSpec();
            search.name = "search";
            search.kind = "search";
            search.corpus = "corpus.json";
            team.tools.add(search);
        }
        later.run(options.pace, () -> {
            listener.onTeam(team);
            tellLinks();
        });
    }

    private void tellLinks() {
        if (options.links != null) {
            List<LinkIndex.Head> heads = new ArrayList<>();
            team.agents.forEach(agent -> heads.add(new LinkIndex.Head("inner", agent.id, agent.id, agent.hiddenSize,
                    agent.hiddenSize)));
            heads.add(new LinkIndex.Head("outer", "planner", "critic", 256, 320));
            heads.add(new LinkIndex.Head("outer", "solver", "planner", 192, 256));
            if (!options.linkGap) {
                heads.add(new LinkIndex.Head("outer", "critic", "solver", 320, 192));
            }
            listener.onLinks(new LinkIndex(team.id, List.of(), heads, List.of()), null);
        }
    }

    @Override
    public String teamText() {
        return team == null ? null : "{\"format\":\"recursivemas.team\",\"version\":1,\"id\":\"demo\",\"title\":\"<b>x</b>\","
                + (options.links == null ? "" : "\"links\":\"" + options.links + "\",")
                + "\"agents\":[{\"id\":\"planner\",\"title\":\"Planner\",\"model\":\"agents/planner\",\"hidden_size\":256},"
                + "{\"id\":\"critic\",\"title\":\"Critic\",\"model\":\"agents/critic\",\"hidden_size\":320}],"
                + "\"hand_offs\":[{\"from\":\"planner\",\"to\":\"critic\",\"slot\":\"plan\",\"feedback\":false}]}";
    }

    @Override
    public void openText(String text) {
        if (!text.contains("\"critic2\"")) {
            throw new org.recursivemas.data.FormatException("team.json", "agents", "lacks critic2", "Copy the critic");
        }
        opened = text;
        listener.onTeam(team);
    }

    @Override
    public void load() {
        stopped = false;
        addLoad();
        play();
    }

    @Override
    public void repair() {
        options.damage = null;
        load();
    }

    @Override
    public void run(RunRequest newRequest) {
        request = newRequest;
        stopped = false;
        report = new RunReport();
        report.team = team.id;
        report.problem = newRequest.problem();
        report.expected = newRequest.expected();
        report.temperature = newRequest.temperature();
        report.seed = newRequest.seed();
        report.topP = newRequest.topP();
        report.answers = newRequest.answers();
        report.search = newRequest.search();
        halting = newRequest.stepwise();
        for (AgentSpec agent : team.agents) {
            report.systems.put(agent.id, newRequest.systems().getOrDefault(agent.id, agent.system));
        }
        report.artifacts.put("team", "sha256:0");
        if (!loaded) {
            addLoad();
        }
        for (String mode : newRequest.modes()) {
            addMode(mode, newRequest);
        }
        script.add(() -> listener.onRunEnd(report, false));
        script.add(() -> listener.onIdle());
        play();
    }

    /** The GPU is lost: the next run loads the models again. */
    public void lose() {
        loaded = false;
    }

    @Override
    public void stop() {
        stopped = true;
        play();
    }

    @Override
    public void proceed(boolean toTheEnd) {
        halting &= !toTheEnd;
        play();
    }

    @Override
    public void restart() {
        script.clear();
        loaded = false;
        stopped = false;
        listener.onLost(Failure.of(Failure.WORKER_LOST, "The engine was restarted.", "Run again."));
        listener.onIdle();
    }

    /** The worker ends by an error. */
    public void crash() {
        options.crashesIn = null;
        script.clear();
        loaded = false;
        listener.onLost(Failure.of(Failure.WORKER_LOST, "The worker ended.", "Restart the engine."));
        listener.onIdle();
    }

    @Override
    public Problem newProblem(int seed) {
        int apples = 10 + seed % 80;
        return new Problem("Ann has " + apples + " apples. She buys 7 more. How many apples has she now?",
                Integer.toString(apples + 7));
    }

    @Override
    public Team team() {
        return team;
    }

    private static Failure failure(String message) {
        return Failure.of(EngineException.ENGINE, message, "");
    }

    private void play() {
        if (!playing) {
            playing = true;
            later.run(options.pace, this::step);
        }
    }

    private void step() {
        playing = false;
        if (stopped) {
            script.clear();
            if (report != null) {
                listener.onRunEnd(report, true);
            }
            listener.onIdle();
        } else if (!script.isEmpty()) {
            Runnable next = script.remove(0);
            next.run();
            if (!script.isEmpty() && !(next instanceof Halt) && !(next instanceof StepHalt && halting)) {
                play();
            }
        }
    }

    /** The place where a stepwise run waits for a person. */
    private final class StepHalt implements Runnable {
        private final String mode;
        private final StageReport stage;

        StepHalt(String mode, StageReport stage) {
            this.mode = mode;
            this.stage = stage;
        }

        @Override
        public void run() {
            if (halting) {
                listener.onHalt(mode, stage.agent, stage.round, stage.kind);
            }
        }
    }

    /** The place where a halting run waits for Stop. */
    private static final class Halt implements Runnable {
        @Override
        public void run() {
            // Nothing is told while the run hangs.
        }
    }

    private void addLoad() {
        for (AgentSpec agent : team.agents) {
            script.add(() -> listener.onLoadProgress(agent.id, 0.25, "fetching weights"));
            Failure fault = options.loadError != null ? failure(options.loadError)
                    : options.damage != null ? Failure.of(EngineException.DAMAGED, options.damage, "") : null;
            if (fault != null) {
                script.add(() -> {
                    script.clear();
                    listener.onError(fault);
                    listener.onIdle();
                });
                return;
            }
            script.add(() -> listener.onLoadProgress(agent.id, 0.8, "compiling shaders"));
            script.add(() -> listener.onLoadProgress(agent.id, 1, "ready"));
        }
        script.add(() -> {
            loaded = true;
            if (options.note != null) {
                listener.onNote(options.note);
            }
            listener.onReady(1234);
        });
    }

    private void addMode(String mode, RunRequest run) {
        ModeReport result = new ModeReport();
        result.mode = mode;
        result.rounds = mode.equals("single") ? 1 : run.rounds();
        result.latentSteps = mode.equals("latent") ? run.latentSteps() : 0;
        if (mode.equals("latent") && run.stopEarly() > 0) {   // round 2 is like round 1 from 0.995
            result.stopEarly = run.stopEarly();
            result.mostRounds = run.rounds();
            result.rounds = run.stopEarly() <= 0.995 ? Math.min(2, run.rounds()) : run.rounds();
            result.agreements = new double[] {0.995};
        }
        result.retrieval = mode.equals("single") ? 0 : run.retrieval();
        script.add(() -> listener.onModeStart(mode));
        for (int round = 1; round <= result.rounds; round++) {
            for (int i = 0; i < team.agents.size(); i++) {
                boolean last = i == team.agents.size() - 1;
                if (mode.equals("single") && !last) {
                    continue;
                }
                boolean decides = last && round == result.rounds;
                addStage(mode, result, team.agents.get(i).id, round,
                        decides ? "answer" : mode.equals("latent") ? "rollout" : "text", run);
            }
        }
        script.add(() -> {
            report.modes.add(result);
            listener.onModeEnd(mode, result);
        });
    }

    private void addStage(String mode, ModeReport result, String agent, int round, String kind, RunRequest run) {
        StageReport stage = new StageReport();
        stage.agent = agent;
        stage.round = round;
        stage.kind = kind;
        stage.promptPositions = 60;
        for (int made = 1; made <= round && result.retrieval > 0; made++) {   // the older, the more relevant
            CandidateReport candidate = new CandidateReport();
            candidate.slot = "plan";
            candidate.from = "planner";
            candidate.round = made;
            candidate.score = 0.5 - 0.125 * made;
            candidate.chosen = made <= result.retrieval;
            stage.candidates.add(candidate);
        }
        stage.millis = kind.equals("rollout") ? 12.5 : 90;
        if (kind.equals("rollout")) {
            stage.latentSteps = run.latentSteps();
        } else {
            stage.text = kind.equals("text") ? "+7\n<b>bold</b>" : answerText(mode, run);
            stage.decodedTokens = kind.equals("text") ? 12 : 8;
        }
        stage.positions = stage.promptPositions + stage.latentSteps + stage.decodedTokens;
        if (run.stepwise()) {
            script.add(new StepHalt(mode, stage));
        }
        script.add(() -> listener.onStageStart(mode, agent, round, kind));
        if ((agent + ":" + round).equals(options.crashesIn)) {
            script.add(this::crash);
        }
        if ((agent + ":" + round).equals(options.haltsIn)) {
            script.add(new Halt());
        }
        if (options.runError != null && mode.equals("text") && agent.equals("critic")) {
            script.add(() -> {
                script.clear();
                if (!report.modes.isEmpty()) {
                    listener.onPartialReport(report);
                }
                listener.onError(failure(options.runError));
                listener.onIdle();
            });
            return;
        }
        if (kind.equals("answer") && options.tools) {
            stage.toolCalls.add(call(run));
        }
        if (kind.equals("answer")) {
            String[] words = stage.text.split(" ");
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < words.length; i++) {
                text.append(i == 0 ? "" : " ").append(words[i]);
                String soFar = text.toString();
                int tokens = i + 1;
                script.add(() -> {
                    fillNorms(result);
                    listener.onText(mode, soFar, tokens);
                });
                if (i == 1 && (agent + ":" + round + ":text").equals(options.haltsIn)) {
                    script.add(new Halt());
                }
            }
        }
        script.add(() -> {
            result.stages.add(stage);
            result.promptPositions += stage.promptPositions;
            result.latentStepsTotal += stage.latentSteps;
            result.decodedTokens += stage.decodedTokens;
            result.positions += stage.positions;
            result.millis += stage.millis;
            if (kind.equals("answer")) {
                result.text = stage.text;
                result.answer = answer(mode, run);
                result.correct = run.expected() == null ? null : result.answer.equals(run.expected());
                result.finish = "stop";
                for (int i = 0; run.answers() > 1 && i < run.answers(); i++) {
                    AnswerReport one = new AnswerReport();
                    one.seed = run.seed() + 16 * i;
                    one.text = i == 1 ? "I think\nAnswer: <b>7</b>" : stage.text;
                    one.answer = i == 1 ? "<b>7</b>" : result.answer;
                    one.finish = "stop";
                    one.decodedTokens = 8;
                    result.answers.add(one);
                }
                result.linkMillis = mode.equals("latent") ? 1.5 : -1;
            }
            listener.onStageEnd(mode, stage);
        });
    }

    private static ToolCallReport call(RunRequest run) {
        ToolCallReport call = new ToolCallReport();
        call.tool = "search";
        call.input = "<b>pens</b>";
        call.source = run.search() == null ? "corpus.json" : run.search();
        call.failed = run.search() != null;
        call.result = call.failed ? "error: " + call.source + " did not answer" : "pens cost 4";
        return call;
    }

    /** Norms are read with the first token, long after the stages ended: into the reports that were handed out. */
    private static void fillNorms(ModeReport result) {
        for (StageReport stage : result.stages) {
            if (stage.hiddenNorms.length == 0) {
                stage.hiddenNorms = new double[stage.latentSteps];
                for (int i = 0; i < stage.hiddenNorms.length; i++) {
                    stage.hiddenNorms[i] = 14 + i % 2;
                }
            }
        }
    }

    private static String answer(String mode, RunRequest run) {
        return mode.equals("single") || run.links().containsValue("zero") ? "3" : run.expected() == null ? "42" : run.expected();
    }

    private static String answerText(String mode, RunRequest run) {
        return "so many + 7 = " + answer(mode, run) + "\nAnswer: " + answer(mode, run);
    }

    /** The team of the shipped demo's shape. */
    public static Team team(String title) {
        Team team = new Team();
        team.format = Team.FORMAT;
        team.version = Team.VERSION;
        team.id = "demo";
        team.title = title;
        team.description = "Three small agents that solve stories about quantities.";
        team.agents.add(agent("planner", "Planner", 256, "You plan.", "Plan: {question}"));
        team.agents.get(0).userFeedback = "Plan: {question}\nBefore: {feedback}";
        team.agents.add(agent("critic", "Critic", 320, "You check the plan.", "{question}\nPlan: {plan}"));
        team.agents.add(agent("solver", "Solver", 192, "You solve.", "{question}\nPlan: {plan}"));
        team.agents.get(2).userAlone = "{question}";
        team.handOffs.add(handOff("planner", "critic", "plan", false));
        team.handOffs.add(handOff("critic", "solver", "plan", false));
        team.handOffs.add(handOff("solver", "planner", "feedback", true));
        team.links = "recursivelink.json";
        team.rounds = 2;
        team.latentSteps = 16;
        team.answerMarker = "Answer:";
        team.examples.add("Tom has 12 marbles. He loses 4. How many marbles has he now?");
        team.examples.add("A box holds 6 pens & 2 <b>rulers</b>. Eve buys 3 boxes. How many pens has she?");
        return team;
    }

    private static AgentSpec agent(String id, String title, int hiddenSize, String system, String user) {
        AgentSpec agent = new AgentSpec();
        agent.chat = new ChatFormat();
        agent.chat.system = "{system}\n";
        agent.chat.user = "{user}\n";
        agent.chat.generation = "";
        agent.id = id;
        agent.model = "agents/" + id;
        agent.library = "agents/" + id + ".wasm";
        agent.title = title;
        agent.hiddenSize = hiddenSize;
        agent.system = system;
        agent.user = user;
        agent.maxTokens = 64;
        return agent;
    }

    private static HandOff handOff(String from, String to, String slot, boolean feedback) {
        HandOff handOff = new HandOff();
        handOff.from = from;
        handOff.to = to;
        handOff.slot = slot;
        handOff.feedback = feedback;
        return handOff;
    }
}
