package org.recursivemas.ui;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.htmlunit.BrowserVersion;
import org.htmlunit.Cache;
import org.htmlunit.ScriptException;
import org.htmlunit.SilentCssErrorHandler;
import org.htmlunit.WebClient;
import org.htmlunit.html.DomElement;
import org.htmlunit.html.DomNode;
import org.htmlunit.html.HtmlButton;
import org.htmlunit.html.HtmlCheckBoxInput;
import org.htmlunit.html.HtmlElement;
import org.htmlunit.html.HtmlInput;
import org.htmlunit.html.HtmlLabel;
import org.htmlunit.html.HtmlPage;
import org.htmlunit.html.HtmlSelect;
import org.htmlunit.html.HtmlTextArea;
import org.htmlunit.javascript.SilentJavaScriptErrorListener;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.recursivemas.data.RunReport;
import org.recursivemas.ui.fake.FakePlayground;

/** The page in a browser without WebGPU, as compiled by TeaVM, with a scripted playground behind it. */
class PageTest {
    private static final String REASON = "This browser has no WebGPU. Use a current Chrome, Edge or Safari.";
    /** Keeps the compiled script from test to test. */
    private static final Cache CACHE = new Cache();
    private static FakeSiteFolder site;

    private WebClient browser;
    private HtmlPage page;
    private final List<String> scriptErrors = new ArrayList<>();

    @BeforeAll
    static void serve() throws IOException {
        site = new FakeSiteFolder();
    }

    @AfterAll
    static void stopServing() {
        site.close();
    }

    @BeforeEach
    void openBrowser() {
        browser = new WebClient(BrowserVersion.CHROME);
        browser.setCache(CACHE);
        browser.setJavaScriptErrorListener(new SilentJavaScriptErrorListener() {
            @Override
            public void scriptException(HtmlPage where, ScriptException e) {
                scriptErrors.add(e.getMessage());
            }
        });
        browser.getOptions().setThrowExceptionOnScriptError(false);
        browser.setCssErrorHandler(new SilentCssErrorHandler());
    }

    @AfterEach
    void closeBrowser() {
        browser.close();
        assertEquals(List.of(), scriptErrors);
    }

    private void open(String... options) throws IOException {
        page = browser.getPage(site.url(options));
        await(() -> page.getElementById("status") != null && !text("status").equals(Texts.STATUS_OPENING));
    }

    /** Waits for a state of the page in which no script is at work. */
    private void await(BooleanSupplier condition) {
        long end = System.nanoTime() + 60_000_000_000L;
        while (!holds(condition)) {
            assertTrue(System.nanoTime() < end, () -> "still not so: " + page.asNormalizedText());
            browser.waitForBackgroundJavaScript(20);
        }
    }

    private boolean holds(BooleanSupplier condition) {
        // HtmlUnit holds the page's monitor while one of its scripts runs.
        synchronized (page) {
            return condition.getAsBoolean();
        }
    }

    private DomElement element(String id) {
        DomElement element = page.getElementById(id);
        assertNotNull(element, "no element " + id);
        return element;
    }

    private String text(String id) {
        return element(id).getTextContent();
    }

    private boolean shown(String id) {
        for (DomNode node = element(id); node instanceof DomElement; node = node.getParentNode()) {
            if (((DomElement) node).hasAttribute("hidden")) {
                return false;
            }
        }
        return true;
    }

    private HtmlButton button(String id) {
        return (HtmlButton) element(id);
    }

    private String problem() {
        return ((HtmlTextArea) element("problem-box")).getText();
    }

    private void type(String id, String text) {
        if (element(id) instanceof HtmlTextArea area) {
            area.setText(text);
            area.fireEvent("input");
        } else {
            HtmlInput input = (HtmlInput) element(id);
            input.setValue(text);
            input.fireEvent("input");
        }
    }

    private void run() throws IOException {
        button("run").click();
        await(() -> text("status").startsWith("Run finished"));
    }

    @Test
    void withoutGpuThePageSaysWhatToDoAndRunIsOff() throws IOException {
        open("unavailable", REASON);
        assertTrue(shown("unavailable"));
        assertEquals(REASON, text("unavailable-reason"));
        assertTrue(button("run").isDisabled());
        assertTrue(button("stop").isDisabled());
        assertEquals(Texts.BLOCKED_UNAVAILABLE, text("run-blocked"));
        assertEquals("run-blocked", button("run").getAttribute("aria-describedby"));
        assertFalse(shown("error"));
    }

    @Test
    void withGpuThereIsNoSuchMessage() throws IOException {
        open();
        assertFalse(shown("unavailable"));
        assertFalse(button("run").isDisabled());
        assertFalse(shown("run-blocked"));
    }

    @Test
    void explanationNeedsNoGpu() throws IOException {
        open("unavailable", REASON);
        String all = page.asNormalizedText();
        assertTrue(all.contains(Texts.INTRO));
        for (String line : Texts.HOW) {
            assertTrue(all.contains(line), line);
        }
    }

    @Test
    void newProblemFillsTheBoxAndIsMarkedUntilEdited() throws IOException {
        open("unavailable", REASON);
        button("new-problem").click();
        String first = problem();
        assertTrue(first.startsWith("Ann has "), first);
        assertTrue(shown("expected-answer"));
        int apples = Integer.parseInt(first.split(" ")[2]);
        assertEquals(Integer.toString(apples + 7), text("expected-answer"));
        type("problem-box", first + " Tell me.");
        assertFalse(shown("expected-answer"));
        assertEquals("", text("expected-answer"));
    }

    @Test
    void examplesFillTheBox() throws IOException {
        open("unavailable", REASON);
        List<String> examples = FakePlayground.team("x").examples;
        HtmlSelect select = (HtmlSelect) element("examples");
        assertEquals(examples.size() + 1, select.getOptionSize());
        assertEquals(examples.get(0), problem());
        select.setSelectedIndex(2);
        assertEquals(examples.get(1), problem());
        type("problem-box", "Something else");
        assertEquals(0, select.getSelectedIndex());
    }

    @Test
    void slidersShowTheirValue() throws IOException {
        open("unavailable", REASON);
        assertEquals("2", text("rounds-value"));
        assertEquals("16", text("latent-steps-value"));
        assertEquals("0", text("temperature-value"));
        type("rounds", "5");
        type("latent-steps", "64");
        type("temperature", "0.7");
        assertEquals("5", text("rounds-value"));
        assertEquals("64", text("latent-steps-value"));
        assertEquals("0.7", text("temperature-value"));
        assertEquals("5", element("rounds").getAttribute("max"));
        assertEquals("64", element("latent-steps").getAttribute("max"));
        assertTrue(page.asNormalizedText().contains("5 rounds"));
    }

    @Test
    void promptsAreEditableAndReset() throws IOException {
        open("unavailable", REASON);
        HtmlTextArea critic = (HtmlTextArea) element("system-1");
        assertEquals("You check the plan.", critic.getText());
        assertTrue(button("reset-1").isDisabled());
        type("system-1", "Be strict.");
        assertFalse(button("reset-1").isDisabled());
        assertTrue(button("reset-0").isDisabled());
        button("reset-1").click();
        assertEquals("You check the plan.", critic.getText());
        assertTrue(button("reset-1").isDisabled());
        assertEquals(critic, page.getFocusedElement());
    }

    @Test
    void aWrongSeedIsNamedAndTurnsRunOff() throws IOException {
        open();
        type("seed", "many");
        assertEquals(Texts.SEED_WRONG, text("seed-error"));
        assertEquals("true", element("seed").getAttribute("aria-invalid"));
        assertTrue(button("run").isDisabled());
        type("seed", "3");
        assertEquals("", text("seed-error"));
        assertFalse(element("seed").hasAttribute("aria-invalid"));
        assertFalse(button("run").isDisabled());
    }

    @Test
    void noModeAndNoProblemTurnRunOffWithTheReason() throws IOException {
        open();
        for (String mode : PlaygroundState.MODES) {
            ((HtmlCheckBoxInput) element("mode-" + mode)).click();
        }
        assertEquals(Texts.BLOCKED_NO_MODE, text("run-blocked"));
        type("problem-box", "");
        assertEquals(Texts.BLOCKED_NO_PROBLEM, text("run-blocked"));
        assertTrue(button("run").isDisabled());
    }

    @Test
    void aTeamThatCannotBeReadIsShownAsAnError() throws IOException {
        open("openError", "models/demo/team.json: not found. Build the site.");
        assertTrue(shown("error"));
        assertEquals("models/demo/team.json: not found. Build the site.", text("error-message"));
        assertEquals("alert", ((DomElement) element("error").getParentNode()).getAttribute("role"));
        assertTrue(button("run").isDisabled());
        ((HtmlElement) element("error").querySelector("button")).click();
        assertFalse(shown("error"));
    }

    @Test
    void aRunFillsTheThreeCards() throws IOException {
        open();
        button("new-problem").click();
        String expected = text("expected-answer");
        run();
        assertEquals(expected, text("card-latent-answer"));
        assertEquals(Texts.CORRECT, text("card-latent-badge"));
        assertEquals(expected, text("card-text-answer"));
        assertEquals("3", text("card-single-answer"));
        assertEquals(Texts.WRONG, text("card-single-badge"));
        assertEquals("expected " + expected, text("card-single-expected"));
        assertEquals("so many + 7 = " + expected + "\nAnswer: " + expected, text("card-latent-output"));
        assertEquals("8", text("card-latent-tokens"));
        assertEquals("80", text("card-latent-steps"));
        assertEquals("1.5", text("card-latent-links"));
        assertEquals("448", text("card-latent-positions"));
        assertEquals("0.15", text("card-latent-seconds"));
        assertEquals("68", text("card-text-tokens"));
        assertEquals("done", text("card-text-status"));
        assertFalse(button("download").isDisabled());
        assertEquals("models ready, 1.23 s", text("models-ready"));
    }

    @Test
    void savingsCompareTheSameNumbersOfBothModes() throws IOException {
        open();
        assertFalse(shown("savings"));
        button("new-problem").click();
        run();
        assertTrue(shown("savings"));
        List<String> lines = new ArrayList<>();
        element("savings").querySelectorAll("li").forEach(line -> lines.add(line.getTextContent()));
        assertEquals(List.of(
                "88 % fewer decoded tokens (8, not 68)", "3.5 times faster (0.15 s, not 0.54 s)",
                "5 % more positions (448, not 428)",
                "as many decoded tokens (8)", "1.7 times slower (0.15 s, not 0.09 s)",
                "6.6 times as many positions (448, not 68)"), lines);
        assertTrue(text("savings").contains("Latent is correct, single agent is wrong."));
    }

    @Test
    void withoutKnownAnswerNothingIsMarked() throws IOException {
        open();
        type("problem-box", "What is it?");
        run();
        assertEquals("42", text("card-latent-answer"));
        assertFalse(shown("card-latent-badge"));
        assertEquals("", text("card-latent-badge"));
    }

    @Test
    void theStageTableHasARowForEveryStage() throws IOException {
        open();
        type("rounds", "3");
        run();
        List<String> rows = new ArrayList<>();
        element("stages-latent-table").querySelectorAll("tbody tr").forEach(row -> {
            List<String> cells = new ArrayList<>();
            row.getChildNodes().forEach(cell -> cells.add(cell.getTextContent()));
            rows.add(String.join("|", cells));
        });
        assertEquals(9, rows.size());
        assertEquals("Planner|1|thinks|60|16|0|13|14.50", rows.get(0));
        assertEquals("Solver|3|writes the answer|60|0|8|90|\u2013", rows.get(8));
        assertEquals(8, element("stages-text").querySelectorAll("pre").size());
    }

    @Test
    void theAnswerStreamsAndTheLoopShowsWhoIsAtWork() throws IOException {
        open("pace", "40");
        button("run").click();
        await(() -> text("loop-stage").equals("Latent: Planner thinks"));
        assertEquals("Round 1 of 2", text("loop-round"));
        DomElement picture = (DomElement) page.querySelector(".loop__picture--wide");
        assertEquals(1, picture.querySelectorAll(".node.is-active.is-thinking").size());
        assertTrue(button("run").isDisabled());
        assertFalse(button("stop").isDisabled());
        await(() -> text("card-latent-output").equals("so many"));
        assertEquals("2", text("card-latent-tokens"));
        assertEquals("Round 2 of 2", text("loop-round"));
        assertEquals("true", element("card-latent").getAttribute("aria-busy"));
        assertEquals(1, picture.querySelectorAll(".edge.is-active").size());
        await(() -> text("status").startsWith("Run finished"));
        assertEquals(0, picture.querySelectorAll(".is-active").size());
    }

    @Test
    void loadingShowsProgressPerAgent() throws IOException {
        open("pace", "40");
        button("load").click();
        await(() -> text("models").contains("80 % \u2013 compiling shaders"));
        assertTrue(shown("models"));
        assertEquals("80", ((DomElement) page.querySelector("progress")).getAttribute("value"));
        await(() -> text("status").startsWith("Models loaded in"));
        assertFalse(shown("models"));
        assertFalse(shown("load"));
    }

    @Test
    void stopEndsARunAndKeepsWhatIsThere() throws IOException {
        open("haltsIn", "solver:2");
        button("run").click();
        await(() -> page.getElementById("stages-latent-table").querySelectorAll("tbody tr").size() == 5);
        button("stop").click();
        await(() -> text("status").equals(Texts.STATUS_STOPPED));
        assertEquals("stopped", text("card-latent-status"));
        assertFalse(button("run").isDisabled());
        assertTrue(button("stop").isDisabled());
        assertFalse(shown("savings"));
    }

    @Test
    void anErrorDuringARunNamesWhatFailedAndKeepsFinishedModes() throws IOException {
        open("runError", "critic: hidden state 3 is not finite.");
        button("run").click();
        await(() -> shown("error"));
        assertEquals("critic: hidden state 3 is not finite.", text("error-message"));
        assertEquals("failed", text("card-text-status"));
        assertEquals("42", text("card-latent-answer"));
        assertFalse(button("run").isDisabled());
    }

    @Test
    void noTextBecomesMarkup() throws IOException {
        String evil = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>";
        open("title", evil, "unavailable", evil);
        assertEquals(evil, text("team-title"));
        assertEquals(evil, text("unavailable-reason"));
        type("problem-box", evil);
        type("system-0", evil);
        assertNull(page.querySelector("img"));
        assertEquals(3, page.getElementsByTagName("script").size());
        assertEquals("RecursiveMAS playground", page.getTitleText());
    }

    @Test
    void messagesOfAgentsStayText() throws IOException {
        open();
        run();
        assertTrue(text("stages-text").contains("<b>bold</b>"));
        assertNull(page.querySelector("b"));
    }

    @Test
    void everyControlHasAName() throws IOException {
        open();
        run();
        for (DomNode node : page.querySelectorAll("input, select, textarea, progress")) {
            DomElement control = (DomElement) node;
            boolean labelled = control.hasAttribute("aria-label");
            for (DomNode label : page.querySelectorAll("label")) {
                labelled |= ((HtmlLabel) label).getForAttribute().equals(control.getId()) && !control.getId().isEmpty();
            }
            assertTrue(labelled, control.asXml());
        }
        page.querySelectorAll("button").forEach(node -> assertFalse(node.getTextContent().isBlank()));
        assertEquals(0, page.querySelectorAll("[onclick], [style], div[tabindex]:not([role])").size());
    }

    @Test
    void describedByAndLabelledByNameElementsThatExist() throws IOException {
        open();
        for (String attribute : List.of("aria-describedby", "aria-labelledby", "for")) {
            for (DomNode node : page.querySelectorAll("[" + attribute + "]")) {
                for (String id : ((DomElement) node).getAttribute(attribute).split(" ")) {
                    element(id);
                }
            }
        }
    }

    @Test
    void theDownloadedReportReadsBack() throws IOException {
        open();
        button("new-problem").click();
        String problem = problem();
        type("seed", "7");
        run();
        // The text that goes into the file, caught where the page hands it to the browser.
        page.executeJavaScript("window.saved = null; window.Blob = function(parts) { window.saved = parts[0]; };"
                + "URL.createObjectURL = function() { return 'blob:none'; };"
                + "URL.revokeObjectURL = function() {};"
                + "HTMLAnchorElement.prototype.click = function() { window.savedAs = this.download; };");
        button("download").click();
        String json = (String) page.executeJavaScript("window.saved").getJavaScriptResult();
        RunReport report = new ObjectMapper().readValue(json, RunReport.class);
        assertEquals(RunReport.FORMAT, report.format);
        assertEquals(problem, report.problem);
        assertEquals(7, report.seed);
        assertEquals(3, report.modes.size());
        assertEquals(true, report.modes.get(0).correct);
        assertEquals(14.0, report.modes.get(0).stages.get(0).hiddenNorms[0]);
        assertEquals("You plan.", report.systems.get("planner"));
        assertEquals("recursivemas-demo-seed-7.json",
                page.executeJavaScript("window.savedAs").getJavaScriptResult());
    }
}
