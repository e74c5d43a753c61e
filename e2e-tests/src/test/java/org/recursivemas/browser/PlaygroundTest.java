package org.recursivemas.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.recursivemas.data.AnswerReport;
import org.recursivemas.data.ModeReport;
import org.recursivemas.data.RunReport;
import org.recursivemas.data.Team;
import org.recursivemas.tasks.StoryProblem;

/** The page as a person uses it. */
class PlaygroundTest {
    private static BrowserSession session;
    private static Team team;
    /** One page with loaded models serves all tests; each begins with the settings below. */
    private static PlaygroundPage playground;
    private static boolean fetchedBeforeModels;
    private static String roundsAtFirst;
    private static String stepsAtFirst;

    @BeforeAll
    static void start() throws IOException {
        team = Site.team();
        session = new BrowserSession(Chromium.Gpu.CPU);
        playground = new PlaygroundPage(session);
        fetchedBeforeModels = playground.hasFetched("web-llm.js");
        roundsAtFirst = playground.page().inputValue("#rounds");
        stepsAtFirst = playground.page().inputValue("#latent-steps");
        playground.load();
    }

    @AfterAll
    static void end() {
        playground.close();
        session.close();
    }

    @BeforeEach
    void settings() {
        Page page = playground.page();
        for (String mode : List.of("latent", "text", "single")) {
            page.check("#mode-" + mode);
        }
        page.uncheck("#stepwise");
        playground.slide("rounds", 1);
        playground.slide("latent-steps", team.latentSteps);
        playground.slide("temperature", 0);
        playground.slide("answers", 1);
    }

    @AfterEach
    void nothingWentWrongAndNothingCameFromElsewhere() {
        assertEquals(List.of(), playground.errors());
        assertEquals(List.of(), playground.foreignRequests());
    }

    @Test
    void thePageShowsTheTeamAndItsSettings() {
        assertEquals(team.title, playground.text("team-title"));
        assertFalse(playground.page().isVisible("#unavailable"));
        assertFalse(fetchedBeforeModels, "WebLLM was fetched before any model");
        assertTrue(playground.hasFetched("web-llm.js"), "WebLLM was not fetched with the models");
        assertEquals(Integer.toString(team.rounds), roundsAtFirst);
        assertEquals(Integer.toString(team.latentSteps), stepsAtFirst);
    }

    @Test
    void aRunFillsAllThreeCards() {
        Page page = playground.page();
        page.click("#new-problem");
        String expected = playground.text("expected-answer");
        page.click("#run");
        page.waitForSelector("#stop:enabled");
        playground.waitUntilIdle();
        for (String mode : List.of("latent", "text", "single")) {
            assertTrue(playground.text("card-" + mode + "-tokens").matches("[1-9]\\d*"),
                    mode + ": " + playground.text("card-" + mode + "-tokens"));
            assertFalse(playground.text("card-" + mode + "-output").isBlank(), mode);
        }
        // The problem is a fresh one: not every one is solved, but every answer is marked.
        for (String mode : List.of("latent", "text", "single")) {
            boolean right = expected.equals(playground.text("card-" + mode + "-answer"));
            assertEquals(right, playground.text("card-" + mode + "-badge").contains("correct"), mode);
        }
        assertTrue(page.isEnabled("#download"));
        assertEquals(List.of(), Axe.findings(page, "results of three ways"));
    }

    private RunReport sampled(String problem, int seed, int answers) throws IOException {
        Map<String, Object> request = new LinkedHashMap<>();
        request.put("problem", problem);
        request.put("rounds", 1);
        request.put("latent_steps", 8);   // too few to be sure of the answer
        request.put("temperature", 1.2);
        request.put("top_p", 1);
        request.put("answers", answers);
        request.put("seed", seed);
        request.put("modes", List.of("latent"));
        ObjectMapper json = HeadlessRun.mapper();
        return json.readValue((String) playground.page().evaluate("request => window.recursivemas.run(request)",
                json.writeValueAsString(request)), RunReport.class);
    }

    @Test
    void severalAnswersAreThoseOfRunsOfTheirOwn() throws IOException {
        String problem = Prompts.problems(61, 1).get(0).question();
        ModeReport together = sampled(problem, 5, 4).modes.get(0);
        assertEquals(4, together.answers.size());
        assertEquals(3, together.stages.size(), "rollouts are not repeated");
        int decoded = 0;
        int positions = 0;
        for (AnswerReport answer : together.answers) {
            ModeReport alone = sampled(problem, answer.seed, 1).modes.get(0);
            assertEquals(alone.text, answer.text, "seed " + answer.seed);
            assertEquals(alone.decodedTokens, answer.decodedTokens);
            decoded += alone.decodedTokens;
            positions = alone.promptPositions;
        }
        assertEquals(decoded, together.decodedTokens);
        assertEquals(positions + 3, together.promptPositions, "one position more for each further answer");
        assertTrue(together.answers.stream().map(answer -> answer.text).distinct().count() > 1, "all texts are the same");
    }

    @Test
    void aRunHaltsBeforeEachStageUntilItIsLetGoOn() throws IOException {
        Page page = playground.page();
        page.fill("#problem-box", Prompts.problems(62, 1).get(0).question());
        page.uncheck("#mode-text");
        page.uncheck("#mode-single");
        playground.slide("temperature", 1);
        playground.slide("answers", 3);
        page.check("#stepwise");
        page.click("#run");
        page.waitForSelector("#next-stage:visible");
        assertTrue(playground.text("status").contains("Planner"), playground.text("status"));
        page.click("#next-stage");
        page.waitForFunction("() => document.getElementById('status').textContent.includes('Critic')");
        page.screenshot(new Page.ScreenshotOptions().setPath(Path.of("target", "pictures", "halted.png")));
        page.click("#stop");
        playground.waitUntilIdle();
        assertEquals("", playground.text("card-latent-output"));
        page.click("#run");
        page.waitForSelector("#next-stage:visible");
        page.click("#run-on");
        playground.waitUntilIdle();
        assertTrue(page.textContent("#card-latent-answers summary").startsWith("3 answers: "));
        page.click("#card-latent-answers summary");
        assertEquals(3, page.locator("#card-latent-answers li").count());
        page.locator("#card-latent").screenshot(
                new Locator.ScreenshotOptions().setPath(Path.of("target", "pictures", "several-answers.png")));
    }

    @Test
    void aRunStoppedHalfWayCanBeFollowedByAnother() {
        Page page = playground.page();
        StoryProblem problem = Prompts.problems(41, 1).get(0);
        page.fill("#problem-box", problem.question());
        page.uncheck("#mode-text");
        page.uncheck("#mode-single");
        playground.slide("rounds", 5);
        playground.slide("latent-steps", 80);
        page.click("#run");
        page.waitForSelector("#card-latent[aria-busy=true]");
        page.click("#stop");
        playground.waitUntilIdle();
        assertEquals("", playground.text("card-latent-output"), "the run had ended before it was stopped");

        playground.slide("rounds", 2);
        playground.slide("latent-steps", team.latentSteps);
        page.click("#run");
        page.waitForSelector("#stop:enabled");
        playground.waitUntilIdle();
        assertEquals(problem.answer(), playground.text("card-latent-answer"));
    }
}
