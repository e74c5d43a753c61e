package org.recursivemas.browser;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import java.io.IOException;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * How long the page's main thread was blocked, from two sources: the page's own long-task entries and animation frames
 * (wall time, so that a busy machine counts in), and the browser's trace, which knows the processor time of every task of
 * that thread (what the page itself did, whatever else the machine was doing).
 */
final class MainThread {
    private static final String WATCH = """
            () => {
              const seen = window.blocks = { longest: 0, own: 0, gap: 0, last: performance.now(), on: true };
              new PerformanceObserver(list => list.getEntries().forEach(entry => {
                seen.longest = Math.max(seen.longest, entry.duration);
                if (entry.name === 'self') {
                  seen.own = Math.max(seen.own, entry.duration);
                }
              })).observe({ type: 'longtask' });
              const frame = now => {
                seen.gap = Math.max(seen.gap, now - seen.last);
                seen.last = now;
                if (seen.on) {
                  requestAnimationFrame(frame);
                }
              };
              requestAnimationFrame(frame);
            }
            """;

    /**
     * Milliseconds of the longest of each.
     *
     * @param wall longest long task; 0: none above 50 ms
     * @param own longest long task that the page's own frame caused
     * @param frameGap longest time between two animation frames
     * @param processor most processor time of one task of the main thread
     * @param stalled longest part of a task in which its thread did not compute: preempted by a busy machine, or waiting
     */
    record Blocks(double wall, double own, double frameGap, double processor, double stalled) {
        @Override
        public String toString() {
            return String.format(Locale.ROOT, "longest main-thread task: %.1f ms of processor time, long-task entry %.0f ms"
                    + " (own %.0f ms), frame gap %.0f ms, off the processor %.1f ms", processor, wall, own, frameGap,
                    stalled);
        }
    }

    /** No task of a page's main thread may take longer, in milliseconds. */
    static final double LIMIT = 50;

    private MainThread() {
    }

    /**
     * Fails when a task took {@link #LIMIT} or more. Processor time is the page's own, on a machine however busy. Wall time
     * counts only where the thread was not kept from the processor by others, that is where all of a task could have been the
     * page's.
     */
    static void assertNeverBlocked(Blocks blocks) {
        assertTrue(blocks.processor() < LIMIT, blocks.toString());
        assertTrue(blocks.own() == 0 || blocks.own() - blocks.stalled() < LIMIT, blocks.toString());
    }

    /** Watches the page's main thread while {@code action} goes on. */
    static Blocks watch(Browser browser, Page page, Runnable action) throws IOException {
        browser.startTracing(page, new Browser.StartTracingOptions()
                .setCategories(java.util.List.of("toplevel", "disabled-by-default-devtools.timeline", "devtools.timeline")));
        byte[] trace;
        JsonNode seen;
        try {
            page.evaluate(WATCH);
            action.run();
            seen = new ObjectMapper().valueToTree(page.evaluate("() => { blocks.on = false; return blocks; }"));
        } finally {
            trace = browser.stopTracing();
        }
        double[] tasks = tasks(trace, page.url().replaceFirst("#.*", ""));
        return new Blocks(seen.get("longest").asDouble(), seen.get("own").asDouble(), seen.get("gap").asDouble(),
                tasks[0], tasks[1]);
    }

    /** Most processor time, and most time off the processor, of one task of the page's main thread. */
    private static double[] tasks(byte[] trace, String url) throws IOException {
        JsonNode events = new ObjectMapper().readTree(trace).get("traceEvents");
        Map<String, String> names = new HashMap<>();
        String process = null;
        for (JsonNode event : events) {
            if (event.path("name").asText().equals("thread_name")) {
                names.put(event.get("pid") + ":" + event.get("tid"), event.at("/args/name").asText());
            } else if (event.path("name").asText().equals("TracingStartedInBrowser")) {
                for (JsonNode frame : event.at("/args/data/frames")) {
                    if (frame.path("url").asText().replaceFirst("#.*", "").equals(url)) {
                        process = frame.get("processId").toString();
                    }
                }
            }
        }
        if (process == null) {
            throw new IllegalStateException("the trace does not name the process of " + url);
        }
        double processor = 0;
        double stalled = 0;
        int tasks = 0;
        for (JsonNode event : events) {
            boolean main = "CrRendererMain".equals(names.get(event.get("pid") + ":" + event.get("tid")));
            if (main && event.get("pid").toString().equals(process) && event.has("tdur")
                    && event.path("name").asText().endsWith("RunTask")) {
                tasks++;
                processor = Math.max(processor, event.get("tdur").asDouble() / 1000);
                stalled = Math.max(stalled, (event.get("dur").asDouble() - event.get("tdur").asDouble()) / 1000);
            }
        }
        if (tasks == 0) {
            throw new IllegalStateException("the trace holds no task of the page's main thread");
        }
        return new double[] {processor, stalled};
    }
}
