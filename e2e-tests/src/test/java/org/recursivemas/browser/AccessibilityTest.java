package org.recursivemas.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ReducedMotion;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.recursivemas.pipeline.cli.StaticServer;

/** What axe-core finds in every section and in the main states of the page, with playground-ui's scripted playground. */
class AccessibilityTest {
    private static final Path FOLDER = Path.of("..", "playground-ui", "target", "fake-site");

    private static StaticServer server;
    private static Playwright playwright;
    private static Browser browser;

    @BeforeAll
    static void start() throws IOException {
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

    @ParameterizedTest
    @EnumSource(value = ColorScheme.class, names = {"LIGHT", "DARK"})
    void nothingSeriousIsFoundInAnySection(ColorScheme colours) {
        List<String> found = new ArrayList<>();
        try (BrowserContext context = browser.newContext(new Browser.NewContextOptions().setColorScheme(colours)
                .setReducedMotion(ReducedMotion.REDUCE))) {
            Page page = context.newPage();
            page.navigate(server.address().toString());
            page.waitForSelector("#team-title:not(:empty)");
            page.click("#new-problem");
            page.click("#run");
            page.waitForSelector("#download:enabled");
            page.click("#stages-latent summary");
            found.addAll(Axe.findings(page, "after a run"));
            List<String> tabs = page.locator("[role=tab]").all().stream().map(tab -> tab.getAttribute("id")).toList();
            assertTrue(tabs.size() >= 6, tabs.toString());
            for (String tab : tabs.subList(1, tabs.size())) {
                page.click("#" + tab);
                found.addAll(Axe.findings(page, tab));
            }
            page.navigate(server.address() + "?unavailable=No%20WebGPU.&runError=The%20GPU%20was%20lost.");
            page.waitForSelector("#team-title:not(:empty)");
            found.addAll(Axe.findings(page, "without a GPU"));
        }
        assertEquals(List.of(), found);
    }
}
