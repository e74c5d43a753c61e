package org.recursivemas.ui;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import org.htmlunit.html.HtmlInput;
import org.htmlunit.html.HtmlPage;
import org.htmlunit.html.HtmlTextArea;
import org.htmlunit.javascript.SilentJavaScriptErrorListener;

/** The page in HtmlUnit, a browser without WebGPU, as compiled by TeaVM, with a scripted playground behind it. */
final class PageInHtmlUnit implements AutoCloseable {
    /** Keeps the compiled script from page to page. */
    private static final Cache CACHE = new Cache();

    final HtmlPage page;
    private final WebClient browser;
    private final List<String> scriptErrors = new ArrayList<>();

    PageInHtmlUnit(FakeSiteFolder site, String... options) throws IOException {
        browser = new WebClient(BrowserVersion.CHROME);
        browser.setCache(CACHE);
        browser.setJavaScriptErrorListener(new SilentJavaScriptErrorListener() {
            @Override
            public void scriptException(HtmlPage where, ScriptException e) {
                scriptErrors.add(e.getMessage());
            }
        });
        browser.getOptions().setThrowExceptionOnScriptError(false);
        browser.getOptions().setThrowExceptionOnFailingStatusCode(false);
        browser.setCssErrorHandler(new SilentCssErrorHandler());
        page = browser.getPage(site.url(options));
        await(() -> page.getElementById("status") != null && !text("status").equals(Texts.STATUS_OPENING));
    }

    /** Closes the browser; fails when a script had failed. */
    @Override
    public void close() {
        browser.close();
        assertEquals(List.of(), scriptErrors);
    }

    /** Waits for a state of the page in which no script is at work. */
    void await(BooleanSupplier condition) {
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

    DomElement element(String id) {
        DomElement element = page.getElementById(id);
        assertNotNull(element, "no element " + id);
        return element;
    }

    String text(String id) {
        return element(id).getTextContent();
    }

    boolean shown(String id) {
        for (DomNode node = element(id); node instanceof DomElement; node = node.getParentNode()) {
            if (((DomElement) node).hasAttribute("hidden")) {
                return false;
            }
        }
        return true;
    }

    HtmlButton button(String id) {
        return (HtmlButton) element(id);
    }

    String problem() {
        return ((HtmlTextArea) element("problem-box")).getText();
    }

    void type(String id, String text) {
        if (element(id) instanceof HtmlTextArea area) {
            area.setText(text);
            area.fireEvent("input");
        } else {
            HtmlInput input = (HtmlInput) element(id);
            input.setValue(text);
            input.fireEvent("input");
        }
    }

    /** Presses Run and waits for the end. */
    void run() throws IOException {
        button("run").click();
        await(() -> text("status").startsWith("Run finished"));
    }
}
