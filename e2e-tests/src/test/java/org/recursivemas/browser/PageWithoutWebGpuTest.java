package org.recursivemas.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Page;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.htmlunit.BrowserVersion;
import org.htmlunit.ScriptException;
import org.htmlunit.SilentCssErrorHandler;
import org.htmlunit.WebClient;
import org.htmlunit.html.HtmlButton;
import org.htmlunit.html.HtmlElement;
import org.htmlunit.html.HtmlPage;
import org.htmlunit.html.HtmlTextArea;
import org.htmlunit.javascript.SilentJavaScriptErrorListener;
import org.junit.jupiter.api.Test;
import org.recursivemas.data.Team;
import org.recursivemas.pipeline.cli.StaticServer;

/** Where the browser has no WebGPU the page says what to do, and all that needs no GPU works. */
class PageWithoutWebGpuTest {
    private static final long PATIENCE_MILLIS = 30_000;

    @Test
    void aBrowserWithoutWebGpuGetsAMessageAndCanMakeProblems() throws IOException {
        Team team = Site.team();
        List<String> errors = new ArrayList<>();
        try (StaticServer server = StaticServer.start(Site.folder(), 0);
                WebClient client = new WebClient(BrowserVersion.CHROME)) {
            client.getOptions().setThrowExceptionOnScriptError(false);
            client.getOptions().setFetchPolyfillEnabled(true);
            client.setCssErrorHandler(new SilentCssErrorHandler());
            client.setJavaScriptErrorListener(new SilentJavaScriptErrorListener() {
                @Override
                public void scriptException(HtmlPage page, ScriptException exception) {
                    errors.add(exception.getMessage());
                }
            });
            HtmlPage page = client.getPage(server.address().toURL());
            waitFor(client, "the team's title", errors, () -> page.getElementById("team-title") != null
                    && page.getElementById("team-title").getTextContent().equals(team.title));

            HtmlElement notice = page.getHtmlElementById("unavailable");
            assertFalse(notice.hasAttribute("hidden"), "the notice is hidden");
            assertTrue(page.getElementById("unavailable-reason").getTextContent().contains("WebGPU"),
                    page.getElementById("unavailable-reason").getTextContent());
            assertTrue(((HtmlButton) page.getElementById("run")).isDisabled(), "a run can be started without WebGPU");

            HtmlTextArea box = page.getHtmlElementById("problem-box");
            page.getHtmlElementById("new-problem").click();
            String first = box.getText();
            assertFalse(first.isBlank(), "no problem was made");
            assertTrue(page.getElementById("expected-answer").getTextContent().matches("-?\\d+"),
                    page.getElementById("expected-answer").getTextContent());
            page.getHtmlElementById("new-problem").click();
            assertNotEquals(first, box.getText());
            assertEquals(List.of(), errors);
        }
    }

    @Test
    void aChromiumWithoutAnAdapterSaysWhatToDoAndCanMakeProblems() throws IOException {
        try (BrowserSession session = new BrowserSession(Chromium.Gpu.NONE);
                BrowserSession.OpenPage open = session.newPage()) {
            Page page = open.page();
            page.navigate(session.url());
            page.click("#new-problem");
            assertFalse(page.inputValue("#problem-box").isBlank());
            // The page may know at once, or only when it asks for the adapter.
            if (!page.isVisible("#unavailable")) {
                page.click("#run");
            }
            page.waitForSelector("#unavailable:visible, #error:visible");
            String message = page.textContent("#unavailable-reason") + page.textContent("#error-message");
            assertTrue(message.contains("WebGPU") && message.contains("browser's settings"), message);
            assertEquals(List.of(), open.errors());
        }
    }

    private static void waitFor(WebClient client, String what, List<String> errors, BooleanSupplier condition) {
        long end = System.nanoTime() + PATIENCE_MILLIS * 1_000_000;
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < end, what + " did not appear; errors: " + errors);
            client.waitForBackgroundJavaScript(50);
        }
    }
}
