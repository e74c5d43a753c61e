package org.recursivemas.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.FilePayload;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.recursivemas.data.RunReport;

/**
 * Comparison, history, benchmark, sharing and replay as a person uses them, with the shipped team: one visit with its
 * reloads, in this order. Leaves pictures in target/pictures.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class MeasureTest {
    private static final Path PICTURES = Path.of("target", "pictures");
    private static BrowserSession session;
    private static PlaygroundPage playground;
    private static Page page;

    @BeforeAll
    static void start() throws IOException {
        session = new BrowserSession(Chromium.Gpu.CPU);
        playground = new PlaygroundPage(session);
        page = playground.page();
        Files.createDirectories(PICTURES);
    }

    @AfterAll
    static void nothingWentWrongAndNothingCameFromElsewhere() {
        List<String> errors = playground.errors();
        List<String> foreign = playground.foreignRequests();
        playground.close();
        session.close();
        assertEquals(List.of(), errors);
        assertEquals(List.of(), foreign);
    }

    private static String download(String button) throws IOException {
        return Files.readString(page.waitForDownload(() -> page.click(button)).path());
    }

    private static void waitForText(String id, String text) {
        page.waitForFunction("([id, text]) => document.getElementById(id).textContent.includes(text)", List.of(id, text));
    }

    private static void picture(String id, String name) {
        page.locator("#" + id).screenshot(new Locator.ScreenshotOptions().setPath(PICTURES.resolve(name + ".png")));
    }

    @Test
    @Order(1)
    void oneButtonRunsAllWaysOnTheSameProblem() {
        page.click("#new-problem");
        page.fill("#temperature", "0.8");   // so that what is replayed is not what any seed gives
        page.click("#compare-run");
        waitForText("compare-status", "Compared");
        Locator rows = page.locator("#compare-table tbody tr");
        assertEquals(5, rows.count());
        List<String> ways = page.locator("#compare-table tbody th").allTextContents();
        assertTrue(ways.get(0).startsWith("Latent") && ways.get(4).endsWith("m = 0"), ways.toString());
        for (int i = 0; i < 5; i++) {
            List<String> cells = rows.nth(i).locator("td").allTextContents();
            assertTrue(cells.get(2).matches("[1-9]\\d*"), "decoded tokens: " + cells);
            assertTrue(Integer.parseInt(cells.get(3)) > Integer.parseInt(cells.get(2)), "positions: " + cells);
            assertEquals(i == 0, cells.get(5).equals("\u2013"), "speed-up: " + cells);
        }
        picture("compare", "measure-compare");
    }

    @Test
    @Order(2)
    void theHistoryIsThereAfterAReload() throws IOException {
        page.click("#tab-history");
        playground.reload();
        page.waitForSelector("#history-table tbody tr");
        assertEquals(1, page.locator("#history-table tbody tr").count());
        assertFalse(page.isVisible("#history-fleeting"));
        page.click("#history-table tbody button");
        page.waitForSelector("#run-table");
        assertEquals(5, page.locator("#run-table tbody tr").count());
        RunReport report = new ObjectMapper().readValue(download("#run-export"), RunReport.class);
        assertEquals(5, report.modes.size());
        assertEquals(RunReport.FORMAT, report.format);
        JsonNode all = new ObjectMapper().readTree(download("#history-export"));
        assertEquals(report.problem, all.get("runs").get(0).get("problem").asText());
    }

    @Test
    @Order(3)
    void aReplayGivesTheSameAnswersAndTokens() {
        page.click("#run-replay");
        waitForText("replay-status", "compared fields");
        assertTrue(page.textContent("#replay-status").startsWith("The same again"), page.textContent("#run-detail"));
        assertEquals("", page.textContent("#replay-found"));
    }

    @Test
    @Order(4)
    void aChangedReportIsImportedAndItsReplayTellsWhatDiffers() throws IOException {
        String report = download("#run-export");
        ObjectMapper json = new ObjectMapper();
        RunReport changed = json.readValue(report, RunReport.class);
        changed.modes.subList(1, changed.modes.size()).clear();
        changed.modes.get(0).answer = "<img src=x>";
        changed.modes.get(0).decodedTokens++;
        changed.artifacts.put("recursivelink.json", "sha256:0");
        page.setInputFiles("#history-import", new FilePayload("mine.json", "application/json",
                json.writeValueAsBytes(changed)));
        waitForText("history-status", "1 run was imported");
        page.click("#run-replay");
        waitForText("replay-status", "compared fields differ");
        List<String> fields = page.locator("#replay-table tbody td:nth-child(2)").allTextContents();
        assertEquals(List.of("answer", "decoded tokens"), fields);
        assertTrue(page.textContent("#replay-files").contains("recursivelink.json"));
        picture("run-detail", "measure-replay");
        page.setInputFiles("#history-import", new FilePayload("broken.json", "application/json",
                "{\"format\": \"recursivemas.run\"".getBytes(StandardCharsets.UTF_8)));
        waitForText("history-fault", "broken.json: is not JSON");
    }

    @Test
    @Order(5)
    void theHistorySortsAndFilters() {
        page.fill("#history-filter", "imported");
        assertEquals(0, page.locator("#history-table tbody tr").count());
        page.fill("#history-filter", "import");
        assertEquals(1, page.locator("#history-table tbody tr").count());
        page.fill("#history-filter", "");
        page.click("#history-sort-tokens");
        assertEquals("descending", page.getAttribute("#history-table th[aria-sort]", "aria-sort"));
        List<String> tokens = page.locator("#history-table tbody tr td:nth-child(6)").allTextContents();
        List<Integer> sorted = tokens.stream().map(Integer::valueOf).sorted((a, b) -> b - a).toList();
        assertEquals(sorted, tokens.stream().map(Integer::valueOf).toList());
        picture("history", "measure-history");
    }

    @Test
    @Order(6)
    void aBenchmarkThatAReloadInterruptsIsResumed() {
        page.click("#tab-benchmark");
        page.fill("#benchmark-count", "2");
        page.fill("#benchmark-steps", "0, 4");
        assertEquals("14 runs", page.textContent("#benchmark-size"));
        page.click("#benchmark-start");
        page.waitForFunction("() => Number(document.querySelector('#benchmark-open progress').value) >= 3");
        playground.reload();
        page.waitForFunction("() => Number(document.querySelector('#benchmark-open progress').value) >= 3");
        int kept = Integer.parseInt(page.textContent("#benchmark-progress").split(" ")[0]);
        assertTrue(kept < 14, "the benchmark had ended before the reload");
        page.click("#benchmark-resume");
        page.waitForFunction("kept => Number(document.querySelector('#benchmark-open progress').value) > kept", kept);
        page.click("#benchmark-stop");
        waitForText("benchmark-status", "Stopped");
        page.click("#benchmark-resume");
        waitForText("benchmark-status", "complete");
        assertEquals("14 of 14 runs finished", page.textContent("#benchmark-progress"));
        assertEquals(7, page.locator("#benchmark-table tbody tr").count());
        assertEquals(List.of("2"), page.locator("#benchmark-table tbody td:nth-child(2)").allTextContents().stream()
                .distinct().toList());
    }

    @Test
    @Order(7)
    void theChartsShowEveryWay() {
        page.waitForFunction("() => document.querySelectorAll('#benchmark canvas').length === 4");
        for (String chart : List.of("accuracy-depth", "accuracy-steps", "cost-depth", "cost-steps")) {
            Object inked = page.evaluate("id => { const canvas = document.querySelector('#' + id + ' canvas');"
                    + " const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;"
                    + " let count = 0; for (let at = 3; at < data.length; at += 4) { count += data[at] > 0; }"
                    + " return count; }", "chart-" + chart);
            assertTrue(((Number) inked).intValue() > 1000, chart + " has " + inked + " dots");
        }
        assertEquals(List.of("depth (rounds)", "latent, m = 0", "latent, m = 4", "text", "single agent"),
                page.locator("#chart-accuracy-depth-table thead th").allTextContents());
        page.selectOption("#benchmark-cost", "2");
        assertTrue(page.textContent("#chart-cost-steps").contains("seconds per problem"));
        picture("benchmark", "measure-benchmark");
    }

    @Test
    @Order(8)
    void aBenchmarkIsExportedAsTableTreeAndPage() throws IOException {
        String csv = download("#benchmark-csv");
        assertEquals(15, csv.split("\r\n").length);
        JsonNode tree = new ObjectMapper().readTree(download("#benchmark-json"));
        assertEquals(14, tree.get("trials").size());
        assertEquals(7, tree.get("summary").size());
        String html = download("#benchmark-page");
        assertFalse(html.contains("<script"), "no script");
        try (BrowserContext context = session.browser().newContext()) {
            Page report = context.newPage();
            report.setContent(html);
            assertEquals(7, report.locator("#results tbody tr").count());
            assertEquals(2, report.locator("svg").count());
            report.screenshot(new Page.ScreenshotOptions().setPath(PICTURES.resolve("measure-report.png")).setFullPage(true));
            assertEquals(List.of(), Axe.findings(report, "report of a benchmark"));
        }
    }

    @Test
    @Order(9)
    void aLinkRestoresProblemSettingsAndPrompts() {
        String problem = "Ann & Bob <b>own</b> 7% of 30 + 2 \u20ac?";
        page.click("#tab-run");
        page.fill("#problem-box", problem);
        playground.slide("rounds", 3);
        playground.slide("latent-steps", 7);
        page.fill("#seed", "99");
        page.uncheck("#mode-text");
        page.click("#share-make");
        String link = page.inputValue("#share-link");
        assertTrue(link.startsWith(session.url()), link);
        page.navigate("about:blank");
        page.navigate(link);
        page.waitForFunction("problem => document.getElementById('problem-box')?.value === problem", problem);
        assertEquals("3 7 99", page.inputValue("#rounds") + " " + page.inputValue("#latent-steps") + " "
                + page.inputValue("#seed"));
        assertFalse(page.isChecked("#mode-text"));
        assertTrue(page.isChecked("#mode-single"));
        assertFalse(page.url().contains("share="), page.url());
        page.evaluate("link => { location.hash = link.split('#')[1].replace('rounds=3', 'rounds=9'); }", link);
        page.waitForFunction("() => document.body.textContent.includes('rounds: is 9')");
        page.click("text=Dismiss");
        assertEquals("3", page.inputValue("#rounds"));
        page.setViewportSize(380, 800);
        assertTrue((Boolean) page.evaluate("() => document.documentElement.scrollWidth <= 380"), "wider than a phone");
        page.screenshot(new Page.ScreenshotOptions().setPath(PICTURES.resolve("measure-phone.png")).setFullPage(true));
        assertEquals(List.of(), Axe.findings(page, "phone"));
    }
}
