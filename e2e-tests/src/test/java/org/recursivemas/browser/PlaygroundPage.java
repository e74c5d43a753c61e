package org.recursivemas.browser;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.microsoft.playwright.Page;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.recursivemas.data.RunReport;

/** The playground in a browser, as a person and as a program uses it. */
final class PlaygroundPage implements AutoCloseable {
    /** Counts the read-backs of GPU memory, and how many there were when the first text of a latent run stood there. */
    private static final String COUNTERS = """
            window.readBacks = { calls: 0, beforeText: -1 };
            if (window.GPUBuffer) {
              const mapAsync = GPUBuffer.prototype.mapAsync;
              GPUBuffer.prototype.mapAsync = function (...values) {
                window.readBacks.calls++;
                return mapAsync.apply(this, values);
              };
            }
            new MutationObserver(() => {
              const output = document.getElementById("card-latent-output");
              if (window.readBacks.beforeText < 0 && output && output.textContent !== "") {
                window.readBacks.beforeText = window.readBacks.calls;
              }
            }).observe(document, { childList: true, subtree: true, characterData: true });
            """;

    private final BrowserSession.OpenPage open;
    private final Page page;
    private final ObjectMapper json = HeadlessRun.mapper();

    PlaygroundPage(BrowserSession session) {
        open = session.newPage();
        page = open.page();
        page.addInitScript(COUNTERS);
        page.navigate(session.url());
        waitForTeam();
    }

    private void waitForTeam() {
        page.waitForFunction("() => window.recursivemas && window.recursivemas.run"
                + " && document.getElementById('team-title')?.textContent");
    }

    Page page() {
        return page;
    }

    void reload() {
        page.reload();
        waitForTeam();
    }

    /** Runs by the hook for programs and waits for the report. */
    RunReport run(String problem, String expected, int rounds, int latentSteps, List<String> modes) throws IOException {
        Map<String, Object> request = new LinkedHashMap<>();
        request.put("problem", problem);
        request.put("expected", expected);
        request.put("rounds", rounds);
        request.put("latent_steps", latentSteps);
        request.put("temperature", 0);
        request.put("seed", 0);
        request.put("modes", modes);
        request.put("systems", Map.of());
        page.evaluate("() => { window.readBacks.beforeText = -1; window.readBacks.calls = 0; }");
        String report = (String) page.evaluate("request => window.recursivemas.run(request)",
                json.writeValueAsString(request));
        return json.readValue(report, RunReport.class);
    }

    /** Loads the models by the button and waits until they are ready. */
    void load() {
        page.click("#load");
        page.waitForSelector("#load", new Page.WaitForSelectorOptions()
                .setState(com.microsoft.playwright.options.WaitForSelectorState.HIDDEN));
    }

    /** Moves a slider. */
    void slide(String id, int value) {
        page.fill("#" + id, Integer.toString(value));
    }

    /** Waits until nothing runs any more. */
    void waitUntilIdle() {
        page.waitForFunction("() => document.getElementById('stop').disabled");
    }

    /** The text of an element. */
    String text(String id) {
        return page.textContent("#" + id);
    }

    /** Read-backs since the last {@link #run} began. */
    int readBacks() {
        return ((Number) page.evaluate("() => window.readBacks.calls")).intValue();
    }

    /** Read-backs between the beginning of the last {@link #run} and the first text of its latent mode; -1: no text. */
    int readBacksBeforeText() {
        return ((Number) page.evaluate("() => window.readBacks.beforeText")).intValue();
    }

    List<String> errors() {
        return open.errors();
    }

    List<String> foreignRequests() {
        return open.foreignRequests();
    }

    @Override
    public void close() {
        open.close();
    }
}
