package org.recursivemas.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.Worker;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.recursivemas.data.RunReport;
import org.recursivemas.tasks.StoryProblem;

/** The engine in its worker: the page stays free, and what is lost is said with a way on. */
class EngineTest {
    /** The longest that the page may be blocked. */
    private static final String KEEP_DEVICE = """
            () => {
              const request = GPUAdapter.prototype.requestDevice;
              GPUAdapter.prototype.requestDevice = async function (...values) {
                return self.device = await request.apply(this, values);
              };
            }
            """;

    private static BrowserSession session;
    private PlaygroundPage playground;
    private List<String> expectedErrors;

    @BeforeAll
    static void start() throws IOException {
        session = new BrowserSession(Chromium.Gpu.CPU);
    }

    @AfterAll
    static void end() {
        session.close();
    }

    @BeforeEach
    void open() {
        playground = new PlaygroundPage(session);
        expectedErrors = List.of();
    }

    @AfterEach
    void nothingElseWentWrong() {
        List<String> errors = playground.errors();
        playground.close();
        assertEquals(expectedErrors.size(), errors.size(), errors.toString());
        for (int i = 0; i < errors.size(); i++) {
            assertTrue(errors.get(i).contains(expectedErrors.get(i)), errors.toString());
        }
    }

    private static StoryProblem problem() {
        return Prompts.problems(61, 1).get(0);
    }

    private RunReport run(int rounds, int latentSteps) {
        try {
            return playground.run(problem().question(), problem().answer(), rounds, latentSteps, List.of("latent"));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void thePageIsNeverBlockedWhileATeamLoadsAndRunsAndTheReportNamesTheScripts() throws IOException {
        List<RunReport> reports = new ArrayList<>();
        MainThread.Blocks idle = MainThread.watch(session.browser(), playground.page(),
                () -> playground.page().waitForTimeout(200));
        MainThread.Blocks working = MainThread.watch(session.browser(), playground.page(), () -> reports.add(run(2, 32)));
        System.out.println("page idle:       " + idle);
        System.out.println("load and run:    " + working);
        MainThread.assertNeverBlocked(working);
        scriptsAreNamed(reports.get(0));
    }

    /** With checksum and version. */
    private static void scriptsAreNamed(RunReport report) {
        for (String script : List.of("app.js", "engine.js", "web-llm.js")) {
            assertTrue(report.artifacts.getOrDefault(script, "").matches("sha256:[0-9a-f]{64}"), report.artifacts.toString());
        }
        assertEquals(Site.sha256("app.js"), report.artifacts.get("app.js"));
        Map<String, String> environment = report.environment;
        assertTrue(environment.get("app.js").matches("recursivemas \\d.*"), environment.toString());
        assertEquals(environment.get("app.js"), environment.get("engine.js"));
        assertTrue(environment.get("web-llm.js").matches("@mlc-ai/web-llm \\d+\\.\\d+\\.\\d+"), environment.toString());
    }

    @Test
    void theMeterSeesABlock() throws IOException {
        MainThread.Blocks blocks = MainThread.watch(session.browser(), playground.page(), () ->
                playground.page().evaluate("() => new Promise(done => setTimeout(() => {"
                        + " const end = performance.now() + 120; while (performance.now() < end);"
                        + " requestAnimationFrame(() => setTimeout(done, 100)); }))"));
        System.out.println("blocked 120 ms:  " + blocks);
        assertTrue(blocks.own() >= 120 && blocks.frameGap() >= 80, blocks.toString());
        assertTrue(blocks.processor() + blocks.stalled() >= 110 && blocks.processor() > 10, blocks.toString());
    }

    @Test
    void aWorkerThatEndsByAnErrorIsSaidAndRestartedAndOneAtWorkCanBeEndedAtOnce() {
        assertEquals(problem().answer(), run(1, 32).modes.get(0).answer);
        Page page = playground.page();
        Worker first = playground.worker();
        first.evaluate("() => { setTimeout(() => { throw new Error('the worker is full'); }); }");
        page.waitForSelector("#error:visible");
        String message = playground.text("error-message");
        assertTrue(message.contains("the worker is full") && message.contains("Restart the engine"), message);
        assertTrue(page.isVisible("#load"), "models are shown as loaded");
        page.waitForWorker(() -> page.click("#restart"));
        assertFalse(page.isVisible("#error"));
        assertFalse(page.isVisible("#restart"));
        page.fill("#problem-box", problem().question());
        page.uncheck("#mode-text");
        page.uncheck("#mode-single");
        playground.slide("rounds", 1);
        page.click("#run");
        page.waitForSelector("#stop:enabled");
        playground.waitUntilIdle();
        assertEquals(problem().answer(), playground.text("card-latent-answer"));
        endedAtOnce(page);
        expectedErrors = playground.errors();
        assertTrue(expectedErrors.stream().allMatch(error -> error.contains("the worker is full")),
                expectedErrors.toString());
    }

    private void endedAtOnce(Page page) {
        page.evaluate("request => { window.outcome = window.recursivemas.run(request)"
                + ".then(() => 'ended', error => error.code + ': ' + error.message + '|' + error.remedy); }",
                "{\"problem\": \"p\", \"rounds\": 5, \"latent_steps\": 64}");
        page.waitForSelector("#card-latent[aria-busy=true]");
        page.evaluate("() => new Promise(done => { document.getElementById('stop').click();"
                + " document.getElementById('restart').click(); done(); })");
        String outcome = (String) page.evaluate("() => window.outcome");
        assertTrue(outcome.startsWith("worker-lost: The engine was restarted."), outcome);
        assertTrue(outcome.endsWith("|Its models are loaded again with the next run, from the browser's cache."), outcome);
        assertEquals("stopped", playground.text("card-latent-status"));
        assertFalse(page.isVisible("#error"));
    }

    @Test
    void aLostGpuIsSaidAndTheNextRunLoadsTheModelsAgain() throws IOException {
        playground.worker().evaluate(KEEP_DEVICE);
        run(1, 4);
        Page page = playground.page();
        playground.worker().evaluate("() => device.destroy()");
        page.waitForSelector("#error:visible");
        String message = playground.text("error-message");
        assertTrue(message.contains("The GPU device was lost") && message.contains("Load the models again"), message);
        assertTrue(page.isVisible("#load") && page.isVisible("#restart"), "no way on is offered");
        RunReport again = playground.runInNewWorker(problem().question(), problem().answer(), 1, 32, List.of("latent"));
        assertEquals(problem().answer(), again.modes.get(0).answer);
        assertFalse(page.isVisible("#load"), "models are shown as lost");
        expectDeviceLossFromWebLlm();
    }

    @Test
    void aGpuThatIsLostInARunEndsItWithItsCode() {
        playground.worker().evaluate(KEEP_DEVICE);
        playground.load();
        Page page = playground.page();
        page.evaluate("request => { window.outcome = window.recursivemas.run(request)"
                + ".then(() => 'ended', error => error.code + ' ' + error.message); }",
                "{\"problem\": \"p\", \"rounds\": 5, \"latent_steps\": 64}");
        page.waitForSelector("#card-latent[aria-busy=true]");
        playground.worker().evaluate("() => device.destroy()");
        String outcome = (String) page.evaluate("() => window.outcome");
        assertTrue(outcome.startsWith("gpu-lost The GPU device was lost"), outcome);
        assertTrue(playground.text("error-message").contains("The GPU device was lost"));
        expectDeviceLossFromWebLlm();
    }

    /** WebLLM writes a line for each model. */
    private void expectDeviceLossFromWebLlm() {
        expectedErrors = playground.errors();
        assertTrue(expectedErrors.stream().allMatch(error -> error.startsWith("Device was lost")),
                expectedErrors.toString());
    }

    @Test
    void aSiteWithoutTheWorkersScriptSaysSo() {
        withEngineScript(Route::abort, page -> {
            page.waitForSelector("#error:visible");
            String message = page.textContent("#error-message");
            assertTrue(message.contains("could not be started from") && message.contains("engine.js"), message);
            assertTrue(page.isVisible("#restart"));
        });
    }

    @Test
    void aWorkerOfAnotherVersionIsRefused() {
        String other = "main = () => postMessage('{\"type\": \"started\", \"version\": 99}');";
        withEngineScript(route -> route.fulfill(new Route.FulfillOptions().setBody(other)
                .setContentType("text/javascript")), page -> {
                    page.waitForSelector("#error:visible");
                    String message = page.textContent("#error-message");
                    assertTrue(message.contains("version 99") && message.contains("Reload the page"), message);
                });
    }

    private static void withEngineScript(Consumer<Route> answer, Consumer<Page> check) {
        try (BrowserSession.OpenPage open = session.newPage()) {
            Page page = open.page();
            page.route("**/engine.js", answer);
            page.navigate(session.url());
            check.accept(page);
        }
    }

    @Test
    void theWorkerIsBoundByThePagesPolicy() {
        Worker worker = playground.worker();
        assertTrue(worker.url().startsWith("blob:"), worker.url());
        String fetched = (String) worker.evaluate("() => fetch('https://example.org/').then(() => 'fetched',"
                + " error => error.message)");
        assertEquals("Failed to fetch", fetched);
        String imported = (String) worker.evaluate("() => { try { importScripts('https://example.org/x.js');"
                + " return 'imported'; } catch (error) { return error.name; } }");
        assertEquals("NetworkError", imported);
        // The browser's own debugger may evaluate; what a timer runs is the worker's.
        String evaluated = (String) worker.evaluate("() => new Promise(done => setTimeout(() => {"
                + " try { new Function('return 1')(); done('ran'); } catch (error) { done(error.name); } }))");
        assertEquals("EvalError", evaluated);
        assertEquals(List.of(), playground.foreignRequests());
        expectedErrors = playground.errors();
        assertTrue(expectedErrors.stream().allMatch(error -> error.contains("Content Security Policy")),
                expectedErrors.toString());
    }
}
