package org.recursivemas.browser;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.recursivemas.data.ModeReport;
import org.recursivemas.data.RunReport;
import org.recursivemas.data.StageReport;
import org.recursivemas.data.Team;
import org.recursivemas.tasks.StoryProblem;

/** The main job: the team solves held-out problems in latent space, in the page, and only the last agent writes. */
class LatentRunTest {
    private static final int ROUNDS = 2;
    private static final int PROBLEMS = 5;

    private static BrowserSession session;
    private static PlaygroundPage playground;
    private static Team team;

    @BeforeAll
    static void open() throws IOException {
        team = Site.team();
        session = new BrowserSession(Chromium.Gpu.CPU);
        playground = new PlaygroundPage(session);
        playground.load();
    }

    @AfterAll
    static void close() {
        playground.close();
        session.close();
    }

    @AfterEach
    void nothingWentWrongAndNothingCameFromElsewhere() {
        assertEquals(List.of(), playground.errors());
        assertEquals(List.of(), playground.foreignRequests());
    }

    @Test
    void theTeamSolvesProblemsInLatentSpaceAtDepthTwo() throws IOException {
        List<String> wrong = new ArrayList<>();
        double millis = 0;
        for (StoryProblem problem : Prompts.problems(41, PROBLEMS)) {
            RunReport report = playground.run(problem.question(), problem.answer(), ROUNDS, team.latentSteps,
                    List.of("latent"));
            ModeReport latent = report.modes.get(0);
            checkStages(latent, team.latentSteps);
            millis += latent.millis;
            if (!Boolean.TRUE.equals(latent.correct)) {
                wrong.add(problem.question() + " -> " + latent.answer + " instead of " + problem.answer());
            }
        }
        System.out.printf(Locale.ROOT, "latent at depth %d: %d of %d right, %.2f s a problem%n", ROUNDS,
                PROBLEMS - wrong.size(), PROBLEMS, millis / 1000 / PROBLEMS);
        assertEquals(List.of(), wrong);
    }

    @Test
    void nothingIsReadBackBeforeTheFirstDecodedToken() throws IOException {
        StoryProblem problem = Prompts.problems(42, 1).get(0);
        for (int rounds = 1; rounds <= 3; rounds++) {
            RunReport report = playground.run(problem.question(), problem.answer(), rounds, 4 * rounds, List.of("latent"));
            assertEquals(0, playground.readBacksBeforeSampling(), "read-backs before the first token, depth " + rounds);
            int decoded = report.modes.get(0).decodedTokens;
            assertTrue(playground.readBacks() >= decoded,
                    playground.readBacks() + " read-backs counted for " + decoded + " decoded tokens");
        }
    }

    @Test
    void zeroLatentStepsHandOverNothing() throws IOException {
        StoryProblem problem = Prompts.problems(43, 1).get(0);
        ModeReport latent = playground.run(problem.question(), problem.answer(), 1, 0, List.of("latent")).modes.get(0);
        assertEquals(0, latent.latentStepsTotal);
        for (StageReport stage : latent.stages) {
            assertEquals(0, stage.latentRowsIn);
        }
        assertFalse(Boolean.TRUE.equals(latent.correct), "the solver needs no plan: " + latent.text);
    }

    @Test
    void textAndSingleAgentRunWithTheSameMeter() throws IOException {
        StoryProblem problem = Prompts.problems(44, 1).get(0);
        RunReport report = playground.run(problem.question(), problem.answer(), ROUNDS, team.latentSteps,
                List.of("latent", "text", "single"));
        assertEquals(List.of("latent", "text", "single"), report.modes.stream().map(mode -> mode.mode).toList());
        ModeReport latent = report.modes.get(0);
        ModeReport text = report.modes.get(1);
        ModeReport single = report.modes.get(2);
        assertTrue(text.decodedTokens > latent.decodedTokens,
                "text decoded " + text.decodedTokens + " tokens, latent " + latent.decodedTokens);
        assertEquals(ROUNDS * team.agents.size(), text.stages.size());
        assertEquals(1, single.stages.size());
        for (ModeReport mode : report.modes) {
            assertAll(mode.mode,
                    () -> assertTrue(mode.decodedTokens > 0),
                    () -> assertTrue(mode.millis > 0),
                    () -> assertEquals(mode.decodedTokens, mode.stages.stream().mapToInt(s -> s.decodedTokens).sum()),
                    () -> assertEquals(mode.positions, mode.stages.stream().mapToInt(s -> s.positions).sum()),
                    () -> assertFalse(mode.text.isBlank()));
        }
        assertEquals(problem.answer(), report.expected);
        assertTrue(report.artifacts.size() >= 2 * team.agents.size() + 1, report.artifacts.toString());
    }

    @Test
    void theSameRunGivesTheSameText() throws IOException {
        StoryProblem problem = Prompts.problems(45, 1).get(0);
        String first = playground.run(problem.question(), null, ROUNDS, team.latentSteps, List.of("latent"))
                .modes.get(0).text;
        String second = playground.run(problem.question(), null, ROUNDS, team.latentSteps, List.of("latent"))
                .modes.get(0).text;
        assertEquals(first, second);
    }

    private static void checkStages(ModeReport latent, int steps) {
        assertNotNull(latent.text);
        assertEquals(ROUNDS * team.agents.size(), latent.stages.size());
        for (int i = 0; i < latent.stages.size(); i++) {
            StageReport stage = latent.stages.get(i);
            boolean last = i == latent.stages.size() - 1;
            assertEquals(team.agents.get(i % team.agents.size()).id, stage.agent);
            assertEquals(1 + i / team.agents.size(), stage.round);
            assertEquals(last ? "answer" : "rollout", stage.kind);
            assertEquals(i == 0 ? 0 : steps, stage.latentRowsIn, "rows handed to stage " + i);
            assertEquals(last ? 0 : steps, stage.latentSteps);
            assertTrue(stage.finite);
            if (!last) {
                assertEquals(0, stage.decodedTokens, "stage " + i + " decoded text");
                assertEquals(steps, stage.hiddenNorms.length);
            }
        }
    }
}
