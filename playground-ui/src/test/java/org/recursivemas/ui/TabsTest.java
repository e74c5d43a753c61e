package org.recursivemas.ui;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.htmlunit.html.DomElement;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The page's sections: mouse, keyboard, address, what a screen reader hears. */
class TabsTest {
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
    }

    @AfterEach
    void noScriptFailed() {
        page.close();
    }

    private void assertShown(String id) {
        for (DomElement tab : page.element("tab-run").getParentNode().getChildNodes().stream()
                .map(DomElement.class::cast).toList()) {
            boolean chosen = tab.getId().equals("tab-" + id);
            assertEquals(Boolean.toString(chosen), tab.getAttribute("aria-selected"), tab.getId());
            assertEquals(chosen ? "0" : "-1", tab.getAttribute("tabindex"), tab.getId());
            assertEquals(chosen, page.shown(tab.getAttribute("aria-controls")), tab.getId());
        }
    }

    private void press(String key) {
        page.page.executeJavaScript("document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {key: '" + key
                + "', bubbles: true, cancelable: true}))");
    }

    private String hash() {
        return (String) page.page.executeJavaScript("location.hash").getJavaScriptResult();
    }

    @Test
    void theFirstSectionIsShownAndNamedByItsTab() {
        assertShown("run");
        assertEquals("tablist", page.element("tab-run").getParentNode().getAttributes().getNamedItem("role")
                .getNodeValue());
        assertEquals("tab-learn", page.element("panel-learn").getAttribute("aria-labelledby"));
        assertEquals("tabpanel", page.element("panel-learn").getAttribute("role"));
    }

    @Test
    void aTabShowsItsSectionAndWhatWasTypedStays() throws IOException {
        page.type("problem-box", "Mine.");
        page.button("tab-learn").click();
        assertShown("learn");
        assertEquals("#learn", hash());
        assertFalse(page.shown("problem-box"));
        page.button("tab-run").click();
        assertShown("run");
        assertEquals("#run", hash());
        assertEquals("Mine.", page.problem());
    }

    @Test
    void arrowKeysHomeAndEndGoFromTabToTab() {
        page.element("tab-run").focus();
        press("ArrowRight");
        assertShown("team-edit");
        assertEquals("tab-team-edit", page.page.getFocusedElement().getId());
        press("ArrowLeft");
        assertShown("run");
        press("ArrowLeft");
        assertShown("learn");
        press("ArrowRight");
        assertShown("run");
        press("ArrowLeft");
        press("ArrowLeft");
        assertShown("together");
        press("Home");
        assertShown("run");
        press("End");
        assertShown("learn");
        assertEquals("#learn", hash());
    }

    @Test
    void theAddressNamesASectionOrAnElementInIt() {
        page.page.executeJavaScript("location.hash = 'learn'");
        page.await(() -> page.shown("panel-learn"));
        assertShown("learn");
        page.page.executeJavaScript("location.hash = 'together=code'");
        page.await(() -> page.shown("panel-together"));
        assertShown("together");
        page.page.executeJavaScript("location.hash = 'problem-box'");
        page.await(() -> page.shown("panel-run"));
        assertShown("run");
        assertEquals("problem-box", page.page.getFocusedElement().getId());
        page.page.executeJavaScript("location.hash = 'nothing-of-this-name'");
        page.await(() -> hash().equals("#nothing-of-this-name"));
        assertShown("run");
        assertTrue(page.shown("problem-box"));
    }
}
