package org.recursivemas.ui;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.htmlunit.html.DomNode;
import org.htmlunit.html.HtmlFileInput;
import org.htmlunit.html.HtmlInput;
import org.htmlunit.html.HtmlOption;
import org.htmlunit.html.HtmlSelect;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Comparison, history, benchmark and sharing on the page, in a browser without a database. */
class MeasurePageTest {
    private static FakeSiteFolder site;
    private static PageInHtmlUnit page;
    @TempDir
    static Path folder;

    @BeforeAll
    static void open() throws IOException {
        site = new FakeSiteFolder();
        page = new PageInHtmlUnit(site);
        page.button("new-problem").click();
    }

    @AfterAll
    static void noScriptFailed() {
        page.close();
        site.close();
    }

    private static List<String> texts(String selector) {
        return page.page.querySelectorAll(selector).stream().map(DomNode::getTextContent).toList();
    }

    @Test
    void allWaysStandSideBySide() throws IOException {
        page.button("tab-run").click();
        page.button("compare-run").click();
        page.await(() -> page.text("compare-status").startsWith("Compared"));
        assertEquals(List.of("Latent, depth 2, m = 16", "Recursive text, depth 2", "Text, depth 1", "Single agent",
                "Latent, depth 2, m = 0"), texts("#compare-table tbody th"));
        assertEquals(List.of("\u2013", "3.54\u00d7", "1.77\u00d7", "0.59\u00d7", "1.00\u00d7"),
                texts("#compare-table tbody td:nth-child(7)"));
        assertEquals("88 %", texts("#compare-table tbody td:nth-child(8)").get(1));
        page.button("tab-history").click();
        assertTrue(page.shown("history-fleeting"), "a browser without a database says so");
        assertEquals(1, texts("#history-table tbody tr").stream().filter(row -> row.contains("comparison")).count());
        assertFalse(page.button("run").isDisabled());
    }

    @Test
    void aBenchmarkOfAnOwnFileRuns() throws IOException {
        page.button("tab-benchmark").click();
        Path tasks = folder.resolve("tasks.jsonl");
        Files.writeString(tasks, "{\"question\":\"<i>One</i>?\",\"answer\":\"1\"}\n{\"question\":\"Two?\",\"answer\":\"2\"}\n");
        HtmlSelect source = (HtmlSelect) page.element("benchmark-source");
        HtmlOption own = source.getOptionByValue("file");
        source.setSelectedAttribute(own, true);
        page.type("benchmark-count", "2");
        page.type("benchmark-steps", "0, 81");
        assertTrue(page.text("benchmark-size").contains("0 to 80"));
        page.button("benchmark-start").click();
        assertTrue(page.text("benchmark-fault").contains("0 to 80"));
        page.type("benchmark-steps", "8");
        page.type("answers", "3");
        page.button("benchmark-start").click();
        assertTrue(page.text("benchmark-fault").contains("at temperature 0 all answers are the same"), page.text("benchmark-fault"));
        assertTrue(page.button("compare-run").isDisabled(), "Compare would fail");
        page.type("temperature", "0.8");
        assertTrue(page.text("benchmark-takes").contains("Temperature 0.8, top-p 0.95, seed 0, 3 answers each"),
                page.text("benchmark-takes"));
        assertEquals("10 runs", page.text("benchmark-size"));
        HtmlFileInput file = (HtmlFileInput) page.element("benchmark-file");
        file.setFiles(tasks.toFile());
        page.button("benchmark-start").click();
        page.await(() -> page.text("benchmark-status").equals("The benchmark is complete."));
        assertEquals("10 of 10 runs finished", page.text("benchmark-progress"));
        assertEquals("Temperature 0.8, top-p 0.95, seed 0, 3 answers each, the most frequent counts.",
                page.text("benchmark-conditions"));
        page.type("answers", "1");
        page.type("temperature", "0");
        assertEquals(List.of("2", "2", "2", "2", "0"), texts("#benchmark-table tbody td:nth-child(3)"));
        assertEquals(List.of("100.0", "100.0", "100.0", "100.0", "0.0"), texts("#benchmark-table tbody td:nth-child(4)"));
        assertEquals("34.2 to 100.0", texts("#benchmark-table tbody td:nth-child(5)").get(0));
        assertEquals(List.of("1", "2"), texts("#chart-accuracy-depth-table tbody th"));
        assertTrue(page.text("charts-fault").contains("tables hold the same numbers"), "charts.js is not on this site");
        String html = saved("benchmark-page");
        assertTrue(html.startsWith("<!DOCTYPE html>") && !html.contains("<script"), html);
        assertTrue(saved("benchmark-csv").contains("\r\n1,<i>One</i>?,1,latent,1,8,1,true,stop,"), saved("benchmark-csv"));
        assertNull(page.page.querySelector("i"));
    }

    /** The text that a button hands to the browser as a file. */
    private static String saved(String button) throws IOException {
        page.page.executeJavaScript("window.saved = null; window.Blob = function(parts) { window.saved = parts[0]; };"
                + "URL.createObjectURL = function() { return 'blob:none'; };"
                + "URL.revokeObjectURL = function() {};"
                + "HTMLAnchorElement.prototype.click = function() { window.savedAs = this.download; };");
        page.button(button).click();
        return (String) page.page.executeJavaScript("window.saved").getJavaScriptResult();
    }

    @Test
    void aLinkOfAnotherVisitIsRestored() throws IOException {
        page.button("tab-run").click();
        page.type("problem-box", "A & B = <b>?");
        page.type("seed", "12");
        page.type("retrieval", "3");
        page.button("share-make").click();
        String link = ((HtmlInput) page.element("share-link")).getValue();
        assertTrue(link.contains("#share=1&rounds=2&steps=16&temperature=0&seed=12&retrieval=3&ways=latent,text,single"), link);
        page.type("seed", "13");
        page.type("retrieval", "0");
        assertEquals("", ((HtmlInput) page.element("share-link")).getValue(), "a link of other settings would mislead");
        page.page.executeJavaScript("location.hash = '" + link.substring(link.indexOf('#') + 1) + "'");
        page.await(() -> ((HtmlInput) page.element("seed")).getValue().equals("12"));
        assertEquals("A & B = <b>?", page.problem());
        assertEquals("3", page.text("retrieval-value"));
        page.type("retrieval", "0");
        page.page.executeJavaScript("location.hash = 'share=1&seed=x'");
        page.await(() -> page.page.asNormalizedText().contains("rounds: is missing"));
    }
}
