package org.recursivemas.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.gson.JsonObject;
import com.microsoft.playwright.CDPSession;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.WaitForSelectorState;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.recursivemas.data.RunReport;

/**
 * The section of models with the demo team on a server that is slow, breaks off, and has ranges or not: one browser's storage
 * from the first download to the last deletion. Leaves pictures in target/pictures.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ModelsTest {
    private static final String CARD = ".offer:first-child ";
    private static final String NOTE = CARD + ".offer__note";
    private static final String START = CARD + "[id$=-start]";
    private static final String SHARD = "/params_shard_0.bin";

    @TempDir
    static Path folder;
    private static UnreliableServer server;
    private static BrowserSession session;
    private static BrowserSession.OpenPage open;
    private static Page page;

    @BeforeAll
    static void start() throws IOException {
        copy(Site.teamFile().getParent(), folder.resolve("team"));
        server = new UnreliableServer(folder);
        session = new BrowserSession(Chromium.Gpu.CPU);
        open = session.newPage();
        page = open.page();
        page.setDefaultTimeout(45_000);
        page.navigate(session.url() + "#models");
        page.waitForSelector(CARD);
    }

    @AfterAll
    static void end() {
        open.close();
        session.close();
        server.close();
    }

    /** The package on the other server. */
    private static String address() {
        return server.address() + "team/";
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> walk = Files.walk(from)) {
            for (Path file : walk.toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                }
            }
        }
    }

    private static void picture(String name) {
        page.screenshot(new Page.ScreenshotOptions().setFullPage(true).setPath(Path.of("target", "pictures", name + ".png")));
    }

    private static void waitForText(String selector, String part) {
        page.waitForFunction("([selector, part]) => document.querySelector(selector)?.textContent.includes(part)",
                List.of(selector, part));
    }

    /** Waits until the first offer is stored as a whole. */
    private static void waitUntilComplete() {
        waitForText("#models-said", "is stored and complete");
        waitForText(START, "Check and repair");
    }

    private static String shard(String agent) {
        return server.asked().stream().map(one -> one.substring(0, one.lastIndexOf('@')))
                .filter(path -> path.startsWith("/team/" + agent + "/") && path.endsWith(SHARD)).findFirst().orElseThrow();
    }

    /** Deletes what is stored of an agent's model. */
    private static void delete(String agent) {
        page.click("#stored-table tr:has(th:has-text('/" + agent + "/')) button");
        page.waitForSelector("#stored-table th:has-text('/" + agent + "/')",
                new Page.WaitForSelectorOptions().setState(WaitForSelectorState.DETACHED));
    }

    @Test
    @Order(1)
    void theCatalogueSaysWhatEverythingTakes() {
        assertTrue(page.locator(".offer").count() >= 13, "the demo team and published models");
        assertTrue(page.textContent(CARD).contains("Planner, critic and solver"));
        assertEquals("17.6 MB", page.textContent(CARD + "dd"));
        String half = page.textContent(".offer:has-text('Qwen2.5-0.5B-Instruct (q4f16_1)')");
        assertTrue(half.contains("about 285 MB") && half.contains("weights 278 MB") && half.contains("Apache-2.0"), half);
        assertTrue(half.contains("Choose Qwen2.5-0.5B-Instruct (q4f32_1) instead"), half);
        assertTrue(half.contains("until you allow it. The files come from huggingface.co"), half);
        picture("models-catalogue");
        assertEquals(List.of(), open.errors());
    }

    @Test
    @Order(2)
    void anotherServerIsAskedOnlyWhenItWasChosen() {
        page.fill("#models-address", address());
        page.click("#models-find");
        waitForText("#models-address-fault", "until you allow it");
        assertEquals(true, page.evaluate("url => fetch(url).then(() => false, () => true)", address() + "manifest.json"),
                "the policy refuses it too");
        assertEquals(List.of(), server.asked());
        page.click("#models-address-allow");
        page.waitForSelector(CARD + "h3:has-text('Planner')");
        waitForText("#models-said", "Found");
        assertEquals(1, server.asked("/manifest.json").size());
        assertEquals(0, server.asked(SHARD).size(), "nothing is downloaded unasked");
    }

    @Test
    @Order(3)
    void aDownloadIsCancelledAndGoesOnAfterAReload() throws IOException {
        server.rate = 1_500_000;
        page.click(START);
        page.waitForFunction("selector => / of 17\\.4 MB .* MB\\/s .* left .*params_shard/.test("
                + "document.querySelector(selector)?.textContent || '')", CARD + ".offer__line");
        server.rate = 200_000;
        picture("models-download");
        server.rate = 1_500_000;
        page.waitForFunction("selector => document.querySelector(selector).value > 0.31", CARD + "progress");
        page.click(CARD + "[id$=-cancel]");
        waitForText(NOTE, "Cancelled");
        String planner = shard("planner");
        assertEquals(List.of(planner + "@0"), server.asked(SHARD));
        page.reload();
        waitForText(START, "Continue");
        server.forget();
        server.breaks.set(1);
        MainThread.Blocks download = MainThread.watch(session.browser(), page, () -> {
            page.click(START);
            waitForText(NOTE, "Trying again in 1 s");
            server.rate = 0;
            waitUntilComplete();
        });
        System.out.println("download:        " + download);
        MainThread.assertNeverBlocked(download);
        List<String> again = server.asked(planner);
        assertEquals(2, again.size(), again.toString());
        int first = Integer.parseInt(again.get(0).substring(again.get(0).lastIndexOf('@') + 1));
        int second = Integer.parseInt(again.get(1).substring(again.get(1).lastIndexOf('@') + 1));
        assertTrue(first > 5_000_000 && second > first && second <= first + 1_000_000, again.toString());
        assertEquals(2, server.asked("/tokenizer.json").size(), "the planner's was there: " + server.asked());
        assertEquals(3, page.locator("#stored-table tbody tr").count());
    }

    @Test
    @Order(4)
    void damagedFilesAreFoundAndFetchedAgain() throws IOException {
        server.forget();
        damage("critic", 0);
        MainThread.Blocks check = MainThread.watch(session.browser(), page, () -> {
            page.click(START);
            waitForText(NOTE, "in the cache is damaged; it is fetched again.");
            waitUntilComplete();
        });
        System.out.println("check, repair:   " + check);
        MainThread.assertNeverBlocked(check);
        assertEquals(1, server.asked(SHARD).size(), server.asked().toString());
        assertTrue(server.asked(SHARD).get(0).startsWith("/team/critic/"));
    }

    /** Flips a bit of the stored weights of an agent's model, and cuts their end off. */
    private static void damage(String agent, int cut) {
        page.evaluate("async ([agent, cut]) => { const cache = await caches.open('webllm/model');"
                + " for (const key of await cache.keys()) { if (key.url.includes(agent) && key.url.endsWith('bin')) {"
                + "   const bytes = await (await cache.match(key)).arrayBuffer(); new Uint8Array(bytes)[1234567] ^= 1;"
                + "   await cache.put(key, new Response(bytes.slice(0, bytes.byteLength - cut))); } } }",
                List.of("/" + agent + "/", cut));
    }

    @Test
    @Order(5)
    void withoutRangesAFileThatBrokeOffIsFetchedAnew() {
        delete("critic");
        waitForText(START, "Continue");
        server.forget();
        server.ranges = false;
        server.breaks.set(1);
        page.click(START);
        waitUntilComplete();
        String critic = shard("critic");
        assertEquals(List.of(critic + "@0", critic + "@0"), server.asked(SHARD));
        server.ranges = true;
    }

    @Test
    @Order(6)
    void aLostNetworkIsSaidAndTheDownloadGoesOnWhenItIsBack() {
        delete("solver");
        waitForText(START, "Continue");
        page.context().setOffline(true);
        page.click(START);
        waitForText(NOTE, "Trying again in 1 s");
        page.context().setOffline(false);
        waitUntilComplete();
    }

    @Test
    @Order(7)
    void fullStorageSaysWhatCanBeDeleted() {
        delete("solver");
        waitForText(START, "Continue");
        page.evaluate("() => { const storage = navigator.storage; window.realEstimate = storage.estimate.bind(storage);"
                + " storage.estimate = async () => ({usage: 14e6, quota: 15e6}); }");
        page.click(START);
        waitForText(NOTE, "The browser gives this site 1.00 MB more");
        String note = page.textContent(NOTE);
        assertTrue(note.contains("/planner/") && note.contains("7.79 MB") && note.contains("Delete what you do not need"), note);
        waitForText(CARD + ".offer__obstacles", "of storage");
        // The same when the browser's estimate is wrong: what does not fit is refused when it is stored.
        page.evaluate("() => { navigator.storage.estimate = async () => ({usage: 0, quota: 1e9}); }");
        CDPSession browser = page.context().newCDPSession(page);
        quota(browser, 15_000_000);
        page.click(START);
        waitForText(NOTE, "the browser has no room left for this site");
        assertTrue(page.textContent(NOTE).contains("Delete what you do not need"), page.textContent(NOTE));
        page.evaluate("() => { navigator.storage.estimate = window.realEstimate; }");
        quota(browser, 0);
        page.click(START);
        waitUntilComplete();
    }

    /** Gives the site so much room; 0 for what the browser gives by itself. */
    private static void quota(CDPSession browser, int bytes) {
        JsonObject quota = new JsonObject();
        quota.addProperty("origin", session.url().replaceAll("^(https?://[^/]+).*", "$1"));
        if (bytes > 0) {
            quota.addProperty("quotaSize", bytes);
        }
        browser.send("Storage.overrideQuotaForOrigin", quota);
    }

    @Test
    @Order(8)
    void whatIsStoredIsUsedWithoutAnotherDownload() throws IOException {
        server.forget();
        page.click(CARD + "[id$=-use]");
        page.waitForURL("**/?team=*");
        double warm = answer(page);
        assertEquals(List.of(), server.asked(SHARD));
        try (BrowserSession.OpenPage fresh = session.newPage()) {
            fresh.page().navigate(session.url() + "?team=" + URLEncoder.encode(address(), StandardCharsets.UTF_8));
            double cold = answer(fresh.page());
            assertEquals(3, server.asked(SHARD).size());
            System.out.printf("from the page's start to the first answer: cold %.1f s, warm %.1f s%n", cold / 1e3, warm / 1e3);
        }
    }

    @Test
    @Order(9)
    void aTeamWhoseServerIsOutOfReachRunsFromTheStoredFiles() throws IOException {
        server.forget();
        server.down = true;
        page.reload();
        String unreached = "The server could not be reached (" + server.address().replaceAll("^http://|/$", "")
                + "): the stored files are used";
        waitForText("#note", unreached);
        answer(page);
        assertTrue(page.textContent("#note").startsWith(unreached), page.textContent("#note"));
        picture("models-offline");
        assertEquals(List.of(), server.asked());
        server.down = false;
        page.reload();
        answer(page);
        assertFalse(page.isVisible("#note"), "the server answers again");
        assertFalse(server.asked("/tensor-cache.json").isEmpty(), "an update would not be noticed");
        assertEquals(List.of(), server.asked(SHARD));
    }

    @Test
    @Order(10)
    void aDamagedFileIsFoundWhenItIsLoadedAndRepaired() throws IOException {
        damage("planner", 0);
        damage("critic", 1);
        server.forget();
        page.reload();
        page.waitForSelector("#load:enabled");
        page.click("#load");
        page.waitForSelector("#repair:visible");
        String message = page.textContent("#error-message");
        assertTrue(message.contains(address() + "planner/") && message.contains(SHARD + " (its checksum is another one than before)")
                && message.contains("only what is damaged is fetched again"), message);
        picture("models-damaged");
        page.click("#repair");
        page.waitForSelector("#load", new Page.WaitForSelectorOptions().setState(WaitForSelectorState.HIDDEN));
        assertFalse(page.isVisible("#error"));
        assertEquals(List.of("planner", "critic"), server.asked(SHARD).stream().map(path -> path.split("/")[2]).toList());
        answer(page);
    }

    private static void startRun() {
        page.evaluate("request => { window.outcome = window.recursivemas.run(request).then(report => report,"
                + " error => error.code + ' ' + error.message); }", "{\"problem\": \"Ava has 13 pens. Ava buys 5 more."
                + " How many pens does Ava have now?\", \"expected\": \"18\", \"rounds\": 2, \"latent_steps\": 32,"
                + " \"temperature\": 0, \"modes\": [\"latent\"]}");
        page.waitForCondition(() -> "true".equals(page.getAttribute("#card-latent", "aria-busy")));
    }

    private static RunReport outcome() throws IOException {
        return HeadlessRun.mapper().readValue((String) page.evaluate("() => window.outcome"), RunReport.class);
    }

    /** A browser without windows hides none of its tabs, so what hiding takes away is taken away: animation frames. */
    @Test
    @Order(11)
    void aRunNeedsNoAnimationFrames() throws IOException {
        page.evaluate("() => { window.nextFrame = window.requestAnimationFrame; window.requestAnimationFrame = () => 1; }");
        page.workers().get(0).evaluate("() => { self.requestAnimationFrame = () => 1; }");
        startRun();
        assertEquals("18", outcome().modes.get(0).answer);
        assertEquals("18", page.textContent("#card-latent-answer"), "what is shown is up to date");
        page.evaluate("() => { window.requestAnimationFrame = window.nextFrame; }");
    }

    /** Runs a problem. @return milliseconds from the page's start to its answer */
    private static double answer(Page where) throws IOException {
        where.waitForFunction("() => window.recursivemas && document.getElementById('team-title')?.textContent");
        ObjectNode request = HeadlessRun.mapper().createObjectNode();
        request.put("problem", "Ava has 13 pens. Ava buys 5 more. How many pens does Ava have now?");
        request.put("expected", "18").put("rounds", 1).put("latent_steps", 32).put("temperature", 0);
        request.putArray("modes").add("latent");
        String report = (String) where.evaluate("async request => { const report = await window.recursivemas.run(request);"
                + " window.answered = performance.now(); return report; }", request.toString());
        RunReport run = HeadlessRun.mapper().readValue(report, RunReport.class);
        assertFalse(run.modes.get(0).answer.isBlank(), report);
        return ((Number) where.evaluate("() => window.answered")).doubleValue();
    }

    @Test
    @Order(12)
    void everythingStoredCanBeDeleted() {
        page.click("#tab-models");
        page.waitForSelector("#stored-table tbody tr");
        for (int left = page.locator("#stored-table tbody tr").count(); left > 0; left--) {
            page.click("#stored-table tbody tr:first-child button");
            page.waitForFunction("left => document.querySelectorAll('#stored-table tbody tr').length < left", left);
        }
        page.waitForSelector("#stored-none");
        assertEquals(0, page.evaluate("async () => { let count = 0; for (const name of await caches.keys()) {"
                + " count += (await (await caches.open(name)).keys()).length; } return count; }"));
        page.setViewportSize(360, 800);
        picture("models-phone");
        assertEquals(0, page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth"));
    }

    @Test
    @Order(13)
    void fullStorageAtALoadIsSaidWithAWayOn() {
        CDPSession browser = page.context().newCDPSession(page);
        quota(browser, 2_000_000);
        page.reload();
        page.click("#tab-run");
        page.waitForSelector("#load:enabled");
        page.click("#load");
        page.waitForSelector("#error:visible");
        String message = page.textContent("#error-message");
        assertTrue(message.contains("could not be stored by the browser") && message.contains("Free disk space"), message);
        assertTrue(page.isVisible("#load") && page.isEnabled("#load"), "no way on");
        page.click("#tab-benchmark");
        assertTrue(page.isVisible("#benchmark"), "the rest of the page works");
        quota(browser, 0);
    }

    @Test
    @Order(14)
    void aBufferThatTheGpuRefusesIsNamedWithAWayOn() {
        page.route(address() + "team.json", route -> {
            String body = new String(route.fetch().body(), StandardCharsets.UTF_8);
            route.fulfill(new Route.FulfillOptions().setHeaders(Map.of("access-control-allow-origin", "*"))
                    .setBody(body.replaceFirst("\"hidden_size\"", "\"context_window\": 4000000, \"hidden_size\"")));
        });
        page.reload();
        page.click("#tab-run");
        page.waitForSelector("#load:enabled");
        page.click("#load");
        page.waitForSelector("#error:visible");
        String message = page.textContent("#error-message");
        assertTrue(message.startsWith("Model \"planner\" does not fit into the GPU's memory: ")
                && message.toLowerCase(Locale.ROOT).contains("buffer") && message.contains("a shorter context window"), message);
        assertTrue(page.isVisible("#load") && page.isEnabled("#load"), "no way on");
    }
}
