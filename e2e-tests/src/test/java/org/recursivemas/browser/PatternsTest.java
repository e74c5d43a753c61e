package org.recursivemas.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.WaitForSelectorState;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
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
            String report = run(page, task, 2, List.of("latent", "text"), null);
            page.screenshot(new Page.ScreenshotOptions().setFullPage(true)
                    .setPath(Path.of("target", "pictures", "pattern-" + title.toLowerCase() + ".png")));
            assertEquals(List.of(), open.errors());
            assertEquals(List.of(), open.foreignRequests());
            return JSON.readValue(report, RunReport.class);
        }
    }

    /** Has the open team run a problem, as a program does; returns the report. */
    private static String run(Page page, JsonNode task, int rounds, List<String> modes, String search)
            throws IOException {
        Map<String, Object> request = new LinkedHashMap<>();
        request.put("problem", task.get("question").asText());
        request.put("expected", task.get("answer").asText());
        request.put("rounds", rounds);
        request.put("latent_steps", 32);
        request.put("modes", modes);
        request.put("search", search);
        return (String) page.evaluate("request => window.recursivemas.run(request)", JSON.writeValueAsString(request));
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
            withoutLinks(page, task);
            assertEquals(List.of(), open.errors());
        }
    }

    /** Nobody has made links for an agent of another name: the team writes, and says why it does not hand over latents. */
    private static void withoutLinks(Page page, JsonNode task) {
        page.click("#tab-team-edit");
        assertEquals("All hand-offs have their links: the team can hand over hidden states.",
                page.textContent("#team-latent"));
        page.click("summary:has-text('The team file itself')");
        page.fill("#team-file", page.inputValue("#team-file").replace("\"planner\"", "\"thinker\""));
        page.click("#team-read");
        for (String lacking : List.of("inner link of thinker", "outer link thinker \u2192 solver",
                "outer link solver \u2192 thinker")) {
            assertTrue(page.textContent("#team-latent").contains("there is no " + lacking), page.textContent("#team-latent"));
        }
        page.screenshot(new Page.ScreenshotOptions().setFullPage(true)
                .setPath(Path.of("target", "pictures", "team-without-links.png")));
        giveTheSolversModel(page);
        page.click("#team-use");
        page.waitForSelector("#team-said:not(:empty)");
        page.click("#tab-run");
        page.waitForSelector("#mode-latent-hint:has-text('there is no inner link of thinker')");
        String refused = (String) page.evaluate("() => window.recursivemas.run(JSON.stringify({modes: ['latent']}))"
                + ".then(() => 'ran', e => e.message)");
        assertTrue(refused.contains("there is no outer link thinker \u2192 solver"), refused);
        page.fill("#problem-box", task.get("question").asText() + " ");
        page.fill("#problem-box", task.get("question").asText());
        page.click("#run");
        page.waitForFunction("() => document.getElementById('status').textContent.startsWith('Run finished')");
        assertEquals(List.of("text", "4"), page.evaluate("() => { const mode = JSON.parse(window.recursivemas.lastReport).modes;"
                + " return [mode.map(one => one.mode).join(), '' + mode[0].stages.length]; }"), "two agents wrote twice");
        assertEquals(true, page.evaluate("() => { const files = JSON.parse(window.recursivemas.lastReport).artifacts;"
                + " return !!files['thinker weights'] && files['thinker weights'] === files['solver weights']; }"));
    }

    /** The first agent gets the last one's model, by the address at which the site has it. */
    private static void giveTheSolversModel(Page page) {
        @SuppressWarnings("unchecked")
        Map<String, String> solver = (Map<String, String>) page.evaluate("() => fetch('models/demo/team.json')"
                + ".then(read => read.json()).then(team => ({model: team.agents[2].model, library: team.agents[2].library}))");
        page.locator("summary:has-text('A model at an address')").first().click();
        page.fill("#team-agent-0-model-address", "models/demo/" + solver.get("model"));
        page.fill("#team-agent-0-model-library", "models/demo/" + solver.get("library"));
        page.click("#team-agent-0-model-find");
        page.waitForSelector("#team-said:has-text('thinker runs')");
        assertTrue(page.inputValue("#team-file").contains("\"hidden_size\": 192"));
        page.waitForSelector("#team-agent-0-model option:has-text('Qwen2.5-0.5B-Instruct')",
                new Page.WaitForSelectorOptions().setState(WaitForSelectorState.ATTACHED));
        page.screenshot(new Page.ScreenshotOptions().setFullPage(true)
                .setPath(Path.of("target", "pictures", "team-model-from-elsewhere.png")));
    }

    @Test
    void aLearnerAnswersWithItsExpert() throws IOException {
        RunReport report = run("Distillation", task("held-out.jsonl"));
        assertRight(report);
        assertEquals(4, report.modes.get(0).stages.size(), stages(report.modes.get(0)).toString());
    }

    /** A wiki as its interface for programs answers, on another origin than the site. */
    private static HttpServer wiki(List<String> asked, AtomicReference<CountDownLatch> answering) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/w/api.php", exchange -> {
            try (exchange) {
                asked.add(exchange.getRequestMethod() + " " + exchange.getRequestURI().getRawQuery() + " "
                        + exchange.getRequestHeaders().getFirst("Referer"));
                answering.get().await();
                byte[] answer = ("{\"batchcomplete\":true,\"query\":{\"pages\":["
                        + "{\"pageid\":2,\"ns\":0,\"title\":\"Second\",\"index\":2,\"extract\":\"less fitting\"},"
                        + "{\"pageid\":1,\"ns\":0,\"title\":\"First\",\"index\":1,\"extract\":\"costs $7.\\nNo more.\"}]}}")
                        .getBytes(StandardCharsets.UTF_8);
                exchange.getResponseHeaders().set("Access-Control-Allow-Origin", "*");
                exchange.getResponseHeaders().set("Content-Type", "application/json; charset=utf-8");
                exchange.sendResponseHeaders(200, answer.length);
                exchange.getResponseBody().write(answer);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        server.setExecutor(Executors.newCachedThreadPool());
        server.start();
        return server;
    }

    private static String address(HttpServer server) {
        return "http://localhost:" + server.getAddress().getPort() + "/w/api.php";
    }

    private static ToolCallReport firstCall(String report) throws IOException {
        List<StageReport> stages = JSON.readValue(report, RunReport.class).modes.get(0).stages;
        return stages.get(stages.size() - 1).toolCalls.get(0);
    }

    private static void assertCallsInTheLastTextOnly(RunReport report) {
        assertRight(report);
        for (ModeReport mode : report.modes) {
            StageReport last = mode.stages.get(mode.stages.size() - 1);
            assertTrue(last.toolCalls.size() >= 2 && last.toolCalls.size() <= 5, last.toolCalls.size() + " calls");
            ToolCallReport first = last.toolCalls.get(0);
            assertEquals("search", first.tool);
            assertEquals("tools/prices.json", first.source);
            assertTrue(first.result.contains("costs") && !first.failed, first.result);
            assertTrue(last.text.contains("<result>" + first.result + "</result>"), last.text);
            for (StageReport stage : mode.stages) {
                assertTrue(stage == last || stage.toolCalls.isEmpty(), stage.agent + " called a tool in round " + stage.round);
            }
        }
    }

    @Test
    void aToolCallerCallsItsToolsInTheLastTextOnlyAndAWikiOnlyWhenItIsChosenAndAllowed() throws IOException {
        List<String> asked = new CopyOnWriteArrayList<>();
        List<String> askedElsewhere = new CopyOnWriteArrayList<>();
        AtomicReference<CountDownLatch> answering = new AtomicReference<>(new CountDownLatch(0));
        HttpServer allowed = wiki(asked, answering);
        HttpServer elsewhere = wiki(askedElsewhere, answering);
        JsonNode task = task("held-out-tools.jsonl");
        try (BrowserSession.OpenPage open = session.newPage()) {
            Page page = open.page();
            page.navigate(session.url() + "?team=models/demo/deliberation.json&search="
                    + URLEncoder.encode(address(allowed), StandardCharsets.UTF_8));
            page.waitForFunction("() => window.recursivemas && document.getElementById('team-title')?.textContent");
            assertCallsInTheLastTextOnly(JSON.readValue(run(page, task, 2, List.of("latent", "text"), null), RunReport.class));
            assertEquals(List.of(), open.foreignRequests(), "nobody chose the wiki");

            ToolCallReport refused = firstCall(run(page, task, 1, List.of("latent"), address(elsewhere)));
            assertTrue(refused.failed && refused.result.contains("could not be reached"), refused.result);
            assertEquals(List.of(), askedElsewhere, "the worker has the page's policy");

            page.check("#search-web");
            page.fill("#problem-box", task.get("question").asText());
            page.evaluate("() => { const depth = document.getElementById('rounds'); depth.value = '1';"
                    + " depth.dispatchEvent(new Event('input')); }");
            page.uncheck("#mode-text");
            page.uncheck("#mode-single");
            page.click("#run");
            page.waitForFunction("() => window.recursivemas.lastReport.includes('First: costs')");
            String report = (String) page.evaluate("() => window.recursivemas.lastReport");
            ToolCallReport call = firstCall(report);
            assertEquals(address(allowed), call.source);
            assertEquals("First: costs $7. No more.\nSecond: less fitting", call.result);
            assertEquals(address(allowed), JSON.readValue(report, RunReport.class).search);
            assertTrue(asked.get(0).startsWith("GET ") && asked.get(0).contains("&origin=*&")
                    && asked.get(0).contains("gsrsearch=" + URLEncoder.encode(call.input, StandardCharsets.UTF_8) + "&")
                    && asked.get(0).endsWith(" null"), asked.get(0));
            assertTrue(page.textContent("#card-latent-calls").contains(address(allowed)));
            page.click("#card-latent-calls summary");
            page.screenshot(new Page.ScreenshotOptions().setFullPage(true)
                    .setPath(Path.of("target", "pictures", "search.png")));

            answering.set(new CountDownLatch(1));
            int before = asked.size();
            page.click("#run");
            page.waitForCondition(() -> asked.size() > before);
            page.click("#stop");
            page.waitForFunction("() => document.getElementById('stop').disabled", null,
                    new Page.WaitForFunctionOptions().setTimeout(5000));   // a request is given up after 10 seconds by itself
            assertTrue(page.textContent("#card-latent-status").contains("stopped"), page.textContent("#card-latent-status"));
            assertEquals(List.of(), open.errors());
        } finally {
            answering.get().countDown();
            allowed.stop(0);
            elsewhere.stop(0);
        }
    }
}
