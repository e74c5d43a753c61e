package org.recursivemas.ui;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import org.htmlunit.html.DomNode;
import org.htmlunit.html.HtmlCheckBoxInput;
import org.htmlunit.html.HtmlTextArea;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The form of a room, with the real host behind it and no network. */
class TogetherPageTest {
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
        page.button("tab-together").click();
    }

    @AfterEach
    void noScriptFailed() {
        page.close();
    }

    private List<String> roles() {
        return page.page.querySelectorAll("#together input[type=checkbox]").stream()
                .map(box -> ((HtmlCheckBoxInput) box).getId().substring("together-role-".length())).toList();
    }

    private List<String> cells(String table, int column) {
        return page.page.querySelectorAll("#" + table + " tbody td:nth-child(" + column + ")").stream()
                .map(DomNode::getTextContent).toList();
    }

    private void check(String agent) throws IOException {
        ((HtmlCheckBoxInput) page.element("together-role-" + agent)).click();
    }

    private String area(String id) {
        return ((HtmlTextArea) page.element(id)).getText();
    }

    /** A room in which this browser plays the first agent only. */
    private String host() throws IOException {
        String agent = roles().get(0);
        page.type("together-name", "<b>Hana</b>");
        check(agent);
        page.button("together-create").click();
        return agent;
    }

    @Test
    void thePageSaysWhereTheQuestionGoesAndThatNoServerTakesPart() {
        assertTrue(page.text("together").contains("The question reaches every browser"));
        assertTrue(page.text("together").contains("No server takes part unless you name one"));
        assertTrue(page.shown("together-create"));
        assertTrue(page.shown("together-join"));
        assertFalse(page.shown("together-run"));
        assertFalse(page.shown("together-leave"));
    }

    @Test
    void aHostSeesWhoPlaysWhatAndInvites() throws IOException {
        host();
        assertFalse(page.shown("together-create"));
        assertEquals("In the room", page.text("together-status"));
        assertEquals("<b>Hana</b>", cells("together-seats", 2).get(0));
        assertNull(page.page.querySelector("#together b"), "a name is text, never markup");
        assertEquals("ready", cells("together-seats", 3).get(0));
        assertEquals("free", cells("together-seats", 3).get(1));
        assertFalse(page.shown("together-link"));
        page.button("together-invite").click();
        assertTrue(page.shown("together-link"));
        assertEquals("http://localhost/#together=abc-123", area("together-link"));
        assertEquals("abc-123", area("together-code"));
        page.type("together-reply", "xyz");
        page.button("together-connect").click();
        assertEquals("accepted xyz", page.text("together-notice"));
    }

    @Test
    void aRunWaitsForAgentsAndIsStopped() throws IOException {
        host();
        assertTrue(page.button("together-stop").isDisabled());
        page.type("together-problem", "How many <i>pens</i>?");
        page.type("together-rounds", "1");
        page.type("together-steps", "4");
        page.button("together-run").click();
        assertEquals("Running", page.text("together-status"));
        assertEquals("working", cells("together-seats", 3).get(0));
        assertEquals("Question: How many <i>pens</i>?", page.text("together-question"));
        assertNull(page.page.querySelector("#together i"));
        assertTrue(page.button("together-run").isDisabled());
        page.button("together-stop").click();
        assertEquals("Stopped", page.text("together-status"));
        assertFalse(page.button("together-run").isDisabled());
        page.button("together-leave").click();
        assertTrue(page.shown("together-create"));
        assertFalse(page.shown("together-seats"));
    }

    @Test
    void aRunTakesTheSettingsOfTheTabRun() throws IOException {
        host();
        assertTrue(page.text("together-taken").startsWith("As on the tab Run: temperature 0.0."),
                page.text("together-taken"));
        page.type("temperature", "0.6");
        page.type("seed", "5");
        page.type("answers", "4");
        page.type("together-steps", "4");
        page.type("together-rounds", "1");
        page.button("together-run").click();
        assertEquals("temperature 0.6, top-p 0.95, seed 5, 4 answers", page.text("together-settings"));
        assertTrue(page.text("together-taken").contains("temperature 0.6, top-p 0.95, seed 5, 4 answers"));
        page.type("seed", "x");
        assertTrue(page.text("together-taken").contains("eed"), page.text("together-taken"));
    }

    @Test
    void whatIsOutOfRangeIsSaid() throws IOException {
        host();
        page.type("together-steps", "81");
        page.button("together-run").click();
        assertTrue(page.text("together-notice").contains("latent steps must be 0 to 80"), page.text("together-notice"));
        page.type("together-steps", "");
        page.button("together-run").click();
        assertTrue(page.text("together-notice").contains("latent steps must be 0 to 80"), page.text("together-notice"));
        page.type("together-steps", "4");
        page.type("together-problem", " ");
        page.button("together-run").click();
        assertTrue(page.text("together-notice").contains("the problem is empty"), page.text("together-notice"));
    }

    @Test
    void aGuestJoinsByTheInvitationOfTheAddress() throws IOException {
        page.page.executeJavaScript("location.hash = 'together=OFFER'");
        page.await(() -> area("together-invitation").equals("OFFER"));
        assertTrue(page.shown("together-invitation"));
        String agent = roles().get(1);
        check(agent);
        page.button("together-join").click();
        assertEquals("Guest joins by OFFER as [" + agent + "]", page.text("together-notice"));
    }

    @Test
    void everyFieldHasALabel() throws IOException {
        host();
        page.button("together-invite").click();
        for (DomNode control : page.page.querySelectorAll("#together input, #together textarea, #together select")) {
            String id = control.getAttributes().getNamedItem("id").getNodeValue();
            assertEquals(1, page.page.querySelectorAll("label[for=" + id + "]").size(), id);
        }
    }
}
