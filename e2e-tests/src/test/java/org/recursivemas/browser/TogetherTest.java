package org.recursivemas.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.APIResponse;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.Worker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.recursivemas.data.ModeReport;
import org.recursivemas.tasks.StoryProblem;

/**
 * The shipped team in two and three browser contexts over real data channels: one room through its life, in this order.
 * Leaves pictures in target/pictures and prints what hand-offs cost.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class TogetherTest {
    private static final Path PICTURES = Path.of("target", "pictures");
    private static final int ROUNDS = 2;
    private static final int STEPS = 32;
    private static final StoryProblem PROBLEM = Prompts.problems(61, 1).get(0);
    /** Keeps the data channels that a host opens, so that a test can cut them. */
    private static final String KEEP_CHANNELS = """
            self.channels = [];
            self.connections = [];
            const create = RTCPeerConnection.prototype.createDataChannel;
            RTCPeerConnection.prototype.createDataChannel = function (...values) {
              const channel = create.apply(this, values);
              self.channels.push(channel);
              self.connections.push(this);
              return channel;
            };
            """;

    private static BrowserSession session;
    private static ModeReport alone;
    private static final List<Browser> ALL = new ArrayList<>();
    private static Browser host;
    private static Browser first;

    /** One browser of the room: a context of its own. */
    private static final class Browser {
        final BrowserSession.OpenPage open = session.newPage();
        final Page page = open.page();

        Browser() {
            ALL.add(this);
            page.addInitScript(KEEP_CHANNELS);
        }

        Browser visit(String address) {
            page.navigate(address);
            page.waitForFunction("() => window.recursivemas && document.getElementById('together-role-solver')");
            return this;
        }

        void choose(String name, String... agents) {
            page.fill("#together-name", name);
            for (String agent : agents) {
                page.check("#together-role-" + agent);
            }
        }

        /** The link of a new invitation. */
        String invite() {
            page.click("#together-invite");
            page.waitForFunction("() => document.getElementById('together-link').value");
            return page.inputValue("#together-link");
        }

        String reply() {
            page.click("#together-join");
            page.waitForSelector("#together-reply-code:visible");
            return page.inputValue("#together-reply-code");
        }

        void accept(String reply) {
            page.fill("#together-reply", reply);
            page.click("#together-connect");
        }

        void awaitText(String id, String text) {
            page.waitForFunction("([id, text]) => document.getElementById(id).textContent.includes(text)",
                    List.of(id, text));
        }

        void awaitSeat(String agent, String state) {
            page.waitForFunction("([agent, state]) => [...document.querySelectorAll('#together-seats tbody tr')].some("
                    + "row => row.cells[0].textContent === agent && row.cells[2].textContent.startsWith(state))",
                    List.of(agent, state));
        }

        List<List<String>> rows(String table) {
            return page.locator("#" + table + " tbody tr").all().stream()
                    .map(row -> row.locator("td").allTextContents()).toList();
        }

        void start(int rounds, int steps, String encoding) {
            page.fill("#together-problem", PROBLEM.question());
            page.fill("#together-rounds", "" + rounds);
            page.fill("#together-steps", "" + steps);
            page.selectOption("#together-encoding", encoding);
            page.click("#together-run");
        }

        void picture(String name) {
            page.locator("#together").screenshot(new Locator.ScreenshotOptions().setPath(PICTURES.resolve(name)));
        }

        void close() {
            page.close();
            open.close();
            ALL.remove(this);
        }
    }

    @BeforeAll
    static void open() throws IOException {
        Files.createDirectories(PICTURES);
        // Browsers of one network find each other by multicast names; a test machine may have no multicast.
        session = new BrowserSession(Chromium.Gpu.CPU, List.of("--disable-features=WebRtcHideLocalIpsWithMdns"));
        try (PlaygroundPage playground = new PlaygroundPage(session)) {
            alone = playground.run(PROBLEM.question(), PROBLEM.answer(), ROUNDS, STEPS, List.of("latent")).modes.get(0);
        }
        assertFalse(alone.text.isEmpty());
    }

    @AfterAll
    static void nothingWentWrongAndNothingCameFromElsewhere() {
        List<String> errors = new ArrayList<>();
        List<String> foreign = new ArrayList<>();
        for (Browser browser : ALL) {
            errors.addAll(browser.open.errors());
            foreign.addAll(browser.open.foreignRequests());
        }
        session.close();
        assertEquals(List.of(), errors);
        assertEquals(List.of(), foreign);
    }

    /** Everybody sees the run end, with the text of the run on one page. */
    private static void assertSameAnswer(Browser... browsers) {
        for (Browser browser : browsers) {
            browser.awaitText("together-status", "Done");
            assertEquals(alone.text, browser.page.textContent("#together-text"));
            assertEquals("Answer: " + alone.answer, browser.page.textContent("#together-answer"));
            assertEquals("Question: " + PROBLEM.question(), browser.page.textContent("#together-question"));
        }
    }

    private static void start(int rounds, int steps, String encoding, Browser... browsers) {
        host.start(rounds, steps, encoding);
        for (Browser browser : browsers) {
            browser.awaitText("together-status", "Running");
        }
    }

    @Test
    @Order(1)
    void twoBrowsersMeetByALinkAndAReply() {
        host = new Browser().visit(session.url() + "#together");
        host.choose("Hana", "planner");
        host.page.click("#together-create");
        String link = host.invite();
        assertTrue(link.startsWith(session.url() + "#together="), link);
        first = new Browser().visit(link);
        assertTrue(first.page.isVisible("#together-invitation"), "an invitation leads to its section");
        first.choose("Gerd", "critic", "solver");
        host.accept(first.reply());
        for (Browser browser : List.of(host, first)) {
            browser.awaitSeat("Planner", "ready");
            browser.awaitSeat("Critic", "ready");
            browser.awaitSeat("Solver", "ready");
        }
    }

    @Test
    @Order(2)
    void twoBrowsersWriteWhatOneWritesInEveryEncoding() {
        for (String encoding : List.of("f32", "f16", "int8")) {
            start(ROUNDS, STEPS, encoding, host, first);
            assertSameAnswer(host, first);
            List<List<String>> hops = first.rows("together-hops");
            assertEquals(5, hops.size(), hops.toString());
            for (List<String> hop : hops) {
                String[] shape = hop.get(3).split(" \u00d7 ");
                int numbers = Integer.parseInt(shape[0]) * Integer.parseInt(shape[1]);
                assertEquals(STEPS, Integer.parseInt(shape[0]));
                assertEquals(encoding.equals("f32") ? 4 * numbers : encoding.equals("f16") ? 2 * numbers
                        : numbers + 4 * STEPS, Integer.parseInt(hop.get(4)), hop.toString());
            }
            System.out.println(encoding + " " + hops + ", " + host.page.textContent("#together-status"));
        }
        host.picture("together-host.png");
        first.picture("together-guest.png");
    }

    @Test
    @Order(3)
    void aGuestStopsTheRunForAll() {
        start(5, 80, "f32", host, first);
        first.page.waitForSelector("#together-stages tbody tr");
        first.page.click("#together-stop");
        for (Browser browser : List.of(host, first)) {
            browser.awaitText("together-status", "Stopped");
            assertEquals("", browser.page.textContent("#together-answer"));
        }
    }

    @Test
    @Order(4)
    void aGuestThatWasCutOffComesBackAndTheRunGoesOn() {
        List<String> workers = first.page.workers().stream().map(Worker::url).toList();
        start(ROUNDS, STEPS, "f16", host, first);
        host.page.waitForSelector("#together-stages tbody tr");
        host.page.evaluate("() => self.channels.at(-1).close()");
        first.awaitText("together-status", "Not connected");
        assertTrue(first.page.textContent("#together-fault").contains("join again with a new invitation"),
                first.page.textContent("#together-fault"));
        host.awaitSeat("Solver", "away");
        first.page.fill("#together-invitation", host.invite());
        host.accept(first.reply());
        assertSameAnswer(host, first);
        assertEquals(workers, first.page.workers().stream().map(Worker::url).toList(), "its models were loaded again");
    }

    @Test
    @Order(5)
    void whoHasOtherWeightsIsRefusedWithTheReason() {
        Browser other = new Browser();
        other.page.route("**/planner/**/tensor-cache.json", route -> {
            APIResponse response = route.fetch();
            route.fulfill(new Route.FulfillOptions().setResponse(response).setBody(response.text() + "\n"));
        });
        other.visit(host.invite());
        other.choose("Olga", "planner");
        host.accept(other.reply());
        other.awaitText("together-fault", "The host has refused: The models differ: planner's model");
        other.picture("together-refused.png");
        host.awaitText("together-fault", "Olga was refused: The models differ");
        other.close();
    }

    @Test
    @Order(6)
    void threeBrowsersGoOnWhenOneIsClosedAndAnotherTakesItsPlace() {
        first.page.click("#together-leave");
        host.awaitSeat("Critic", "away");
        first.page.uncheck("#together-role-solver");
        first.page.fill("#together-invitation", host.invite());
        host.accept(first.reply());
        Browser second = join("Susi", "solver");
        host.awaitSeat("Critic", "ready");
        host.awaitSeat("Solver", "ready");
        start(ROUNDS, STEPS, "f32", host, first, second);
        second.page.waitForSelector("#together-hops tbody tr");
        long start = System.nanoTime();
        second.close();
        host.awaitSeat("Solver", "away");
        System.out.println("a closed browser is missed after " + (System.nanoTime() - start) / 1_000_000 + " ms");
        Browser third = join("Tom", "solver");
        assertSameAnswer(host, first, third);
        List<String> players = third.page.locator("#together-stages tbody td:nth-child(3)").allTextContents();
        assertTrue(players.containsAll(List.of("Hana", "Gerd", "Tom")), players.toString());
        third.picture("together-three.png");
    }

    /** A new browser in the room. */
    private static Browser join(String name, String... agents) {
        Browser browser = new Browser().visit(host.invite());
        browser.choose(name, agents);
        host.accept(browser.reply());
        return browser;
    }

    @Test
    @Order(7)
    void aRoomThatIsLeftIsOverForAll() {
        host.page.click("#together-leave");
        first.awaitText("together-status", "Not connected");
        assertTrue(host.page.isVisible("#together-create"));
    }

    @Test
    @Order(8)
    void serversThatAPersonNamesAreAskedForTheWayOut() throws IOException {
        Page page = host.page;
        assertEquals(List.of(), page.evaluate("() => connections.at(-1).getConfiguration().iceServers"), "none unasked");
        page.click("#together-create");
        page.waitForSelector("#together-invite:visible");
        page.click("#together details summary >> visible=true");
        page.fill("#together-servers", "turn:relay.example:3478");
        page.click("#together-invite");
        host.awaitText("together-notice", "turn:host:port user password");
        try (StunServer stun = new StunServer()) {
            page.fill("#together-servers", "stun:" + stun.address());
            host.invite();
            String offer = (String) page.evaluate("() => connections.at(-1).localDescription.sdp");
            assertTrue(offer.contains(StunServer.TOLD) && offer.contains("typ srflx"), offer);
        }
        page.fill("#together-servers", "stun:stun.example:3478\nturn:127.0.0.1:9 Ann s3cret");
        int before = ((Number) page.evaluate("() => connections.length")).intValue();
        page.click("#together-invite");
        page.waitForFunction("before => connections.length > before", before);
        assertEquals("[[\"stun:stun.example:3478\"],[\"turn:127.0.0.1:9\",\"Ann\",\"s3cret\"]]", page.evaluate("() => JSON.stringify("
                + "connections.at(-1).getConfiguration().iceServers.map(server => [server.urls].flat().concat("
                + "server.username ? [server.username, server.credential] : [])))"));
    }
}
