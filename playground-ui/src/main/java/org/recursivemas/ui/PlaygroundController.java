package org.recursivemas.ui;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntSupplier;
import org.recursivemas.data.AgentSpec;
import org.recursivemas.data.ModeReport;
import org.recursivemas.data.RunReport;
import org.recursivemas.data.StageReport;
import org.recursivemas.data.Team;
import org.recursivemas.engine.EngineException;
import org.recursivemas.measure.SharedSetup;
import org.recursivemas.playground.Failure;
import org.recursivemas.playground.Playground;
import org.recursivemas.playground.PlaygroundListener;
import org.recursivemas.playground.RunRequest;
import org.recursivemas.team.LinkIndex;
import org.recursivemas.ui.PlaygroundState.Activity;

/**
 * Turns what a person does and what the playground tells into changes of the {@link PlaygroundState}, and has the views
 * rendered after each. Plain Java.
 */
public final class PlaygroundController implements PlaygroundListener {
    private final Playground playground;
    private final PlaygroundState state;
    private final IntSupplier seeds;
    private final Runnable changed;
    private final List<RunObserver> observers = new ArrayList<>();

    /**
     * @param seeds seeds of new problems
     * @param changed called after every change of the state
     */
    public PlaygroundController(Playground playground, PlaygroundState state, IntSupplier seeds, Runnable changed) {
        this.playground = playground;
        this.state = state;
        this.seeds = seeds;
        this.changed = changed;
    }

    /** Has the ends of all runs told to {@code observer}, after the page knows of them. */
    public void observe(RunObserver observer) {
        observers.add(observer);
    }

    /** Takes problem, settings and prompts over; an expected answer is known as long as the problem stays unchanged. */
    public void restore(SharedSetup setup) {
        try {
            state.restore(setup);
        } catch (IllegalArgumentException e) {
            state.error = messageOf(e);
        }
        change();
    }

    /** Shows a failure that did not come from the playground. */
    public void report(String failure) {
        state.error = failure;
        change();
    }

    /** Keeps Run from being pressed while something longer goes on. @param reason for people, or null to release it */
    public void occupy(String reason) {
        state.occupied = reason;
        change();
    }

    /** Listens to the playground and has it open a team. */
    public void start(String teamUrl) {
        playground.setListener(this);
        state.status = Texts.STATUS_OPENING;
        attempt(() -> playground.open(teamUrl));
    }

    /** The text of the open team's file, or null. */
    public String teamText() {
        return playground.teamText();
    }

    /**
     * Has the playground open a team file that a person changed or gave.
     *
     * @throws RuntimeException for people, when it is none; the open team stays
     */
    public void useTeam(String text) {
        playground.openText(text);
    }

    public void editProblem(String text) {
        state.problem = text;
        change();
    }

    /** Puts the team's example of that index into the problem box. */
    public void chooseExample(int index) {
        state.problem = state.team.examples.get(index);
        change();
    }

    /** A fresh problem with its answer, which the page takes no notice of. */
    public Playground.Problem freshProblem() {
        return playground.newProblem(seeds.getAsInt());
    }

    /** Puts a fresh problem into the box and remembers its answer until the box is edited. */
    public void newProblem() {
        try {
            state.generated = freshProblem();
            state.problem = state.generated.text();
        } catch (RuntimeException e) {
            state.error = messageOf(e);
        }
        change();
    }

    public void setRounds(int rounds) {
        state.rounds = PlaygroundState.clamp(rounds, PlaygroundState.MIN_ROUNDS, PlaygroundState.MAX_ROUNDS);
        change();
    }

    public void setLatentSteps(int steps) {
        state.latentSteps = PlaygroundState.clamp(steps, 0, PlaygroundState.MAX_LATENT_STEPS);
        change();
    }

    /** @param temperature 0 to 2; 0 takes the likeliest token always */
    public void setTemperature(double temperature) {
        state.temperature = Math.max(0, Math.min(PlaygroundState.MAX_TEMPERATURE, temperature));
        change();
    }

    /** @param nucleus above 0, at most 1 */
    public void setTopP(double nucleus) {
        state.topP = Math.max(PlaygroundState.MIN_TOP_P, Math.min(1, nucleus));
        change();
    }

    /** How many answers are decoded from one set of rollouts. */
    public void setAnswers(int count) {
        state.answers = PlaygroundState.clamp(count, 1, RunRequest.MOST_ANSWERS);
        change();
    }

    /** Whether the next run halts before each stage. */
    public void setStepwise(boolean on) {
        state.stepwise = on;
        change();
    }

    /** Whether a latent run may end with a round that is like the one before. */
    public void stopEarly(boolean on) {
        state.stopsEarly = on;
        change();
    }

    /** @param cosine from which rounds are alike, 0.5 to 1 */
    public void setAlike(double cosine) {
        state.alike = Math.max(PlaygroundState.MIN_ALIKE, Math.min(1, cosine));
        change();
    }

    /** @param messages that a hand-off brings, 1 to 8; 0 for the newest alone */
    public void setRetrieval(int messages) {
        state.retrieval = PlaygroundState.clamp(messages, 0, RunRequest.MOST_RETRIEVED);
        change();
    }

    /** Has the search tools ask a wiki. @param api null for the team's corpus */
    public void searchIn(String api) {
        state.search = api;
        change();
    }

    /** Lets a halted run do its next stage, or all the rest. */
    public void proceed(boolean toTheEnd) {
        if (state.halted != null) {
            state.halted = null;
            state.status = Texts.STATUS_RUNNING;
            attempt(() -> playground.proceed(toTheEnd));
        }
    }

    public void editSeed(String text) {
        state.seedText = text;
        change();
    }

    public void choose(String mode, boolean on) {
        state.chosen.put(mode, on);
        change();
    }

    /** Whether the next latent run's vectors are kept and shown. */
    public void seeInside(boolean see) {
        state.seesInside = see;
        change();
    }

    /** Puts one of {@link org.recursivemas.team.LinkSwap#ALL} in a link's place, from the next run on. */
    public void swapLink(String link, String swap) {
        state.swap(link, swap);
        change();
    }

    public void editSystem(String agent, String text) {
        state.systems.put(agent, text);
        change();
    }

    /** Gives an agent the team's own system message back. */
    public void resetSystem(String agent) {
        AgentSpec spec = state.agent(agent);
        state.systems.put(agent, PlaygroundState.teamSystem(spec));
        change();
    }

    public void dismissError() {
        state.error = null;
        state.engineLost = false;
        change();
    }

    /** Fetches and compiles the models. */
    public void load() {
        load(Texts.STATUS_LOADING, playground::load);
    }

    private void load(String status, Runnable call) {
        if (!state.canLoad()) {
            return;
        }
        state.error = null;
        state.note = null;
        state.engineLost = false;
        state.activity = Activity.LOADING;
        state.status = status;
        attempt(call);
    }

    /** Fetches stored weights that are damaged again, and loads the models. */
    public void repair() {
        load(Texts.STATUS_REPAIRING, playground::repair);
    }

    /** Runs the chosen modes. */
    public void run() {
        if (state.runBlocked() == null) {
            run(state.toRequest());
        }
    }

    /** Runs something that was set up elsewhere on the page; shown like a run of the Run button. Only while idle. */
    public void run(RunRequest request) {
        state.error = null;
        state.note = state.modelsReady ? state.note : null;
        state.engineLost = false;
        state.request = request;
        state.report = null;
        state.activity = Activity.RUNNING;
        state.status = state.modelsReady ? Texts.STATUS_RUNNING : Texts.STATUS_LOADING;
        for (String mode : PlaygroundState.MODES) {
            state.runs.get(mode).reset(request.modes().contains(mode) ? ModeRun.Status.WAITING : ModeRun.Status.IDLE);
        }
        attempt(() -> playground.run(request));
    }

    /** Stops the run or the download under way. */
    public void stop() {
        if (!state.canStop()) {
            return;
        }
        if (state.activity == Activity.LOADING) {
            // A load that is stopped ends without a further call.
            state.activity = Activity.IDLE;
            state.status = Texts.STATUS_LOAD_STOPPED;
        } else {
            state.stopping = true;
            state.halted = null;
            state.status = Texts.STATUS_STOPPING;
        }
        attempt(playground::stop);
    }

    /** Ends the engine, whatever it is doing, and starts a fresh one. */
    public void restart() {
        if (!state.canRestart()) {
            return;
        }
        state.error = null;
        state.engineLost = false;
        state.status = Texts.STATUS_RESTARTED;
        state.restarting = true;
        attempt(playground::restart);
        state.restarting = false;
    }

    @Override
    public void onTeam(Team team) {
        state.error = null;
        state.open(team);
        state.status = playground.unavailableReason() == null ? Texts.STATUS_OPENED : Texts.STATUS_OPENED_ONLY;
        change();
        observers.forEach(observer -> observer.onTeam(team));
    }

    @Override
    public void onLinks(LinkIndex links, String fault) {
        state.links = links;
        state.linksFault = fault;
        change();
    }

    @Override
    public void onLoadProgress(String agent, double fraction, String text) {
        state.modelsReady = false;   // models that were ready are loaded again only after they were lost
        if (state.activity == Activity.RUNNING && !state.stopping) {
            state.status = Texts.STATUS_LOADING;
        }
        double part = Double.isNaN(fraction) ? 0 : Math.max(0, Math.min(1, fraction));
        state.progress.put(agent, new PlaygroundState.Progress(part, text));
        change();
    }

    @Override
    public void onNote(String text) {
        state.note = text;
        change();
    }

    @Override
    public void onReady(double millis) {
        state.modelsReady = true;
        state.readyMillis = millis;
        if (state.activity == Activity.LOADING) {
            state.activity = Activity.IDLE;
        }
        state.status = Texts.ready(millis);
        change();
    }

    @Override
    public void onModeStart(String mode) {
        if (state.activity == Activity.IDLE) {
            adoptRun();
        }
        state.activeMode = mode;
        state.runs.get(mode).start();
        state.status = Texts.modeStarted(mode);
        change();
    }

    @Override
    public void onHalt(String mode, String agent, int round, String kind) {
        state.halted = new PlaygroundState.Halted(mode, agent, round, kind);
        state.status = Texts.halted(mode, state.agentTitle(agent), round, kind);
        change();
    }

    @Override
    public void onStageStart(String mode, String agent, int round, String kind) {
        state.runs.get(mode).startStage(agent, round, kind);
        change();
    }

    @Override
    public void onStageEnd(String mode, StageReport stage) {
        state.runs.get(mode).endStage(stage);
        change();
    }

    @Override
    public void onText(String mode, String textSoFar, int decodedTokens) {
        state.runs.get(mode).write(textSoFar, decodedTokens);
        change();
    }

    @Override
    public void onModeEnd(String mode, ModeReport report) {
        state.activeMode = null;
        state.runs.get(mode).end(report);
        change();
    }

    @Override
    public void onRunEnd(RunReport report, boolean stopped) {
        state.report = report;
        state.status = stopped ? Texts.STATUS_STOPPED : Texts.runEnded(report.modes.size());
        settle(ModeRun.Status.STOPPED);
        change();
        observers.forEach(observer -> observer.onReport(report, !stopped));
    }

    @Override
    public void onPartialReport(RunReport report) {
        state.report = report;
        change();
        observers.forEach(observer -> observer.onReport(report, false));
    }

    @Override
    public void onIdle() {
        observers.forEach(RunObserver::onIdle);
    }

    @Override
    public void onStarted(String unavailable) {
        change();   // asks the playground for the reason
    }

    @Override
    public void onError(Failure failure) {
        state.modelsReady &= !failure.losesModels();
        state.engineLost = failure.losesModels();
        state.repairable = EngineException.DAMAGED.equals(failure.code);
        fail(failure.message);
        change();
        observers.forEach(observer -> observer.onFailure(failure.message));
    }

    @Override
    public void onLost(Failure failure) {
        state.modelsReady = false;
        state.progress.clear();
        if (state.restarting) {
            state.status = Texts.STATUS_RESTARTED;
            settle(ModeRun.Status.STOPPED);
        } else {
            state.engineLost = true;
            state.repairable = false;
            fail(failure.message);
        }
        change();
        observers.forEach(observer -> observer.onFailure(failure.message));
    }

    /** A run that something else than this page's button began: shown like one of its own. */
    private void adoptRun() {
        state.activity = Activity.RUNNING;
        state.error = null;
        state.request = null;
        state.report = null;
        for (ModeRun run : state.runs.values()) {
            run.reset(ModeRun.Status.IDLE);
        }
    }

    private void fail(String message) {
        state.error = message;
        state.status = Texts.STATUS_FAILED;
        settle(ModeRun.Status.FAILED);
    }

    private void settle(ModeRun.Status unfinished) {
        state.stopping = false;
        state.halted = null;
        state.activeMode = null;
        boolean unopened = state.activity == Activity.OPENING || state.activity == Activity.UNOPENED;
        state.activity = unopened ? Activity.UNOPENED : Activity.IDLE;
        for (ModeRun run : state.runs.values()) {
            run.interrupt(unfinished);
        }
    }

    /** Calls the playground; what it refuses at once is shown like what fails later. */
    private void attempt(Runnable call) {
        String refused = null;
        try {
            call.run();
        } catch (RuntimeException e) {
            refused = messageOf(e);
            state.repairable = false;
            fail(refused);
        }
        change();
        if (refused != null) {
            String failure = refused;
            observers.forEach(observer -> observer.onFailure(failure));
            onIdle();
        }
    }

    private static String messageOf(RuntimeException e) {
        return e.getMessage() == null ? Texts.unexpected(e.getClass().getSimpleName()) : e.getMessage();
    }

    private void change() {
        state.unavailable = playground.unavailableReason();
        changed.run();
    }
}
