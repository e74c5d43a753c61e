package org.recursivemas.ui;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import org.htmlunit.html.DomNode;
import org.htmlunit.html.HtmlElement;
import org.junit.jupiter.api.Test;

/** The options to stop early and to retrieve, and what the page says of rounds not needed and messages brought. */
class StopEarlyPageTest {
    private static List<String> texts(PageInHtmlUnit page, String selector) {
        return page.page.querySelectorAll(selector).stream().map(DomNode::getTextContent).toList();
    }

    @Test
    void roundsThatWereNotNeededAreShown() throws IOException {
        try (FakeSiteFolder site = new FakeSiteFolder(); PageInHtmlUnit page = new PageInHtmlUnit(site)) {
            page.element("mode-text").click();
            page.element("mode-single").click();
            page.type("rounds", "3");
            assertFalse(page.shown("alike-from"));
            page.run();
            assertFalse(page.shown("card-latent-rounds"), "all rounds were run");
            assertEquals(List.of("Round 1", "Round 2", "Round 3"), texts(page, "#loop-track .track__name"));
            page.element("stop-early").click();
            assertTrue(page.shown("alike-from"));
            assertEquals("0.99", page.text("alike-from-value"));
            page.run();
            assertEquals("2 of 3 (alike: 0.9950)", page.text("card-latent-rounds"));
            assertEquals(List.of("Round 1", "Round 2, 0.9950 like round 1", "Round 3"),
                    texts(page, "#loop-track .track__name"));
            List<String> said = texts(page, "#loop-track .place__said");
            assertEquals(9, said.size());
            assertEquals(List.of("not needed", "not needed", "not needed"), said.subList(6, 9));
            assertTrue(said.get(5).startsWith("8 tokens"), said.toString());
            page.type("alike-from", "1");
            assertEquals("1", page.text("alike-from-value"));
            page.run();
            assertEquals("3 of 3 (alike: 0.9950)", page.text("card-latent-rounds"));
        }
    }

    @Test
    void messagesThatHandOffsBringAreShown() throws IOException {
        try (FakeSiteFolder site = new FakeSiteFolder(); PageInHtmlUnit page = new PageInHtmlUnit(site)) {
            page.element("mode-single").click();
            page.type("rounds", "2");
            assertEquals("off", page.text("retrieval-value"));
            page.run();
            assertEquals(List.of(), texts(page, "#candidates-latent td"), "without retrieval");
            page.type("retrieval", "1");
            assertEquals("1", page.text("retrieval-value"));
            page.run();
            assertEquals(List.of("Reader", "Slot", "From", "Brought", "Read in round", "Made in round", "Relevance"),
                    texts(page, "#candidates-text th[scope=col]"));
            List<String> rows = texts(page, "#candidates-latent tbody tr");
            assertTrue(rows.get(rows.size() - 2).endsWith("yes210.3750") && rows.get(rows.size() - 1).endsWith("no220.2500"),
                    rows.toString());
            page.button("tab-history").click();
            ((HtmlElement) page.page.querySelector("#history-table tbody button")).click();
            page.await(() -> page.page.querySelector("#run-candidates-0 tbody tr") != null);
            assertEquals(rows.size(), texts(page, "#run-candidates-0 tbody tr").size(), "in the history");
            assertTrue(page.text("run-detail").contains("Retrieval: up to 1 of the messages for each slot."));
            page.button("tab-run").click();
            page.type("retrieval", "0");
            page.button("tab-history").click();
            page.button("run-use").click();
            page.button("tab-run").click();
            assertEquals("1", page.text("retrieval-value"), "taken from the history");
            page.type("retrieval", "0");
            page.run();
            assertEquals(List.of(), texts(page, "#candidates-latent td"), "without retrieval again");
        }
    }
}
