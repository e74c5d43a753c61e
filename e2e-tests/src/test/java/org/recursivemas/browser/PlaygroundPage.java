package org.recursivemas.browser;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Worker;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.recursivemas.data.RunReport;

/** The playground in a browser, as a person and as a program uses it. */
final class PlaygroundPage implements AutoCloseable {
    /**
     * Counts the read-backs of GPU memory in the worker: every way out of it goes through mapAsync. Notes how many there
     * were when the first token was about to be sampled, by any engine that is loaded from now on.
     */
    private static final String COUNT_READ_BACKS = """
            () => {
              self.readBacks = { calls: 0, beforeSampling: -1 };
              const mapAsync = GPUBuffer.prototype.mapAsync;
              GPUBuffer.prototype.mapAsync = function (...values) {
                self.readBacks.calls++;
                return mapAsync.apply(this, values);
              };
              // WebLLM is fetched with the first models, so its global is met when it is assigned.
              Object.defineProperty(self, 'webllm', { configurable: true, get: () => undefined, set(webllm) {
                Object.defineProperty(self, 'webllm', { value: webllm, writable: true, configurable: true });
                const reload = webllm.MLCEngine.prototype.reload;
                webllm.MLCEngine.prototype.reload = async function (...values) {
                  await reload.apply(this, values);
                  for (const pipeline of this.loadedModelIdToPipeline.values()) {
                    const sample = pipeline.sampleFromRawLogits;
                    pipeline.sampleFromRawLogits = function (...logits) {
                      if (self.readBacks.beforeSampling < 0) {
                        self.readBacks.beforeSampling = self.readBacks.calls;
                      }
                      return sample.apply(this, logits);
                    };
                  }
                };
              } });
            }
            """;

    private final BrowserSession.OpenPage open;
    private final Page page;
    private Worker worker;
    private final ObjectMapper json = HeadlessRun.mapper();

    PlaygroundPage(BrowserSession session) {
        open = session.newPage();
        page = open.page();
        worker = page.waitForWorker(() -> page.navigate(session.url()));
        waitForTeam();
        worker.evaluate(COUNT_READ_BACKS);
    }

    private void waitForTeam() {
        page.waitForFunction("() => window.recursivemas && window.recursivemas.run"
                + " && document.getElementById('team-title')?.textContent");
    }

    Page page() {
        return page;
    }

    void reload() {
        worker = page.waitForWorker(page::reload);
        waitForTeam();
    }

    /** The worker in which the models run. */
    Worker worker() {
        return worker;
    }

    /** Runs by the hook for programs and waits for the report. */
    RunReport run(String problem, String expected, int rounds, int latentSteps, List<String> modes) throws IOException {
        return run(request(problem, expected, rounds, latentSteps, modes));
    }

    /** The same with any fields of the request. */
    RunReport run(Map<String, Object> request) throws IOException {
        return run(json.writeValueAsString(request));
    }

    private RunReport run(String request) throws IOException {
        worker.evaluate("() => { self.readBacks.beforeSampling = -1; self.readBacks.calls = 0; }");
        String report = (String) page.evaluate("request => window.recursivemas.run(request)", request);
        return json.readValue(report, RunReport.class);
    }

    /** The same where the worker has ended, so that the run starts another. */
    RunReport runInNewWorker(String problem, String expected, int rounds, int latentSteps, List<String> modes)
            throws IOException {
        String request = request(problem, expected, rounds, latentSteps, modes);
        worker = page.waitForWorker(() -> page.evaluate("request => { window.report = window.recursivemas.run(request); }",
                request));
        return json.readValue((String) page.evaluate("() => window.report"), RunReport.class);
    }

    private String request(String problem, String expected, int rounds, int latentSteps, List<String> modes)
            throws IOException {
        Map<String, Object> request = new LinkedHashMap<>();
        request.put("problem", problem);
        request.put("expected", expected);
        request.put("rounds", rounds);
        request.put("latent_steps", latentSteps);
        request.put("temperature", 0);
        request.put("seed", 0);
        request.put("modes", modes);
        request.put("systems", Map.of());
        return json.writeValueAsString(request);
    }

    /** Loads the models by the button and waits until they are ready. */
    void load() {
        page.click("#load");
        page.waitForSelector("#load", new Page.WaitForSelectorOptions()
                .setState(com.microsoft.playwright.options.WaitForSelectorState.HIDDEN));
    }

    /** Whether the page's worker has fetched a file of the site since it was started. */
    boolean hasFetched(String file) {
        return (Boolean) worker.evaluate("file => performance.getEntriesByType('resource')"
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
        return ((Number) worker.evaluate("() => self.readBacks.calls")).intValue();
    }

    /** Read-backs between the beginning of the last {@link #run} and the sampling of its first token; -1: no token. */
    int readBacksBeforeSampling() {
        return ((Number) worker.evaluate("() => self.readBacks.beforeSampling")).intValue();
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
