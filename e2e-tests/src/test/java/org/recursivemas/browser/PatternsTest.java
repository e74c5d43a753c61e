package org.recursivemas.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.microsoft.playwright.Page;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.recursivemas.data.ModeReport;
import org.recursivemas.data.RunReport;
import org.recursivemas.data.StageReport;
import org.recursivemas.data.ToolCallReport;

/** The teams of the other patterns that the site ships: opened from the page, run, right. */
class PatternsTest {
    private static final Path TASKS = Path.of("..", "build-pipeline", "demo", "tasks");
    private static final ObjectMapper JSON = HeadlessRun.mapper();

    private static BrowserSession session;

    @BeforeAll
    static void start() throws IOException {
        session = new BrowserSession(Chromium.Gpu.CPU);
    }

    @AfterAll
    static void end() {
        session.close();
    }

    private static JsonNode task(String file) throws IOException {
        return JSON.readTree(Files.readAllLines(TASKS.resolve(file)).get(0));
    }

    /** Runs a problem in latents over two rounds, and as text over one. */
    private static RunReport run(String title, JsonNode task) throws IOException {
        try (BrowserSession.OpenPage open = session.newPage()) {
            Page page = open.page();
            page.navigate(session.url());
            page.waitForSelector("#team-title:not(:empty)");
            page.click("#teams a:has-text('" + title + "')");
            page.waitForFunction("title => window.recursivemas && window.recursivemas.run"
                    + " && document.querySelector('#teams a[aria-current]')?.textContent.includes(title)"
                    + " && document.getElementById('team-title')?.textContent", title);
            Map<String, Object> request = new LinkedHashMap<>();
            request.put("problem", task.get("question").asText());
            request.put("expected", task.get("answer").asText());
            request.put("rounds", 2);
            request.put("latent_steps", 32);
            request.put("modes", List.of("latent", "text"));
            String report = (String) page.evaluate("request => window.recursivemas.run(request)",
                    JSON.writeValueAsString(request));
            page.screenshot(new Page.ScreenshotOptions().setFullPage(true)
                    .setPath(Path.of("target", "pictures", "pattern-" + title.toLowerCase() + ".png")));
            assertEquals(List.of(), open.errors());
            assertEquals(List.of(), open.foreignRequests());
            return JSON.readValue(report, RunReport.class);
        }
    }

    private static List<String> stages(ModeReport mode) {
        return mode.stages.stream().map(stage -> stage.agent + " " + stage.round + " " + stage.kind).toList();
    }

    private static void assertRight(RunReport report) {
        for (ModeReport mode : report.modes) {
            assertTrue(mode.correct, mode.mode + ": " + mode.text);
            assertEquals(2, mode.rounds);
        }
    }

    @Test
    void aMixtureOfExpertsAnswers() throws IOException {
        RunReport report = run("Mixture", task("held-out.jsonl"));
        assertRight(report);
        List<String> stages = stages(report.modes.get(0));
        assertEquals(6, stages.size(), stages.toString());
        assertTrue(stages.get(5).endsWith(" 2 answer"), stages.toString());
        assertTrue(report.modes.get(0).stages.get(5).latentRowsIn >= 64, "two messages reach the summarizer");
    }

    @Test
    void aTeamThatAPersonChangedRuns() throws IOException {
        JsonNode task = task("held-out.jsonl");
        try (BrowserSession.OpenPage open = session.newPage()) {
            Page page = open.page();
            page.navigate(session.url());
            page.waitForSelector("#team-title:not(:empty)");
            page.click("#tab-team-edit");
            page.waitForSelector("#team-agent-2-remove");
            page.click("#team-agent-1-remove");
            page.click("#team-use");
            page.waitForSelector("#team-fault:not(:empty)");
            assertTrue(page.textContent("#team-fault").contains("plan"), "the solver's slot has no hand-off: "
                    + page.textContent("#team-fault"));
            page.selectOption("#team-from", "planner");
            page.selectOption("#team-to", "solver");
            page.fill("#team-slot", "plan");
            page.click("#team-add");
            page.screenshot(new Page.ScreenshotOptions().setFullPage(true)
                    .setPath(Path.of("target", "pictures", "team-editor.png")));
            page.click("#team-use");
            page.waitForSelector("#team-said:not(:empty)");
            page.click("#tab-run");
            page.fill("#problem-box", task.get("question").asText());
            page.uncheck("#mode-single");
            page.click("#run");
            page.waitForSelector("#download:enabled");
            for (String mode : List.of("latent", "text")) {
                assertEquals(task.get("answer").asText(), page.textContent("#card-" + mode + "-answer"), mode);
            }
            assertEquals(4, page.locator("#stages-latent tbody tr").count(), "two agents, two rounds");
            assertEquals(List.of(), open.errors());
        }
    }

    @Test
    void aLearnerAnswersWithItsExpert() throws IOException {
        RunReport report = run("Distillation", task("held-out.jsonl"));
        assertRight(report);
        assertEquals(4, report.modes.get(0).stages.size(), stages(report.modes.get(0)).toString());
    }

    @Test
    void aToolCallerCallsItsToolsInTheLastTextOnly() throws IOException {
        RunReport report = run("Deliberation", task("held-out-tools.jsonl"));
        assertRight(report);
        for (ModeReport mode : report.modes) {
            StageReport last = mode.stages.get(mode.stages.size() - 1);
            assertTrue(last.toolCalls.size() >= 2 && last.toolCalls.size() <= 5, last.toolCalls.size() + " calls");
            ToolCallReport first = last.toolCalls.get(0);
            assertEquals("search", first.tool);
            assertTrue(first.result.contains("costs") && !first.failed, first.result);
            assertTrue(last.text.contains("<result>" + first.result + "</result>"), last.text);
            for (StageReport stage : mode.stages) {
                assertTrue(stage == last || stage.toolCalls.isEmpty(), stage.agent + " called a tool in round " + stage.round);
            }
        }
    }
}
