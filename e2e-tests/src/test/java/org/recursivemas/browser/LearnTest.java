package org.recursivemas.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.recursivemas.data.ModeReport;

/** The guided tour with the demo team: its numbers are those of runs. */
class LearnTest {
    private static final Path PICTURES = Path.of("target", "screenshots");

    private static BrowserSession session;
    private static PlaygroundPage playground;
    private static Page page;

    @BeforeAll
    static void open() throws IOException {
        session = new BrowserSession(Chromium.Gpu.CPU);
        playground = new PlaygroundPage(session);
        playground.load();
        page = playground.page();
        page.click("#tab-learn");
    }

    @AfterAll
    static void close() {
        playground.close();
        session.close();
    }

    @AfterEach
    void nothingWentWrong() {
        assertEquals(List.of(), playground.errors());
        assertEquals(List.of(), playground.foreignRequests());
    }

    private static void turnTo(int number) {
        page.click(".tour__page >> nth=" + (number - 1));
    }

    private static void run() {
        page.click("#tour-run");
        page.waitForSelector("#tour-verdict:not(:empty)");
        playground.waitUntilIdle();
    }

    private static List<String> column(int column) {
        return page.locator("#tour-table tbody tr > :nth-child(" + column + ")").allTextContents();
    }

    private static ModeReport again(String mode, int rounds, Map<String, String> links) throws IOException {
        Map<String, Object> request = new LinkedHashMap<>();
        request.put("problem", page.textContent("#tour-question"));
        request.put("rounds", rounds);
        request.put("modes", List.of(mode));
        request.put("links", links);
        return playground.run(request).modes.get(0);
    }

    private static void picture(String name) {
        page.screenshot(new Page.ScreenshotOptions().setFullPage(true).setPath(PICTURES.resolve(name + ".png")));
    }

    @Test
    void everyPageOfTheTourRunsTheRealThing() throws IOException {
        for (int number = 2; number <= 6; number++) {
            turnTo(number);
            run();
            for (Locator math : page.locator("#tour-text math").all()) {
                assertTrue(math.boundingBox().height > 10 && math.boundingBox().width > 20, "a formula is drawn");
            }
            if (number == 4) {
                picture("tour-latent");
            }
        }
        turnTo(7);
        List<String> tokens = column(4);
        List<String> positions = column(5);
        assertEquals(5, tokens.size());
        assertTrue(Integer.parseInt(tokens.get(2)) < Integer.parseInt(tokens.get(1)), "latent decodes less: " + tokens);
        assertTrue(Integer.parseInt(positions.get(3)) > Integer.parseInt(positions.get(2)), "a round costs: " + positions);
        System.out.println("tour: answers " + column(2) + ", " + column(3) + ", tokens " + tokens + ", positions "
                + positions + ", seconds " + column(6));
        List<ModeReport> runs = List.of(again("single", 1, Map.of()), again("text", 1, Map.of()),
                again("latent", 1, Map.of()), again("latent", 2, Map.of()),
                again("latent", 1, Map.of("critic->solver", "zero")));
        for (int i = 0; i < runs.size(); i++) {
            assertEquals(runs.get(i).answer.isEmpty() ? "\u2013" : runs.get(i).answer, column(2).get(i));
            assertEquals(runs.get(i).decodedTokens, Integer.parseInt(tokens.get(i)));
            assertEquals(runs.get(i).positions, Integer.parseInt(positions.get(i)));
        }
        page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.DARK));
        page.setViewportSize(390, 844);
        turnTo(4);
        page.locator("#tour .help").click();
        picture("tour-latent-dark-phone");
        page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.LIGHT));
        page.setViewportSize(1280, 900);
        page.click("#tour-problem");
        turnTo(7);
        page.click("#tour-run");
        page.click("#tab-run");
        page.click("#tab-learn");
        page.click("#tour-stop");
        page.waitForSelector("#tour-status:text('Stopped.')");
        playground.waitUntilIdle();
        assertTrue(column(2).contains("not run"), "stopped before its end");
    }
}
