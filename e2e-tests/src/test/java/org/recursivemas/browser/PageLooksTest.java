package org.recursivemas.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Download;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ReducedMotion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.recursivemas.data.RunReport;
import org.recursivemas.pipeline.cli.StaticServer;

/**
 * How the page looks and handles in a real browser, with playground-ui's scripted playground behind it: widths,
 * colours, keyboard, content security policy. Leaves pictures in target/pictures.
 */
class PageLooksTest {
    private static final Path FOLDER = Path.of("..", "playground-ui", "target", "fake-site");
    private static final Path PICTURES = Path.of("target", "pictures");

    private static StaticServer server;
    private static Playwright playwright;
    private static Browser browser;
    private BrowserContext context;
    private Page page;
    private final List<String> complaints = new ArrayList<>();

    @BeforeAll
    static void start() throws IOException {
        if (!Files.isRegularFile(FOLDER.resolve("app.js"))) {
            throw new IllegalStateException("no " + FOLDER.resolve("app.js")
                    + ": build playground-ui first, `./mvnw -DskipTests package`");
        }
        playwright = Chromium.playwright();
        browser = Chromium.launch(playwright, Chromium.Gpu.NONE);
        server = StaticServer.start(FOLDER, 0);
    }

    @AfterAll
    static void end() throws IOException {
        browser.close();
        playwright.close();
        server.close();
    }

    private void open(int width, ColorScheme colours, String query) {
        context = browser.newContext(new Browser.NewContextOptions().setViewportSize(width, 900)
                .setColorScheme(colours).setReducedMotion(ReducedMotion.REDUCE));
        page = context.newPage();
        page.onConsoleMessage(message -> {
            if (message.type().equals("error") || message.type().equals("warning")) {
                complaints.add(message.text());
            }
        });
        page.onPageError(complaints::add);
        page.addInitScript("window.violations = [];"
                + "addEventListener('securitypolicyviolation', "
                + "e => violations.push(e.violatedDirective + ' ' + e.blockedURI));");
        page.navigate(server.address() + query);
        page.waitForSelector("#team-title:not(:empty)");
    }

    @AfterEach
    void nothingWasComplainedAbout() {
        Object violations = page.evaluate("() => violations.join()");
        context.close();
        assertEquals(List.of(), complaints);
        assertEquals("", violations);
    }

    private void runToTheEnd() {
        page.click("#new-problem");
        page.click("#run");
        page.waitForSelector("#download:enabled");
    }

    private void picture(String name) {
        page.screenshot(new Page.ScreenshotOptions().setFullPage(true).setPath(PICTURES.resolve(name + ".png")));
    }

    /** Elements that reach over the page's right edge, and texts cut off by their boxes. */
    private void assertNothingSticksOut() {
        assertEquals("", page.evaluate("() => {"
                + " const wide = document.documentElement.clientWidth;"
                + " return [...document.querySelectorAll('body *')]"
                + "   .filter(e => e.checkVisibility() && !e.closest('.table-scroll, .unseen, .skip, svg'))"
                + "   .filter(e => e.getBoundingClientRect().right > wide + 0.5)"
                + "   .map(e => e.tagName + '.' + e.className).join(); }"));
        assertEquals(0, page.evaluate("() => { const e = document.documentElement;"
                + " return e.scrollWidth - e.clientWidth; }"));
    }

    @ParameterizedTest
    @CsvSource({"360,LIGHT", "360,DARK", "820,LIGHT", "1440,DARK"})
    void resultsFitEveryWidthAndAreReadableInBothColours(int width, ColorScheme colours) {
        open(width, colours, "");
        runToTheEnd();
        page.click("#stages-latent summary");
        page.click("#stages-text summary");
        picture("results-" + width + "-" + colours.name().toLowerCase());
        assertNothingSticksOut();
        assertEquals("", page.evaluate(CONTRAST), "texts with too little contrast");
        boolean phone = width < 640;
        assertEquals(phone, page.isVisible(".loop__picture--tall"));
        assertEquals(!phone, page.isVisible(".loop__picture--wide"));
        double first = page.locator("#card-latent").boundingBox().y;
        assertEquals(width > 832, first == page.locator("#card-single").boundingBox().y, "cards side by side");
    }

    @ParameterizedTest
    @CsvSource("360,LIGHT")
    void everySectionFitsAPhoneInGerman(int width, ColorScheme colours) {
        open(width, colours, "?lang=de");
        runToTheEnd();
        assertEquals("de", page.getAttribute("html", "lang"));
        assertTrue(page.textContent("#card-latent").contains("0,15"), page.textContent("#card-latent"));
        for (Locator tab : page.locator("[role=tab]").all()) {
            tab.click();
            picture("german-" + tab.getAttribute("id"));
            assertNothingSticksOut();
        }
    }

    @ParameterizedTest
    @CsvSource({"360,LIGHT", "1440,DARK"})
    void theUnavailableMessageAndAnErrorFitEveryWidth(int width, ColorScheme colours) {
        open(width, colours, "?unavailable=This%20browser%20has%20no%20WebGPU.%20Use%20a%20current%20Chrome.");
        picture("unavailable-" + width + "-" + colours.name().toLowerCase());
        assertTrue(page.isVisible("#unavailable"));
        assertTrue(page.isDisabled("#run"));
        assertNothingSticksOut();
        assertEquals("", page.evaluate(CONTRAST), "texts with too little contrast");
    }

    @ParameterizedTest
    @CsvSource({"360,LIGHT", "1440,DARK"})
    void theTourAndAllHelpFitEveryWidthAndAreReadable(int width, ColorScheme colours) {
        open(width, colours, "");
        page.click("#tab-learn");
        page.click(".tour__page >> nth=3");
        page.click("#tour-run");
        page.waitForSelector("#tour-verdict:not(:empty)");
        page.evaluate("() => document.querySelectorAll('.help').forEach(help => help.click())");
        picture("tour-" + width + "-" + colours.name().toLowerCase());
        assertNothingSticksOut();
        assertEquals("", page.evaluate(CONTRAST), "texts with too little contrast");
        page.click("#tab-run");
        picture("help-" + width + "-" + colours.name().toLowerCase());
        assertNothingSticksOut();
        assertEquals("", page.evaluate(CONTRAST), "texts with too little contrast");
    }

    @ParameterizedTest
    @CsvSource({"360,DARK", "1440,LIGHT"})
    void theBackButtonAndTheAddressLeadToSections(int width, ColorScheme colours) {
        open(width, colours, "");
        page.fill("#problem-box", "Mine.");
        page.click("#tab-learn");
        picture("learn-" + width + "-" + colours.name().toLowerCase());
        assertTrue(page.isVisible("#how") && !page.isVisible("#problem-box"));
        assertNothingSticksOut();
        assertEquals("", page.evaluate(CONTRAST), "texts with too little contrast");
        page.goBack();
        page.waitForSelector("#problem-box");
        assertEquals("Mine.", page.inputValue("#problem-box"));
        page.goForward();
        page.waitForSelector("#how");
        assertFalse(page.isVisible("#problem-box"));
        page.reload();
        page.waitForSelector("#how");
        assertEquals("true", page.getAttribute("#tab-learn", "aria-selected"));
        page.keyboard().press("Tab");
        page.keyboard().press("Enter");
        page.waitForSelector("#problem-box");
        assertEquals("problem-box", focused("id"));
    }

    @Test
    void theLoopShowsTheAgentAtWork() {
        open(1440, ColorScheme.LIGHT, "?haltsIn=critic:2");
        page.click("#run");
        page.waitForSelector("#loop-stage:text-is('Latent: Critic thinks')");
        page.waitForSelector("#loop-round:text-is('Round 2 of 2')");
        picture("running-1440-light");
        assertEquals("Critic", page.textContent(".loop__picture--wide .node.is-active .node__title"));
        assertEquals("Planner", page.textContent(".loop__picture--wide .node.is-done .node__title"));
        assertEquals(1, page.locator(".loop__picture--wide .edge.is-active").count());
        assertEquals("none", page.evaluate("() => getComputedStyle("
                + "document.querySelector('.edge.is-active .edge__line')).animationName"),
                "motion although none is wanted");
        page.click("#stop");
        page.waitForSelector("#run:enabled");
    }

    @Test
    void theKeyboardAloneRunsAProblem() {
        open(1440, ColorScheme.LIGHT, "");
        page.keyboard().press("Tab");
        assertEquals("Skip to the problem", focused("textContent"));
        page.keyboard().press("Enter");
        List<String> order = new ArrayList<>();
        page.focus("#problem-box");
        int helps = 0;
        while (order.size() < 16) {
            if (focused("className").equals("help")) {
                helps++;
                assertTrue(helps < 20, "nothing but help after " + order);
            } else {
                order.add(focused("id"));
            }
            assertFalse("none".equals(page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle")),
                    "no visible focus on " + focused("id"));
            page.keyboard().press("Tab");
        }
        assertEquals(List.of("problem-box", "examples", "new-problem", "rounds", "latent-steps", "temperature", "top-p",
                "answers", "seed", "retrieval", "stop-early", "mode-latent", "mode-text", "mode-single", "run", "load"), order);
        assertEquals(11, helps, "help beside each setting and way");
        page.focus("#rounds");
        page.keyboard().press("ArrowRight");
        assertEquals("3", page.textContent("#rounds-value"));
        page.focus("#mode-text");
        page.keyboard().press("Space");
        assertFalse(page.isChecked("#mode-text"));
        page.focus("#problem-box");
        page.keyboard().press("Control+Enter");
        page.waitForSelector("#download:enabled");
        assertEquals("42", page.textContent("#card-latent-answer"));
    }

    @Test
    void theReportIsDownloadedAsAFile() throws IOException {
        open(1440, ColorScheme.LIGHT, "");
        runToTheEnd();
        Download download = page.waitForDownload(() -> page.click("#download"));
        assertEquals("recursivemas-demo-seed-0.json", download.suggestedFilename());
        RunReport report = HeadlessRun.mapper().readValue(Files.readAllBytes(download.path()), RunReport.class);
        assertEquals(3, report.modes.size());
        assertEquals(page.inputValue("#problem-box"), report.problem);
    }

    @Test
    void thePolicyRefusesInlineScriptsAndForeignAddresses() {
        open(1440, ColorScheme.LIGHT, "");
        page.evaluate("() => { const script = document.createElement('script'); script.textContent = 'window.ran = 1';"
                + " document.body.append(script);"
                + " return fetch('https://example.org/').catch(() => 0); }");
        assertEquals(null, page.evaluate("() => window.ran"));
        page.waitForFunction("() => violations.length === 2");
        assertEquals("connect-src https://example.org/,script-src-elem inline",
                page.evaluate("() => violations.splice(0).sort().join()"));
        complaints.removeIf(text -> text.contains("Content Security Policy"));
    }

    private String focused(String property) {
        return (String) page.evaluate("name => document.activeElement[name]", property);
    }

    /** Visible texts whose contrast with what lies behind them is below 4.5 to 1 (disabled controls excepted). */
    private static final String CONTRAST = """
            () => {
              const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
              const rgba = colour => {
                canvas.clearRect(0, 0, 1, 1);
                canvas.fillStyle = colour;
                canvas.fillRect(0, 0, 1, 1);
                return [...canvas.getImageData(0, 0, 1, 1).data];
              };
              const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
                .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
                .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
              const behind = element => {
                for (let e = element; e; e = e.parentElement) {
                  const colour = rgba(getComputedStyle(e).backgroundColor);
                  if (colour[3] === 255) return colour;
                }
                return [255, 255, 255, 255];
              };
              const poor = [];
              for (const element of document.querySelectorAll('body *:not(svg *)')) {
                const own = [...element.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
                if (!own || !element.checkVisibility() || element.closest(':disabled, option')) continue;
                const a = light(rgba(getComputedStyle(element).color));
                const b = light(behind(element));
                const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
                if (ratio < 4.5) {
                  poor.push(element.className + ' ' + ratio.toFixed(2) + ' ' + element.textContent.slice(0, 20));
                }
              }
              return poor.join('; ');
            }
            """;
}
