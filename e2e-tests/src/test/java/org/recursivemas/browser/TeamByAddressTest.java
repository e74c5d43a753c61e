package org.recursivemas.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.microsoft.playwright.Page;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.recursivemas.data.RunReport;
import org.recursivemas.pipeline.Progress;
import org.recursivemas.pipeline.cli.StaticServer;
import org.recursivemas.pipeline.release.PackageVerifier;
import org.recursivemas.pipeline.release.ReleasedPackage;

/** The page opens a package that another server has. */
class TeamByAddressTest {
    @Test
    void packageOfAnotherServerIsVerifiedOpenedLoadedAndRun(@TempDir Path folder) throws IOException {
        copy(Site.teamFile().getParent(), folder);
        try (StaticServer server = StaticServer.start(folder, 0, true);
                BrowserSession session = new BrowserSession(Chromium.Gpu.CPU);
                BrowserSession.OpenPage open = session.newPage()) {
            String address = server.address().toString();
            assertEquals(List.of(), PackageVerifier.verify(ReleasedPackage.at(address, Map.of(), line -> { }), Progress.NONE)
                    .findings());
            Page page = open.page();
            page.navigate(session.url() + "?team=" + URLEncoder.encode(address, StandardCharsets.UTF_8));
            page.waitForFunction("() => window.recursivemas && document.getElementById('team-title')?.textContent");
            String report = (String) page.evaluate("() => window.recursivemas.run(JSON.stringify("
                    + "{problem: 'Ava has 13 pens. Ava buys 5 more. How many pens does Ava have now?', expected: '18',"
                    + " rounds: 1, latent_steps: 32, temperature: 0, modes: ['latent']}))");
            RunReport run = HeadlessRun.mapper().readValue(report, RunReport.class);
            assertTrue(run.modes.get(0).decodedTokens > 5 && !run.modes.get(0).answer.isBlank(), report);
            assertFalse(open.foreignRequests().isEmpty());
            assertTrue(open.foreignRequests().stream().allMatch(url -> url.startsWith(address)),
                    open.foreignRequests().toString());
            assertEquals(List.of(), open.errors());
            withoutReadableLinks(session, address, folder);
        }
    }

    /** Text needs no links. */
    private static void withoutReadableLinks(BrowserSession session, String address, Path folder) throws IOException {
        Files.writeString(folder.resolve("recursivelink.json"), "{\"format\": \"recursivemas.links\"");
        try (BrowserSession.OpenPage open = session.newPage()) {
            Page page = open.page();
            page.navigate(session.url() + "?team=" + URLEncoder.encode(address, StandardCharsets.UTF_8));
            page.waitForFunction("() => window.recursivemas && document.getElementById('team-title')?.textContent");
            String script = "([way, steps]) => window.recursivemas.run(JSON.stringify({problem: 'Ava has 13 pens. Ava buys 5 more."
                    + " How many pens does Ava have now?', expected: '18', rounds: 1, latent_steps: steps, temperature: 0,"
                    + " modes: [way]})).catch(error => 'refused: ' + error.message)";
            RunReport run = HeadlessRun.mapper().readValue((String) page.evaluate(script, List.of("text", 32)), RunReport.class);
            assertTrue(run.modes.get(0).correct, run.modes.get(0).answer);
            RunReport none = HeadlessRun.mapper().readValue((String) page.evaluate(script, List.of("latent", 0)), RunReport.class);
            assertEquals(0, none.modes.get(0).latentStepsTotal, "a latent run of no steps needs no links either");
            String refused = (String) page.evaluate(script, List.of("latent", 32));
            assertTrue(refused.startsWith("refused: ") && refused.contains("recursivelink.json"), refused);
        }
    }

    @Test
    void serverThatDoesNotShareIsExplained(@TempDir Path folder) throws IOException {
        ObjectNode team = (ObjectNode) new ObjectMapper().readTree(Site.teamFile().toFile());
        Files.writeString(folder.resolve("team.json"), team.toString());
        try (StaticServer server = StaticServer.start(folder, 0);
                BrowserSession session = new BrowserSession(Chromium.Gpu.CPU);
                BrowserSession.OpenPage open = session.newPage()) {
            Page page = open.page();
            page.navigate(session.url() + "?team=" + URLEncoder.encode(server.address().toString(), StandardCharsets.UTF_8));
            page.waitForFunction("() => document.getElementById('error-message')?.textContent.includes('CORS')");
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> walk = Files.walk(from)) {
            for (Path file : walk.toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                }
            }
        }
    }
}
