package org.recursivemas.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Page;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.recursivemas.data.Team;
import org.recursivemas.tasks.StoryProblem;

/** The page as a person uses it. */
class PlaygroundTest {
    private static BrowserSession session;
    private static Team team;
    private PlaygroundPage playground;

    @BeforeAll
    static void start() throws IOException {
        team = Site.team();
        session = new BrowserSession(Chromium.Gpu.CPU);
    }

    @AfterAll
    static void end() {
        session.close();
    }

    @BeforeEach
    void open() {
        playground = new PlaygroundPage(session);
    }

    @AfterEach
    void nothingWentWrongAndNothingCameFromElsewhere() {
        List<String> errors = playground.errors();
        List<String> foreign = playground.foreignRequests();
        playground.close();
        assertEquals(List.of(), errors);
        assertEquals(List.of(), foreign);
    }

    @Test
    void thePageShowsTheTeamAndItsSettings() {
        Page page = playground.page();
        assertEquals(team.title, playground.text("team-title"));
        assertFalse(page.isVisible("#unavailable"));
        assertFalse(playground.hasFetched("web-llm.js"), "WebLLM was fetched before any model");
        playground.load();
        assertTrue(playground.hasFetched("web-llm.js"), "WebLLM was not fetched with the models");
        assertEquals(Integer.toString(team.rounds), page.inputValue("#rounds"));
        assertEquals(Integer.toString(team.latentSteps), page.inputValue("#latent-steps"));
    }

    @Test
    void aRunFillsAllThreeCards() {
        Page page = playground.page();
        page.click("#new-problem");
        String expected = playground.text("expected-answer");
        playground.slide("rounds", 1);
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
    }

    @Test
    void aRunStoppedHalfWayCanBeFollowedByAnother() {
        Page page = playground.page();
        StoryProblem problem = Prompts.problems(41, 1).get(0);
        playground.load();
        page.fill("#problem-box", problem.question());
        page.uncheck("#mode-text");
        page.uncheck("#mode-single");
        playground.slide("rounds", 5);
        playground.slide("latent-steps", 64);
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

    @Test
    void aReloadedPageLoadsTheModelsAndRunsAgain() {
        Page page = playground.page();
        String first = runLatent(page, 1);
        playground.reload();
        assertEquals("", playground.text("card-latent-output"));
        assertEquals(first, runLatent(page, 1));
    }

    private String runLatent(Page page, int rounds) {
        page.fill("#problem-box", Prompts.problems(51, 1).get(0).question());
        page.uncheck("#mode-text");
        page.uncheck("#mode-single");
        playground.slide("rounds", rounds);
        page.click("#run");
        page.waitForSelector("#stop:enabled");
        playground.waitUntilIdle();
        return playground.text("card-latent-output");
    }
}
