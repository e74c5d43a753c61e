package org.recursivemas.browser;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.recursivemas.data.InsideBlock;
import org.recursivemas.data.ModeReport;
import org.recursivemas.data.RunReport;
import org.recursivemas.data.Team;
import org.recursivemas.engine.RunControl;
import org.recursivemas.pipeline.links.TeamFiles;
import org.recursivemas.pipeline.twin.TeamModels;
import org.recursivemas.pipeline.twin.TwinDevice;
import org.recursivemas.playground.RunRequest;
import org.recursivemas.tasks.StoryProblem;
import org.recursivemas.team.Mode;
import org.recursivemas.team.RecursiveTeam;
import org.recursivemas.team.TeamListener;
import org.recursivemas.team.TeamPlan;

/** The inside of latent runs and swapped links in the page, against the plain-Java twin of the demo team. */
class InsideTest {
    private static final double TOLERANCE = 1e-3;
    /** Grids are rounded to three decimals, which may fall to either side. */
    private static final double GRID_TOLERANCE = 1.5e-3;
    private static final int STEPS = 6;
    private static final Path PICTURE = Path.of("target", "screenshots", "inside.png");

    private static BrowserSession session;
    private static PlaygroundPage playground;
    private static TeamModels models;
    private static RecursiveTeam twin;
    private static StoryProblem problem;

    @BeforeAll
    static void open() throws IOException {
        Team team = Site.team();
        models = TeamModels.load(Site.teamFile(), team, null);
        twin = twin(team);
        problem = Prompts.problems(51, 1).get(0);
        session = new BrowserSession(Chromium.Gpu.CPU);
        playground = new PlaygroundPage(session);
        playground.load();
    }

    private static RecursiveTeam twin(Team team) {
        return new RecursiveTeam(TeamPlan.of(team, "team.json"), models.languageModels(), new TwinDevice(),
                TeamFiles.links(Site.teamFile().resolveSibling(team.links)), () -> System.nanoTime() / 1e6);
    }

    @AfterAll
    static void close() {
        playground.close();
        session.close();
        models.close();
    }

    @AfterEach
    void nothingWentWrong() {
        assertEquals(List.of(), playground.errors());
        assertEquals(List.of(), playground.foreignRequests());
    }

    private static RunReport inPage(int rounds, Map<String, String> links) throws IOException {
        return inPage(playground, rounds, links);
    }

    private static RunReport inPage(PlaygroundPage playground, int rounds, Map<String, String> links) throws IOException {
        Map<String, Object> request = new LinkedHashMap<>();
        request.put("problem", problem.question());
        request.put("expected", problem.answer());
        request.put("rounds", rounds);
        request.put("latent_steps", STEPS);
        request.put("modes", List.of("latent"));
        request.put("links", links);
        request.put("see_inside", true);
        return playground.run(request);
    }

    private static ModeReport onTheTwin(int rounds, Map<String, String> links) {
        return onTheTwin(twin, rounds, links);
    }

    private static ModeReport onTheTwin(RecursiveTeam twin, int rounds, Map<String, String> links) {
        return twin.answer(Mode.LATENT, new RunRequest(problem.question(), problem.answer(), rounds, STEPS, 0, 0,
                List.of("latent"), Map.of()).withLinks(links).seeingInside(true), TeamListener.NONE, RunControl.NEVER);
    }

    /** Compares every number of the two and the tokens whose scores are apart; returns the largest difference. */
    private static double compare(ModeReport page, ModeReport meant) {
        assertEquals(meant.inside.blocks.size(), page.inside.blocks.size());
        double worst = 0;
        for (int i = 0; i < meant.inside.blocks.size(); i++) {
            InsideBlock expected = meant.inside.blocks.get(i);
            InsideBlock actual = page.inside.blocks.get(i);
            String where = expected.agent + " " + expected.kind + ", round " + expected.round + ": ";
            assertEquals(expected.reader, actual.reader, where);
            assertEquals(expected.collapsed, actual.collapsed, where + "collapsed");
            worst = Math.max(worst, close(expected.norms, actual.norms, where + "norms"));
            worst = Math.max(worst, close(expected.stepCosines, actual.stepCosines, where + "cosines of steps"));
            worst = Math.max(worst, close(expected.roundCosines, actual.roundCosines, where + "cosines of rounds"));
            worst = Math.max(worst, close(new double[] {expected.embeddingNorm},
                    new double[] {actual.embeddingNorm}, where + "norm of embeddings"));
            assertEquals(expected.tokens.size(), actual.tokens.size(), where + "steps with tokens");
            for (int step = 0; step < expected.tokens.size(); step++) {
                double[] scores = expected.tokens.get(step).scores;
                worst = Math.max(worst, close(scores, actual.tokens.get(step).scores, where + "scores"));
                if (scores[0] - scores[1] > TOLERANCE * Math.max(1, Math.abs(scores[0]))) {
                    assertEquals(expected.tokens.get(step).texts.get(0), actual.tokens.get(step).texts.get(0),
                            where + "nearest token of step " + (step + 1));
                }
            }
        }
        assertEquals(meant.inside.grids.size(), page.inside.grids.size());
        for (int i = 0; i < meant.inside.grids.size(); i++) {
            assertEquals(meant.inside.grids.get(i).agent, page.inside.grids.get(i).agent);
            assertArrayEquals(meant.inside.grids.get(i).cosines, page.inside.grids.get(i).cosines, GRID_TOLERANCE,
                    "grid of " + meant.inside.grids.get(i).agent);
        }
        return worst;
    }

    private static double close(double[] expected, double[] actual, String what) {
        assertEquals(expected.length, actual.length, what);
        double worst = 0;
        for (int i = 0; i < expected.length; i++) {
            double difference = Math.abs(expected[i] - actual[i]) / Math.max(1, Math.abs(expected[i]));
            assertTrue(difference <= TOLERANCE, what + " [" + i + "]: " + actual[i] + " instead of " + expected[i]);
            worst = Math.max(worst, difference);
        }
        return worst;
    }

    @Test
    void insideOfARunIsTheTwins() throws IOException {
        RunReport report = inPage(2, Map.of());
        assertEquals(0, playground.readBacksBeforeSampling(), "read-backs before the first token");
        ModeReport meant = onTheTwin(2, Map.of());
        assertTrue(meant.inside.blocks.stream().allMatch(block -> block.tokens.size() == STEPS));
        double worst = compare(report.modes.get(0), meant);
        assertEquals(meant.text, report.modes.get(0).text);
        System.out.printf(Locale.ROOT, "inside of a run: worst relative difference to the twin %.1e%n", worst);
    }

    @Test
    void agentsWithStepsOfTheirOwnAreTheTwins() throws IOException {
        Team team = Site.team();
        team.agents.get(0).latentSteps = 3;
        team.agents.get(1).latentSteps = 9;
        ModeReport meant = onTheTwin(twin(team), 2, Map.of());
        PlaygroundPage own = new PlaygroundPage(session);
        try {
            Page page = own.page();
            page.click("#tab-team-edit");
            page.fill("#team-agent-0-steps", "3");
            page.fill("#team-agent-1-steps", "9");
            page.click("#team-use");
            page.waitForSelector("#team-said:not(:empty)");
            assertTrue(page.textContent("#latent-steps-hint").contains("Planner 3, Critic 9."));
            ModeReport report = inPage(own, 2, Map.of()).modes.get(0);
            double worst = compare(report, meant);
            assertEquals(meant.text, report.text);
            assertEquals(List.of(3, 9, STEPS, 3, 9, 0), report.stages.stream().map(stage -> stage.latentSteps).toList());
            System.out.printf(Locale.ROOT, "steps of their own: worst relative difference to the twin %.1e%n", worst);
            linksGoByTheWeights(page, team);
            assertEquals(List.of(), own.errors());
        } finally {
            own.close();
        }
    }

    /** The same weights at another address have the links; other weights of the same width do not. */
    private static void linksGoByTheWeights(Page page, Team team) {
        String planner = team.agents.get(0).model;
        page.route(url -> url.contains("/copied/"), route -> route.resume(new Route.ResumeOptions()
                .setUrl(route.request().url().replace("/copied/", "/planner/"))));
        page.click("#tab-team-edit");
        page.locator("summary:has-text('A model at an address')").first().click();
        page.fill("#team-agent-0-model-address", "models/demo/" + planner.replace("planner/", "copied/"));
        page.fill("#team-agent-0-model-library", "models/demo/" + team.agents.get(0).library);
        page.click("#team-agent-0-model-find");
        page.waitForSelector("#team-said:has-text('planner runs')");
        page.click("#team-use");
        page.waitForSelector("#team-latent:has-text('All hand-offs have their links')");
        page.selectOption("#team-agent-0-model", team.agents.get(1).model);
        page.click("#team-use");
        page.waitForSelector("#team-said:has-text('has this team now')");
        page.click("#tab-run");
        page.waitForSelector("#mode-latent-hint:has-text('the inner link of planner was made for another model than the one"
                + " that planner runs')");
    }

    @Test
    void runStopsEarlyWhereTheTwinDoes() throws IOException {
        for (Map<String, String> links : List.of(Map.<String, String>of(), Map.of("critic->solver", "noise"))) {
            Map<String, Object> request = new LinkedHashMap<>();
            request.put("problem", problem.question());
            request.put("rounds", 3);
            request.put("latent_steps", STEPS);
            request.put("links", links);
            request.put("stop_early", 0.5);
            ModeReport page = playground.run(request).modes.get(0);
            assertEquals(1, playground.readBacksBeforeSampling(), "read-backs before the first token: the comparison");
            ModeReport meant = twin.answer(Mode.LATENT, new RunRequest(problem.question(), null, 3, STEPS, 0, 0,
                    List.of("latent"), Map.of()).withLinks(links).stoppingEarly(0.5), TeamListener.NONE, RunControl.NEVER);
            assertEquals(links.isEmpty() ? 2 : 3, page.rounds, "noise is new in each round");
            assertEquals(meant.text, page.text);
            assertEquals(meant.rounds, page.rounds);
            assertEquals(3, page.mostRounds);
            assertEquals(meant.stages.size(), page.stages.size());
            assertArrayEquals(meant.agreements, page.agreements, TOLERANCE);
        }
    }

    @Test
    void retrievedMessagesAreTheTwins() throws IOException {
        double worst = 0;
        for (String mode : List.of(Mode.LATENT, Mode.TEXT)) {
            Map<String, String> links = mode.equals(Mode.LATENT) ? Map.of("planner->critic", "noise") : Map.of();
            int rounds = mode.equals(Mode.LATENT) ? 3 : 2;
            Map<String, Object> request = new LinkedHashMap<>();
            request.put("problem", problem.question());
            request.put("rounds", rounds);
            request.put("latent_steps", STEPS);
            request.put("modes", List.of(mode));
            request.put("links", links);
            request.put("retrieval", 2);
            ModeReport page = playground.run(request).modes.get(0);
            ModeReport meant = twin.answer(mode, new RunRequest(problem.question(), null, rounds, STEPS, 0, 0, List.of(mode),
                    Map.of()).withLinks(links).retrieving(2), TeamListener.NONE, RunControl.NEVER);
            if (mode.equals(Mode.LATENT)) {
                assertEquals(8, playground.readBacksBeforeSampling(), "read-backs before the first token: one a hand-off");
            }
            assertEquals(2, page.retrieval);
            assertEquals(meant.text, page.text);
            assertEquals(meant.positions, page.positions);
            assertEquals(chosen(meant), chosen(page));
            for (int i = 0; i < meant.stages.size(); i++) {
                for (int c = 0; c < meant.stages.get(i).candidates.size(); c++) {
                    double difference = Math.abs(meant.stages.get(i).candidates.get(c).score
                            - page.stages.get(i).candidates.get(c).score);
                    assertTrue(difference <= 1e-4, chosen(meant) + ": " + difference);
                    worst = Math.max(worst, difference);
                }
            }
        }
        System.out.printf(Locale.ROOT, "relevance: worst difference to the twin %.1e%n", worst);
    }

    /** Every candidate, whether it was chosen or not. */
    private static List<String> chosen(ModeReport report) {
        return report.stages.stream().flatMap(stage -> stage.candidates.stream().map(candidate -> stage.agent + " " + stage.round
                + ": " + candidate.slot + " of " + candidate.from + " " + candidate.round + " " + candidate.chosen)).toList();
    }

    @Test
    void swappedLinksAreTheTwins() throws IOException {
        for (Map<String, String> links : List.of(Map.of("planner->critic", "noise", "critic", "noise"),
                Map.of("critic->solver", "zero"), Map.of("planner", "identity", "planner->critic", "identity"))) {
            RunReport report = inPage(1, links);
            assertEquals(0, playground.readBacksBeforeSampling(), "read-backs before the first token");
            assertEquals(new LinkedHashMap<>(links), new LinkedHashMap<>(report.links));
            ModeReport meant = onTheTwin(1, links);
            System.out.printf(Locale.ROOT, "%s: worst relative difference to the twin %.1e, answer %s%n", links,
                    compare(report.modes.get(0), meant), report.modes.get(0).answer);
            assertEquals(meant.text, report.modes.get(0).text);
            assertFalse(links.containsValue("zero") && Boolean.TRUE.equals(report.modes.get(0).correct),
                    "the solver needs no plan");
        }
    }

    @Test
    void personSwitchesItOnAndSwapsALink() {
        Page page = playground.page();
        page.fill("#problem-box", problem.question());
        page.check("#see-inside");
        page.selectOption("select[data-link='critic->solver']", "zero");
        page.uncheck("#mode-text");
        page.uncheck("#mode-single");
        playground.slide("rounds", 3);
        page.check("#stop-early");
        playground.slide("retrieval", 1);
        playground.slide("latent-steps", STEPS);
        page.click("#run");
        page.waitForSelector("#inside-results svg.path");
        playground.waitUntilIdle();
        assertEquals(3, page.querySelectorAll("#inside-results svg.path").size(), "agents with a path");
        assertEquals(3, page.querySelectorAll("#inside-results svg.heat").size(), "agents with a heat map");
        assertEquals(List.of("Round 1", "Round 2, 1.0000 like round 1", "Round 3"),
                page.locator("#loop-track .track__name").allTextContents(), "zeros are like zeros");
        assertEquals(3, page.locator("#loop-track .place:has-text('not needed')").count(), "stages of round 3");
        assertEquals("2 of 3 (alike: 1.0000)", page.textContent("#card-latent-rounds"));
        assertEquals(6, page.locator("#loop-track .place.is-done").count(), "stages done");
        assertTrue(page.textContent("#inside-results .inside__alarms:not([hidden])").contains("Alarm"),
                "zeros are an alarm");
        page.click("#inside-results details.inside__readings >> nth=0");
        page.click("#stages-latent > summary");
        assertEquals(7, page.locator("#candidates-latent tbody tr").count(), "messages that hand-offs could bring");
        assertEquals(5, page.locator("#candidates-latent tbody tr:has-text('yes')").count(), "one for each hand-off");
        page.locator("#stages-latent").screenshot(new Locator.ScreenshotOptions().setPath(
                PICTURE.resolveSibling("retrieval.png")));
        page.screenshot(new Page.ScreenshotOptions().setFullPage(true).setPath(PICTURE));
        assertEquals(List.of(), Axe.findings(page, "inside a run"));
        page.locator(".inside__agent >> nth=0").screenshot(new Locator.ScreenshotOptions().setPath(
                PICTURE.resolveSibling("inside-agent.png")));
        page.locator("#loop").screenshot(new Locator.ScreenshotOptions().setPath(PICTURE.resolveSibling("loop.png")));
        page.selectOption("select[data-link='critic->solver']", "trained");
        page.uncheck("#see-inside");
        playground.slide("retrieval", 0);
        assertEquals("off", page.textContent("#retrieval-value"));
    }
}
