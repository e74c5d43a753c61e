package org.recursivemas.ui;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.recursivemas.playground.Failure;
import org.recursivemas.playground.RunRequest;
import org.recursivemas.ui.PlaygroundState.Activity;
import org.recursivemas.ui.fake.FakePlayground;

class PlaygroundControllerTest {
    private final FakePlayground.Options options = new FakePlayground.Options();
    private final ManualLater later = new ManualLater();
    private final PlaygroundState state = new PlaygroundState();
    private FakePlayground playground;
    private PlaygroundController controller;
    private int renders;
    private int seed = 5;

    @BeforeEach
    void build() {
        playground = new FakePlayground(options, later);
        controller = new PlaygroundController(playground, state, () -> seed, () -> renders++);
    }

    private void open() {
        controller.start("team.json");
        later.drain();
    }

    @Test
    void openingTakesSettingsPromptsAndFirstExampleFromTheTeam() {
        assertEquals(Activity.OPENING, state.activity());
        open();
        assertEquals(Activity.IDLE, state.activity());
        assertEquals(2, state.rounds());
        assertEquals(16, state.latentSteps());
        assertEquals("You plan.", state.system("planner"));
        assertEquals(state.team().examples.get(0), state.problem());
        assertNull(state.expected());
        assertNull(state.runBlocked());
        assertTrue(renders > 0);
    }

    @Test
    void settingsOfTheTeamAreClampedToWhatTheSlidersOffer() {
        var team = FakePlayground.team("x");
        team.rounds = 9;
        team.latentSteps = 81;
        controller.onTeam(team);
        assertEquals(5, state.rounds());
        assertEquals(80, state.latentSteps());
    }

    @Test
    void severalAnswersNeedATemperature() {
        open();
        controller.setAnswers(3);
        assertEquals(Texts.BLOCKED_SAME_ANSWERS, state.runBlocked());
        controller.setTemperature(0.7);
        controller.setTopP(0.8);
        assertNull(state.runBlocked());
        controller.run();
        assertEquals(3, playground.request.answers());
        assertEquals(0.8, playground.request.topP());
        controller.setAnswers(99);
        controller.setTopP(0);
        assertEquals(16, state.answers());
        assertEquals(PlaygroundState.MIN_TOP_P, state.topP());
    }

    @Test
    void aStepwiseRunHaltsBeforeEachStageUntilItIsLetGoOn() {
        open();
        controller.setStepwise(true);
        controller.run();
        later.drain();
        assertEquals(new PlaygroundState.Halted("latent", "planner", 1, "rollout"), state.halted());
        assertTrue(state.status().contains("Planner"), state.status());
        assertEquals(Activity.RUNNING, state.activity());
        controller.proceed(false);
        assertNull(state.halted());
        later.drain();
        assertEquals("critic", state.halted().agent());
        assertEquals(1, state.run("latent").stages().size());
        controller.proceed(true);
        later.drain();
        assertNull(state.halted());
        assertEquals(Activity.IDLE, state.activity());
        assertNotNull(state.report());
    }

    @Test
    void aHaltedRunCanBeStopped() {
        open();
        controller.setStepwise(true);
        controller.run();
        later.drain();
        controller.stop();
        assertNull(state.halted());
        later.drain();
        assertEquals(Activity.IDLE, state.activity());
        controller.proceed(true);
        assertEquals(Activity.IDLE, state.activity());
    }

    @Test
    void aTeamThatCannotBeReadIsAnErrorAndBlocksRun() {
        options.openError = "team.json: not found. Build the site.";
        open();
        assertEquals(Activity.UNOPENED, state.activity());
        assertEquals("team.json: not found. Build the site.", state.error());
        assertEquals(Texts.BLOCKED_NO_TEAM, state.runBlocked());
        controller.dismissError();
        assertNull(state.error());
        assertEquals(Texts.BLOCKED_NO_TEAM, state.runBlocked());
    }

    @Test
    void expectedAnswerIsKnownUntilTheProblemIsEdited() {
        open();
        controller.newProblem();
        assertEquals("22", state.expected());
        String generated = state.problem();
        controller.editProblem(generated + " Why?");
        assertNull(state.expected());
        controller.editProblem(generated);
        assertEquals("22", state.expected());
        controller.chooseExample(1);
        assertNull(state.expected());
    }

    @Test
    void everyNewProblemAsksForAnotherSeed() {
        open();
        controller.newProblem();
        String first = state.problem();
        seed = 6;
        controller.newProblem();
        assertFalse(first.equals(state.problem()));
    }

    @Test
    void whatBlocksRunIsNamed() {
        open();
        controller.editProblem("  ");
        assertEquals(Texts.BLOCKED_NO_PROBLEM, state.runBlocked());
        controller.editProblem("1 + 1");
        controller.editSeed("x");
        assertEquals(Texts.BLOCKED_SEED, state.runBlocked());
        assertEquals(Texts.SEED_WRONG, state.seedError());
        controller.editSeed("7");
        assertNull(state.seedError());
        for (String mode : PlaygroundState.MODES) {
            controller.choose(mode, false);
        }
        assertEquals(Texts.BLOCKED_NO_MODE, state.runBlocked());
        controller.run();
        assertNull(playground.request);
    }

    @Test
    void withoutGpuOnlyRunAndLoadAreOff() {
        options.unavailable = "No WebGPU.";
        open();
        assertEquals("No WebGPU.", state.unavailable());
        assertEquals(Texts.BLOCKED_UNAVAILABLE, state.runBlocked());
        assertFalse(state.canLoad());
        controller.newProblem();
        controller.setRounds(4);
        controller.editSystem("critic", "Be strict.");
        assertEquals("22", state.expected());
        assertEquals(4, state.rounds());
        assertEquals("Be strict.", state.system("critic"));
        controller.run();
        controller.load();
        later.drain();
        assertNull(playground.request);
        assertFalse(state.modelsReady());
    }

    @Test
    void seedsAreWholeNumbersOfThirtyOneBits() {
        assertEquals(0, PlaygroundState.parseSeed("0"));
        assertEquals(12, PlaygroundState.parseSeed(" 12 "));
        assertEquals(Integer.MAX_VALUE, PlaygroundState.parseSeed("2147483647"));
        for (String wrong : List.of("", "-1", "1.5", "2147483648", "99999999999", "\u0661")) {
            assertEquals(-1, PlaygroundState.parseSeed(wrong), wrong);
        }
    }

    @Test
    void theRequestCarriesWhatIsSet() {
        open();
        controller.newProblem();
        controller.setRounds(3);
        controller.setLatentSteps(24);
        controller.setTemperature(0.7);
        controller.editSeed("11");
        controller.choose("single", false);
        controller.editSystem("critic", "Be strict.");
        controller.editSystem("solver", "Changed.");
        controller.resetSystem("solver");
        controller.seeInside(true);
        controller.swapLink("planner->critic", "noise");
        controller.swapLink("planner", "zero");
        controller.swapLink("planner", "trained");
        controller.run();
        assertEquals(state.problem(), playground.request.problem());
        assertEquals("22", playground.request.expected());
        assertEquals(3, playground.request.rounds());
        assertEquals(24, playground.request.latentSteps());
        assertEquals(0.7, playground.request.temperature());
        assertEquals(11, playground.request.seed());
        assertEquals(List.of("latent", "text"), playground.request.modes());
        assertEquals(Map.of("critic", "Be strict."), playground.request.systems());
        assertEquals(Map.of("planner->critic", "noise"), playground.request.links());
        assertTrue(playground.request.seeInside());
    }

    @Test
    void aRunLoadsTheModelsThenGoesThroughItsModes() {
        open();
        controller.newProblem();
        controller.run();
        assertEquals(Activity.RUNNING, state.activity());
        assertEquals(Texts.BLOCKED_RUNNING, state.runBlocked());
        assertEquals(ModeRun.Status.WAITING, state.run("latent").status());

        later.until(() -> state.progress("planner") != null && state.progress("planner").fraction() > 0.5);
        assertEquals("compiling shaders", state.progress("planner").text());
        assertNull(state.progress("critic"));

        later.until(() -> state.modelsReady() && state.activeMode() != null);
        assertEquals(Activity.RUNNING, state.activity());

        later.until(() -> state.run("latent").activeRound() == 2 && "critic".equals(state.run("latent").activeAgent()));
        assertEquals("rollout", state.run("latent").activeKind());
        assertEquals(4, state.run("latent").stages().size());

        later.until(() -> state.run("latent").text().equals("so many"));
        assertEquals(2, state.run("latent").decodedTokens());

        later.drain();
        assertEquals(Activity.IDLE, state.activity());
        for (String mode : PlaygroundState.MODES) {
            assertEquals(ModeRun.Status.DONE, state.run(mode).status(), mode);
            assertTrue(state.run(mode).isComparable());
        }
        assertNull(state.activeMode());
        assertEquals(true, state.run("latent").report().correct);
        assertEquals(false, state.run("single").report().correct);
        assertEquals(8, state.run("latent").decodedTokens());
        assertEquals(5 * 12 + 8, state.run("text").decodedTokens());
        assertNotNull(state.report());
        assertEquals(3, state.report().modes.size());
    }

    @Test
    void tokensOfFinishedStagesCountWhileTheAnswerStreams() {
        open();
        controller.choose("latent", false);
        controller.run();
        later.until(() -> state.run("text").text().equals("so many"));
        assertEquals(5 * 12 + 2, state.run("text").decodedTokens());
    }

    @Test
    void stopEndsTheRunAndKeepsWhatIsFinished() {
        options.haltsIn = "solver:2";
        open();
        controller.run();
        later.drain();
        assertTrue(state.canStop());
        controller.stop();
        assertTrue(state.stopping());
        assertFalse(state.canStop());
        assertEquals(Texts.BLOCKED_STOPPING, state.runBlocked());
        later.drain();
        assertEquals(Activity.IDLE, state.activity());
        assertFalse(state.stopping());
        assertEquals(ModeRun.Status.STOPPED, state.run("latent").status());
        assertEquals(5, state.run("latent").stages().size());
        assertEquals(ModeRun.Status.IDLE, state.run("text").status());
        assertEquals(List.of(), Savings.of(state));
        assertNull(state.runBlocked());
    }

    @Test
    void stopEndsALoad() {
        open();
        controller.load();
        assertEquals(Activity.LOADING, state.activity());
        assertEquals(Texts.BLOCKED_LOADING, state.runBlocked());
        controller.stop();
        assertEquals(Activity.IDLE, state.activity());
        later.drain();
        assertFalse(state.modelsReady());
        assertNull(state.runBlocked());
    }

    @Test
    void loadedModelsAreNotLoadedAgain() {
        open();
        controller.load();
        later.drain();
        assertTrue(state.modelsReady());
        assertEquals(Activity.IDLE, state.activity());
        assertFalse(state.canLoad());
    }

    @Test
    void modelsThatWereLostAreShownLoadingAgain() {
        open();
        controller.run();
        later.drain();
        assertTrue(state.modelsReady());
        playground.lose();
        controller.run();
        assertEquals(Texts.STATUS_RUNNING, state.status());
        later.until(() -> state.status().equals(Texts.STATUS_LOADING));
        assertEquals(Activity.RUNNING, state.activity());
        assertFalse(state.modelsReady());
        later.until(() -> state.modelsReady() && "latent".equals(state.activeMode()));
        assertEquals(Texts.modeStarted("latent"), state.status());
    }

    @Test
    void progressDoesNotHideThatARunIsBeingStopped() {
        options.haltsIn = "planner:1";
        open();
        controller.run();
        later.drain();
        controller.stop();
        controller.onLoadProgress("planner", 0.5, "fetching weights");
        assertEquals(Texts.STATUS_STOPPING, state.status());
    }

    @Test
    void anErrorInAModeKeepsTheModesBeforeIt() {
        options.runError = "critic: hidden state 3 is not finite.";
        open();
        controller.run();
        later.drain();
        assertEquals("critic: hidden state 3 is not finite.", state.error());
        assertEquals(ModeRun.Status.DONE, state.run("latent").status());
        assertEquals(ModeRun.Status.FAILED, state.run("text").status());
        assertEquals(ModeRun.Status.IDLE, state.run("single").status());
        assertEquals(Activity.IDLE, state.activity());
        assertEquals(1, state.report().modes.size());
        assertEquals("latent", state.report().modes.get(0).mode);
        controller.run();
        assertNull(state.error());
        assertNull(state.report());
    }

    @Test
    void aFailedLoadEndsTheRun() {
        options.loadError = "planner: params_shard_0.bin is 12 bytes short.";
        open();
        controller.run();
        later.drain();
        assertEquals("planner: params_shard_0.bin is 12 bytes short.", state.error());
        assertEquals(Activity.IDLE, state.activity());
        assertEquals(ModeRun.Status.IDLE, state.run("latent").status());
        assertFalse(state.modelsReady());
    }

    @Test
    void damageIsOfferedForRepairUntilItIsRepaired() {
        options.damage = "planner: params_shard_0.bin is damaged.";
        options.note = "Stored files are used.";
        open();
        controller.run();
        later.drain();
        assertEquals("planner: params_shard_0.bin is damaged.", state.error());
        assertTrue(state.repairable());
        controller.repair();
        assertFalse(state.repairable(), "a repair is under way");
        assertNull(state.error());
        later.drain();
        assertTrue(state.modelsReady());
        assertFalse(state.repairable());
        assertEquals("Stored files are used.", state.note());
        controller.run();
        later.drain();
        assertEquals("Stored files are used.", state.note(), "the models are those of that load");
        options.loadError = "planner: too large.";
        controller.onLost(Failure.of("gpu-lost", "Lost.", ""));
        controller.load();
        assertNull(state.note());
        later.drain();
        assertFalse(state.repairable(), "nothing is damaged");
    }

    @Test
    void theNextRunStartsEmpty() {
        open();
        controller.run();
        later.drain();
        controller.choose("text", false);
        controller.run();
        assertNull(state.report());
        assertEquals("", state.run("latent").text());
        assertEquals(List.of(), state.run("latent").stages());
        assertEquals(ModeRun.Status.IDLE, state.run("text").status());
        assertNull(state.run("text").report());
    }

    @Test
    void aRunThatAProgramBeganIsShownLikeAnother() {
        open();
        controller.choose("text", false);
        controller.run();
        later.drain();
        playground.run(new RunRequest("1 + 1", "2", 3, 8, 0, 0, List.of("single"), Map.of()));
        later.until(() -> "single".equals(state.activeMode()));
        assertEquals(Activity.RUNNING, state.activity());
        assertTrue(state.canStop());
        assertEquals(Texts.BLOCKED_RUNNING, state.runBlocked());
        assertEquals(ModeRun.Status.IDLE, state.run("latent").status());
        assertNull(state.request());
        later.drain();
        assertEquals(Activity.IDLE, state.activity());
        assertEquals(false, state.run("single").report().correct);
        assertEquals("2", state.expectedOfRun());
    }

    @Test
    void progressStaysBetweenNothingAndAll() {
        open();
        controller.onLoadProgress("planner", Double.NaN, "?");
        assertEquals(0, state.progress("planner").fraction());
        controller.onLoadProgress("planner", 1.7, "done");
        assertEquals(1, state.progress("planner").fraction());
    }

    @Test
    void onlyAgentsWithoutForwardHandOffDecide() {
        open();
        assertFalse(state.decides("planner"));
        assertFalse(state.decides("critic"));
        assertTrue(state.decides("solver"));
    }

    @Test
    void aCrashDuringARunIsSaidAndTheEngineCanBeRestarted() {
        options.crashesIn = "critic:2";
        open();
        controller.run();
        later.drain();
        assertEquals("The worker ended. Restart the engine.", state.error());
        assertEquals(Activity.IDLE, state.activity());
        assertEquals(ModeRun.Status.FAILED, state.run("latent").status());
        assertFalse(state.modelsReady());
        assertTrue(state.canRestart());
        controller.restart();
        assertNull(state.error());
        assertEquals(Texts.STATUS_RESTARTED, state.status());
        assertFalse(state.canRestart());
        controller.run();
        later.drain();
        assertEquals(3, state.report().modes.size());
        assertTrue(state.modelsReady());
    }

    @Test
    void anEngineThatDoesNotStopCanBeRestarted() {
        options.haltsIn = "solver:1";
        open();
        controller.run();
        later.drain();
        assertFalse(state.canRestart());
        controller.stop();
        assertTrue(state.canRestart());
        controller.restart();
        assertEquals(Activity.IDLE, state.activity());
        assertFalse(state.stopping());
        assertNull(state.error());
        assertEquals(ModeRun.Status.STOPPED, state.run("latent").status());
    }

    @Test
    void modelsLostWhileNothingRunsAreSaidAndLoadedAgain() {
        open();
        controller.run();
        later.drain();
        assertTrue(state.modelsReady());
        playground.crash();
        assertFalse(state.modelsReady());
        assertNotNull(state.error());
        assertNull(state.runBlocked());
        assertTrue(state.canLoad());
    }
}
