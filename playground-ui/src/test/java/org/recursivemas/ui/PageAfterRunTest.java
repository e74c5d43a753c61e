package org.recursivemas.ui;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.htmlunit.html.DomElement;
import org.htmlunit.html.DomNode;
import org.htmlunit.html.HtmlLabel;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.recursivemas.data.RunReport;

/** One run with the scripted playground, and all that the page shows of it. */
class PageAfterRunTest {
    private static FakeSiteFolder site;
    private static PageInHtmlUnit page;

    @BeforeAll
    static void run() throws IOException {
        site = new FakeSiteFolder();
        page = new PageInHtmlUnit(site);
        assertFalse(page.shown("savings"));
        page.button("new-problem").click();
        page.type("seed", "7");
        page.run();
    }

    @AfterAll
    static void noScriptFailed() {
        page.close();
        site.close();
    }

    @Test
    void aRunFillsTheThreeCards() {
        String expected = page.text("expected-answer");
        assertEquals(expected, page.text("card-latent-answer"));
        assertEquals(Texts.CORRECT, page.text("card-latent-badge"));
        assertEquals(expected, page.text("card-text-answer"));
        assertEquals("3", page.text("card-single-answer"));
        assertEquals(Texts.WRONG, page.text("card-single-badge"));
        assertEquals("expected " + expected, page.text("card-single-expected"));
        assertEquals("so many + 7 = " + expected + "\nAnswer: " + expected, page.text("card-latent-output"));
        assertEquals("8", page.text("card-latent-tokens"));
        assertEquals("80", page.text("card-latent-steps"));
        assertEquals("1.5", page.text("card-latent-links"));
        assertEquals("448", page.text("card-latent-positions"));
        assertEquals("0.15", page.text("card-latent-seconds"));
        assertEquals("68", page.text("card-text-tokens"));
        assertEquals("done", page.text("card-text-status"));
        assertFalse(page.button("download").isDisabled());
        assertEquals("models ready, 1.23 s", page.text("models-ready"));
    }

    @Test
    void savingsCompareTheSameNumbersOfBothModes() {
        assertTrue(page.shown("savings"));
        List<String> lines = new ArrayList<>();
        page.element("savings").querySelectorAll("li").forEach(line -> lines.add(line.getTextContent()));
        assertEquals(List.of(
                "88 % fewer decoded tokens (8, not 68)", "3.5 times faster (0.15 s, not 0.54 s)",
                "5 % more positions (448, not 428)",
                "as many decoded tokens (8)", "1.7 times slower (0.15 s, not 0.09 s)",
                "6.6 times as many positions (448, not 68)"), lines);
        assertTrue(page.text("savings").contains("Latent is correct, single agent is wrong."));
    }

    @Test
    void messagesOfAgentsStayText() {
        assertTrue(page.text("stages-text").contains("<b>bold</b>"));
        assertNull(page.page.querySelector("b"));
    }

    @Test
    void everyControlHasAName() {
        for (DomNode node : page.page.querySelectorAll("input, select, textarea, progress")) {
            DomElement control = (DomElement) node;
            boolean labelled = control.hasAttribute("aria-label");
            for (DomNode label : page.page.querySelectorAll("label")) {
                labelled |= ((HtmlLabel) label).getForAttribute().equals(control.getId()) && !control.getId().isEmpty();
            }
            assertTrue(labelled, control.asXml());
        }
        page.page.querySelectorAll("button").forEach(node -> assertFalse(node.getTextContent().isBlank()));
        assertEquals(0, page.page.querySelectorAll("[onclick], [style], div[tabindex]:not([role])").size());
    }

    @Test
    void theDownloadedReportReadsBack() throws IOException {
        String problem = page.problem();
        // The text that goes into the file, caught where the page hands it to the browser.
        page.page.executeJavaScript("window.saved = null; window.Blob = function(parts) { window.saved = parts[0]; };"
                + "URL.createObjectURL = function() { return 'blob:none'; };"
                + "URL.revokeObjectURL = function() {};"
                + "HTMLAnchorElement.prototype.click = function() { window.savedAs = this.download; };");
        page.button("download").click();
        String json = (String) page.page.executeJavaScript("window.saved").getJavaScriptResult();
        RunReport report = new ObjectMapper().readValue(json, RunReport.class);
        assertEquals(RunReport.FORMAT, report.format);
        assertEquals(problem, report.problem);
        assertEquals(7, report.seed);
        assertEquals(3, report.modes.size());
        assertEquals(true, report.modes.get(0).correct);
        assertEquals(14.0, report.modes.get(0).stages.get(0).hiddenNorms[0]);
        assertEquals("You plan.", report.systems.get("planner"));
        assertEquals("recursivemas-demo-seed-7.json",
                page.page.executeJavaScript("window.savedAs").getJavaScriptResult());
    }

    @Test
    void theStageTableHasARowForEveryStage() {
        List<String> rows = new ArrayList<>();
        page.element("stages-latent-table").querySelectorAll("tbody tr").forEach(row -> {
            List<String> cells = new ArrayList<>();
            row.getChildNodes().forEach(cell -> cells.add(cell.getTextContent()));
            rows.add(String.join("|", cells));
        });
        assertEquals(6, rows.size());
        assertEquals("Planner|1|thinks|60|16|0|13|14.50", rows.get(0));
        assertEquals("Solver|2|writes the answer|60|0|8|90|\u2013", rows.get(5));
        assertEquals(5, page.element("stages-text").querySelectorAll("pre").size());
    }
}
