package org.recursivemas.ui;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.htmlunit.html.DomElement;
import org.htmlunit.html.DomNode;
import org.htmlunit.html.HtmlCheckBoxInput;
import org.htmlunit.html.HtmlElement;
import org.htmlunit.html.HtmlSelect;
import org.htmlunit.html.HtmlTextArea;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.recursivemas.ui.fake.FakePlayground;
import org.recursivemas.ui.inside.InsideTexts;

/** The page with the scripted playground in a browser without WebGPU: what it says, what can be set, how a run goes. */
class PageTest {
    private static final String REASON = "This browser has no WebGPU. Use a current Chrome, Edge or Safari.";
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

    private void open(String... options) throws IOException {
        page = new PageInHtmlUnit(site, options);
    }

    @AfterEach
    void noScriptFailed() {
        page.close();
    }

    @Test
    void withoutGpuThePageSaysWhatToDoAndRunIsOff() throws IOException {
        open("unavailable", REASON);
        assertTrue(page.shown("unavailable"));
        assertEquals(REASON, page.text("unavailable-reason"));
        assertTrue(page.button("run").isDisabled());
        assertTrue(page.button("stop").isDisabled());
        assertEquals(Texts.BLOCKED_UNAVAILABLE, page.text("run-blocked"));
        assertEquals("run-blocked help-restart", page.button("run").getAttribute("aria-describedby"));
        assertFalse(page.shown("error"));
    }

    @Test
    void everyTeamOfTheSiteIsALinkAndTheOpenOneIsMarked() throws IOException {
        open();
        assertTrue(page.shown("teams"));
        List<HtmlElement> links = page.page.getElementById("teams").getElementsByTagName("a");
        assertEquals(List.of("First team", "Other <b>team"), links.stream().map(DomNode::getTextContent).toList());
        assertEquals(List.of("?team=models/demo/team.json", "?team=models/demo/other.json"),
                links.stream().map(link -> link.getAttribute("href")).toList());
        assertEquals(List.of("page", ""), links.stream().map(link -> link.getAttribute("aria-current")).toList());
    }

    @Test
    void withGpuThereIsNoSuchMessage() throws IOException {
        open();
        assertFalse(page.shown("unavailable"));
        assertFalse(page.button("run").isDisabled());
        assertFalse(page.shown("run-blocked"));
    }

    @Test
    void everyLinkCanBeSwappedForWhatItsWidthsAllow() throws IOException {
        open();
        List<String> links = new ArrayList<>();
        List<String> identity = new ArrayList<>();
        for (DomElement select : page.element("inside").getElementsByTagName("select")) {
            links.add(select.getAttribute("data-link"));
            if (!((HtmlSelect) select).getOptionByValue("identity").isDisabled()) {
                identity.add(select.getAttribute("data-link"));
            }
        }
        assertEquals(List.of("planner", "critic", "solver", "planner->critic", "critic->solver", "solver->planner"),
                links);
        assertEquals(List.of("planner", "critic", "solver"), identity);
        assertEquals(InsideTexts.NOTHING, page.text("inside-note"));
    }

    @Test
    void explanationNeedsNoGpu() throws IOException {
        open("unavailable", REASON);
        assertTrue(page.page.asNormalizedText().contains(Texts.INTRO));
        page.button("tab-learn").click();
        String all = page.page.asNormalizedText();
        for (String line : Texts.HOW) {
            assertTrue(all.contains(line), line);
        }
    }

    @Test
    void newProblemFillsTheBoxAndIsMarkedUntilEdited() throws IOException {
        open("unavailable", REASON);
        page.button("new-problem").click();
        String first = page.problem();
        assertTrue(first.startsWith("Ann has "), first);
        assertTrue(page.shown("expected-answer"));
        int apples = Integer.parseInt(first.split(" ")[2]);
        assertEquals(Integer.toString(apples + 7), page.text("expected-answer"));
        page.type("problem-box", first + " Tell me.");
        assertFalse(page.shown("expected-answer"));
        assertEquals("", page.text("expected-answer"));
    }

    @Test
    void examplesFillTheBox() throws IOException {
        open("unavailable", REASON);
        List<String> examples = FakePlayground.team("x").examples;
        HtmlSelect select = (HtmlSelect) page.element("examples");
        assertEquals(examples.size() + 1, select.getOptionSize());
        assertEquals(examples.get(0), page.problem());
        select.setSelectedIndex(2);
        assertEquals(examples.get(1), page.problem());
        page.type("problem-box", "Something else");
        assertEquals(0, select.getSelectedIndex());
    }

    @Test
    void slidersShowTheirValue() throws IOException {
        open("unavailable", REASON);
        assertEquals("2", page.text("rounds-value"));
        assertEquals("16", page.text("latent-steps-value"));
        assertEquals("0", page.text("temperature-value"));
        page.type("rounds", "5");
        page.type("latent-steps", "80");
        page.type("temperature", "0.7");
        assertEquals("5", page.text("rounds-value"));
        assertEquals("80", page.text("latent-steps-value"));
        assertEquals("0.7", page.text("temperature-value"));
        assertEquals("5", page.element("rounds").getAttribute("max"));
        assertEquals("80", page.element("latent-steps").getAttribute("max"));
        assertTrue(page.page.asNormalizedText().contains("5 rounds"));
    }

    @Test
    void promptsAreEditableAndReset() throws IOException {
        open("unavailable", REASON);
        HtmlTextArea critic = (HtmlTextArea) page.element("system-1");
        assertEquals("You check the plan.", critic.getText());
        assertTrue(page.button("reset-1").isDisabled());
        page.type("system-1", "Be strict.");
        assertFalse(page.button("reset-1").isDisabled());
        assertTrue(page.button("reset-0").isDisabled());
        page.button("reset-1").click();
        assertEquals("You check the plan.", critic.getText());
        assertTrue(page.button("reset-1").isDisabled());
        assertEquals(critic, page.page.getFocusedElement());
    }

    @Test
    void aWrongSeedIsNamedAndTurnsRunOff() throws IOException {
        open();
        page.type("seed", "many");
        assertEquals(Texts.SEED_WRONG, page.text("seed-error"));
        assertEquals("true", page.element("seed").getAttribute("aria-invalid"));
        assertTrue(page.button("run").isDisabled());
        page.type("seed", "3");
        assertEquals("", page.text("seed-error"));
        assertFalse(page.element("seed").hasAttribute("aria-invalid"));
        assertFalse(page.button("run").isDisabled());
    }

    @Test
    void noModeAndNoProblemTurnRunOffWithTheReason() throws IOException {
        open();
        for (String mode : PlaygroundState.MODES) {
            ((HtmlCheckBoxInput) page.element("mode-" + mode)).click();
        }
        assertEquals(Texts.BLOCKED_NO_MODE, page.text("run-blocked"));
        page.type("problem-box", "");
        assertEquals(Texts.BLOCKED_NO_PROBLEM, page.text("run-blocked"));
        assertTrue(page.button("run").isDisabled());
    }

    @Test
    void aTeamThatCannotBeReadIsShownAsAnError() throws IOException {
        open("openError", "models/demo/team.json: not found. Build the site.");
        assertTrue(page.shown("error"));
        assertEquals("models/demo/team.json: not found. Build the site.", page.text("error-message"));
        assertEquals("alert", ((DomElement) page.element("error").getParentNode()).getAttribute("role"));
        assertTrue(page.button("run").isDisabled());
        ((HtmlElement) page.element("error").querySelector("button:not([hidden])")).click();
        assertFalse(page.shown("error"));
    }

    @Test
    void withoutKnownAnswerNothingIsMarked() throws IOException {
        open();
        page.type("problem-box", "What is it?");
        page.run();
        assertEquals("42", page.text("card-latent-answer"));
        assertFalse(page.shown("card-latent-badge"));
        assertEquals("", page.text("card-latent-badge"));
    }

    @Test
    void theAnswerStreamsAndTheLoopShowsWhoIsAtWork() throws IOException {
        open("pace", "40");
        page.button("run").click();
        page.await(() -> page.text("loop-stage").equals("Latent: Planner thinks"));
        assertEquals("Round 1 of 2", page.text("loop-round"));
        DomElement picture = (DomElement) page.page.querySelector(".loop__picture--wide");
        assertEquals(1, picture.querySelectorAll(".node.is-active.is-thinking").size());
        List<String> track = new ArrayList<>();
        page.element("loop-track").querySelectorAll(".place").forEach(place -> track.add(place.getTextContent()));
        assertEquals(List.of("Plannerthinks\u2026", "Criticwaits", "Solverwaits", "Plannerwaits", "Criticwaits",
                "Solverwaits"), track);
        assertEquals(0, page.page.querySelectorAll(".track__back.is-done").size());
        assertTrue(page.button("run").isDisabled());
        assertFalse(page.button("stop").isDisabled());
        page.await(() -> page.text("card-latent-output").equals("so many"));
        assertEquals("2", page.text("card-latent-tokens"));
        assertEquals("Round 2 of 2", page.text("loop-round"));
        assertEquals(1, page.page.querySelectorAll(".track__back.is-done").size());
        assertEquals("Solver\u00d7 16 latent, 13 ms",
                page.element("loop-track").querySelectorAll(".place.is-done").get(2).getTextContent());
        assertEquals("true", page.element("card-latent").getAttribute("aria-busy"));
        assertEquals(1, picture.querySelectorAll(".edge.is-active").size());
        page.await(() -> page.text("status").startsWith("Run finished"));
        assertEquals(0, picture.querySelectorAll(".is-active").size());
    }

    @Test
    void normsThatArriveWithTheAnswerAreShownInTheRowsThatAreThere() throws IOException {
        open("haltsIn", "solver:2:text");
        page.button("run").click();
        page.await(() -> page.text("card-latent-output").equals("so many"));
        List<String> norms = new ArrayList<>();
        page.element("stages-latent-table").querySelectorAll("tbody tr")
                .forEach(row -> norms.add(row.getLastChild().getTextContent()));
        assertEquals(Collections.nCopies(5, "14.50"), norms);
    }

    @Test
    void loadingShowsProgressPerAgent() throws IOException {
        open("pace", "40");
        page.button("load").click();
        page.await(() -> page.text("models").contains("80 % \u2013 compiling shaders"));
        assertTrue(page.shown("models"));
        assertEquals("80", ((DomElement) page.page.querySelector("progress")).getAttribute("value"));
        page.await(() -> page.text("status").startsWith("Models loaded in"));
        assertFalse(page.shown("models"));
        assertFalse(page.shown("load"));
    }

    @Test
    void stopEndsARunAndKeepsWhatIsThere() throws IOException {
        open("haltsIn", "solver:2");
        page.button("run").click();
        page.await(() -> page.page.getElementById("stages-latent-table").querySelectorAll("tbody tr").size() == 5);
        page.button("stop").click();
        page.await(() -> page.text("status").equals(Texts.STATUS_STOPPED));
        assertEquals("stopped", page.text("card-latent-status"));
        assertFalse(page.button("run").isDisabled());
        assertTrue(page.button("stop").isDisabled());
        assertFalse(page.shown("savings"));
    }

    @Test
    void anErrorDuringARunNamesWhatFailedAndKeepsFinishedModes() throws IOException {
        open("runError", "critic: hidden state 3 is not finite.");
        page.button("run").click();
        page.await(() -> page.shown("error"));
        assertEquals("critic: hidden state 3 is not finite.", page.text("error-message"));
        assertEquals("failed", page.text("card-text-status"));
        assertEquals("42", page.text("card-latent-answer"));
        assertFalse(page.button("run").isDisabled());
        assertFalse(page.button("download").isDisabled());
    }

    @Test
    void aCrashedEngineIsRestartedByTheButton() throws IOException {
        open("crashesIn", "critic:2");
        assertFalse(page.shown("restart"));
        page.button("run").click();
        page.await(() -> page.shown("error"));
        assertEquals("The worker ended. Restart the engine.", page.text("error-message"));
        assertTrue(page.shown("restart"));
        page.button("restart").click();
        assertFalse(page.shown("error"));
        assertFalse(page.shown("restart"));
        assertEquals(Texts.STATUS_RESTARTED, page.text("status"));
        page.run();
        assertEquals("42", page.text("card-latent-answer"));
    }

    @Test
    void noTextBecomesMarkup() throws IOException {
        String evil = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>";
        open("title", evil, "unavailable", evil);
        assertEquals(evil, page.text("team-title"));
        assertEquals(evil, page.text("unavailable-reason"));
        page.type("problem-box", evil);
        page.type("system-0", evil);
        assertNull(page.page.querySelector("img"));
        assertEquals(0, page.page.querySelectorAll("script:not([src])").size());
        assertEquals("RecursiveMAS playground", page.page.getTitleText());
    }

    @Test
    void describedByAndLabelledByNameElementsThatExist() throws IOException {
        open();
        for (String attribute : List.of("aria-describedby", "aria-labelledby", "for")) {
            for (DomNode node : page.page.querySelectorAll("[" + attribute + "]")) {
                for (String id : ((DomElement) node).getAttribute(attribute).split(" ")) {
                    page.element(id);
                }
            }
        }
    }
}
