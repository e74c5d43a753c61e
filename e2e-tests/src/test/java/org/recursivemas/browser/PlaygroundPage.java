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
    /** Counts the read-backs of GPU memory: every way out of it goes through mapAsync. */
    private static final String COUNT_READ_BACKS = """
            window.readBacks = { calls: 0, beforeSampling: -1 };
            if (window.GPUBuffer) {
              const mapAsync = GPUBuffer.prototype.mapAsync;
              GPUBuffer.prototype.mapAsync = function (...values) {
                window.readBacks.calls++;
                return mapAsync.apply(this, values);
              };
            }
            """;
    /** Notes how many there were when the first token was about to be sampled, by any engine that is loaded from now on. */
    private static final String NOTE_FIRST_SAMPLING = """
            // The page fetches WebLLM with the first models, so its global is met when it is assigned.
            Object.defineProperty(window, 'webllm', { configurable: true, get: () => undefined, set(webllm) {
              Object.defineProperty(window, 'webllm', { value: webllm, writable: true, configurable: true });
              const reload = webllm.MLCEngine.prototype.reload;
              webllm.MLCEngine.prototype.reload = async function (...values) {
                await reload.apply(this, values);
                for (const pipeline of this.loadedModelIdToPipeline.values()) {
                  const sample = pipeline.sampleFromRawLogits;
                  pipeline.sampleFromRawLogits = function (...logits) {
                    if (window.readBacks.beforeSampling < 0) {
                      window.readBacks.beforeSampling = window.readBacks.calls;
                    }
                    return sample.apply(this, logits);
                  };
                }
              };
            } });
            """;

    private final BrowserSession.OpenPage open;
    private final Page page;
    private final ObjectMapper json = HeadlessRun.mapper();

    PlaygroundPage(BrowserSession session) {
        open = session.newPage();
        page = open.page();
        page.addInitScript(COUNT_READ_BACKS);
        page.addInitScript(NOTE_FIRST_SAMPLING);
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
        page.evaluate("() => { window.readBacks.beforeSampling = -1; window.readBacks.calls = 0; }");
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

    /** Whether the page has fetched a file of the site since it was opened. */
    boolean hasFetched(String file) {
        return (Boolean) page.evaluate("file => performance.getEntriesByType('resource')"
                + ".some(entry => new URL(entry.name).pathname.endsWith('/' + file))", file);
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

    /** Read-backs between the beginning of the last {@link #run} and the sampling of its first token; -1: no token. */
    int readBacksBeforeSampling() {
        return ((Number) page.evaluate("() => window.readBacks.beforeSampling")).intValue();
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
