package org.recursivemas.ui;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.htmlunit.html.DomElement;
import org.htmlunit.html.DomNode;
import org.htmlunit.html.HtmlElement;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The guided tour and the help beside controls, with the scripted playground. */
class LearnPageTest {
    private static FakeSiteFolder site;

    private PageInHtmlUnit page;

    @BeforeAll
    static void serve() throws IOException {
        site = new FakeSiteFolder();
    }

    @AfterAll
    static void stopServing() {
        site.close();
    }

    @BeforeEach
    void open() throws IOException {
        page = new PageInHtmlUnit(site);
        page.button("tab-learn").click();
    }

    @AfterEach
    void noScriptFailed() {
        page.close();
    }

    private List<String> cells(int column) {
        List<String> cells = new ArrayList<>();
        for (DomNode row : page.element("tour-table").querySelectorAll("tbody tr")) {
            cells.add(row.getChildNodes().get(column).getTextContent());
        }
        return cells;
    }

    private void next() throws IOException {
        page.button("tour-next").click();
    }

    private void run() throws IOException {
        page.button("tour-run").click();
        page.await(() -> page.text("tour-status").equals("Done."));
    }

    @Test
    void theTourRunsEveryPageOnOneProblem() throws IOException {
        assertEquals("Page 1 of 7: Hidden states", page.text("tour-page"));
        assertFalse(page.shown("tour-run"));
        assertTrue(page.button("tour-back").isDisabled());
        assertEquals(1, page.element("tour-text").querySelectorAll("math").size());
        String problem = page.text("tour-question");
        next();
        assertEquals("tour-page", page.page.getFocusedElement().getId());
        assertEquals(List.of("not run"), cells(1));
        assertEquals("", page.text("tour-verdict"));
        run();
        assertEquals(List.of("3"), cells(1));
        assertTrue(page.text("tour-verdict").startsWith("Solver alone answered 3, which is wrong after 8 tokens."));
        next();
        run();
        assertEquals(List.of("8", "32"), cells(3));
        next();
        assertEquals(5, page.element("tour-text").querySelectorAll("math").size());
        run();
        assertTrue(page.text("tour-verdict").contains("with 8 tokens decoded; in text it was 32 tokens"),
                page.text("tour-verdict"));
        next();
        run();
        assertTrue(page.text("tour-verdict").contains("not one decoded token"), page.text("tour-verdict"));
        next();
        run();
        assertTrue(page.text("tour-verdict").startsWith("With zeros the answer became 3"), page.text("tour-verdict"));
        next();
        assertTrue(page.button("tour-next").isDisabled());
        assertTrue(page.button("tour-run").isDisabled());
        assertEquals("All ways have been run on this problem.", page.text("tour-blocked"));
        assertEquals(List.of("Alone", "Team, text", "Team, latent", "Latent, two rounds", "Latent, zeros to the last"),
                cells(0));
        assertTrue(page.text("tour-verdict").startsWith("3 of 5 ways were right."), page.text("tour-verdict"));
        assertEquals(problem, page.text("tour-question"));
        page.button("tab-history").click();
        assertEquals("5 runs", page.text("history-count"));
        assertTrue(page.text("history").contains("tour"), page.text("history"));
        page.button("tab-learn").click();
        page.button("tour-problem").click();
        assertNotEquals(problem, page.text("tour-question"));
        assertEquals(List.of("not run", "not run", "not run", "not run", "not run"), cells(1));
        run();
        assertFalse(cells(1).contains("not run"));
    }

    @Test
    void theTourStaysWhereItIsWhileOtherSectionsAreLookedAt() throws IOException {
        next();
        run();
        next();
        page.button("tab-run").click();
        assertFalse(page.shown("tour-page"));
        page.type("problem-box", "Another one.");
        page.button("tab-learn").click();
        assertEquals("Page 3 of 7: Handing over text", page.text("tour-page"));
        assertEquals(List.of("3", "not run"), cells(1));
        HtmlElement first = page.page.querySelector(".tour__page");
        first.click();
        assertEquals("Page 1 of 7: Hidden states", page.text("tour-page"));
        assertEquals("step", first.getAttribute("aria-current"));
    }

    @Test
    void theTourStopsAndGoesOn() throws IOException {
        page.close();
        page = new PageInHtmlUnit(site, "haltsIn", "critic:1");
        page.button("tab-learn").click();
        next();
        next();
        page.button("tour-run").click();
        page.await(() -> page.text("tour-status").equals("Team, text is running\u2026"));
        assertTrue(page.button("tour-run").isDisabled());
        assertTrue(page.button("tour-problem").isDisabled());
        assertTrue(page.button("run").isDisabled());
        next();
        assertEquals("Page 4 of 7: Handing over latents", page.text("tour-page"));
        page.button("tour-stop").click();
        page.await(() -> page.text("tour-status").startsWith("Stopped."));
        page.button("tour-back").click();
        assertEquals(List.of("3", "not run"), cells(1));
        assertFalse(page.button("tour-run").isDisabled());
    }

    @Test
    void everyControlIsExplainedInPlace() throws IOException {
        List<String> without = new ArrayList<>();
        int explained = 0;
        for (String part : List.of("problem", "settings", "runbar", "results", "inside", "roles", "compare", "share",
                "benchmark", "history", "tour")) {
            for (DomNode node : page.element(part).querySelectorAll("input, select, textarea, button")) {
                DomElement control = (DomElement) node;
                // Buttons of single rows say all in their names: sorting, pages of the tour, closing, what charts show.
                if (control.getAttribute("class").matches("help|sort|tour__page") || control.getId().isEmpty()
                        || control.getId().startsWith("chart-") || control.getId().equals("benchmark-cost")) {
                    continue;
                }
                boolean found = false;
                for (String id : control.getAttribute("aria-describedby").split(" ")) {
                    found |= id.startsWith("help-") && page.text(id).length() > 40;
                }
                if (found) {
                    explained++;
                } else {
                    without.add(control.getId());
                }
            }
        }
        assertEquals(List.of(), without);
        assertTrue(explained > 45, explained + " controls are explained");
    }

    @Test
    void helpOpensBesideItsControlAndClosesByEscape() throws IOException {
        page.button("tab-run").click();
        DomElement text = page.element("help-rounds");
        HtmlElement button = page.page.querySelector("[aria-controls=help-rounds]");
        assertEquals("Help: Depth", button.getAttribute("aria-label"));
        assertFalse(page.shown("help-rounds"));
        assertEquals("false", button.getAttribute("aria-expanded"));
        button.click();
        assertTrue(page.shown("help-rounds"));
        assertEquals("true", button.getAttribute("aria-expanded"));
        assertEquals(page.element("rounds").getParentNode(), text.getParentNode());
        page.page.executeJavaScript("document.querySelector('[aria-controls=help-rounds]').dispatchEvent("
                + "new KeyboardEvent('keydown', {key: 'Escape'}))");
        assertFalse(page.shown("help-rounds"));
        for (DomNode help : page.page.querySelectorAll(".help")) {
            assertTrue(((DomElement) help).getAttribute("aria-label").startsWith("Help: "));
        }
    }
}
