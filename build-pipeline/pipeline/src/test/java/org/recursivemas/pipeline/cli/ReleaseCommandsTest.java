package org.recursivemas.pipeline.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.recursivemas.pipeline.Progress;
import org.recursivemas.pipeline.hub.FakeHub;
import org.recursivemas.pipeline.training.ClosedFormLinks;
import org.recursivemas.pipeline.links.TeamFiles;
import org.recursivemas.pipeline.links.ToyTeam;
import org.recursivemas.pipeline.release.ToyPackage;
import picocli.CommandLine;

/** The verbs around packages as a person types them. */
class ReleaseCommandsTest {
    @TempDir
    private Path folder;
    private String out;
    private String err;

    @Test
    void packageOfConvertedAndCompiledPartsIsSoundAndServed() throws Exception {
        ToyTeam toy = ToyTeam.write(folder);
        for (String agent : new String[] {"writer", "solver"}) {
            String source = folder.resolve("models/" + agent).toString();
            String model = folder.resolve("converted/" + agent).toString();
            assertEquals(0, run("convert", source, model, "-q", "q0f32", "--prefill-chunk", "32"), err);
            assertEquals(0, run("compile", model, folder.resolve("converted/" + agent + ".wasm").toString()), err);
        }
        TeamFiles.writeLinks(folder.resolve("recursivelink.json"), ClosedFormLinks.run(
                toy.options(ClosedFormLinks.Form.LINEAR, 2), Progress.NONE).links());
        Path team = folder.resolve("team.json");
        Files.writeString(team, Files.readString(team).replace("models/", "converted/"));
        Path made = folder.resolve("made");
        assertEquals(2, run("package", team.toString(), made.toString()));
        assertEquals(0, run("package", team.toString(), made.toString(), "--licence", "MIT"), err);
        assertTrue(out.contains("team toy"), out);
        assertEquals(1, run("package", team.toString(), made.toString(), "--licence", "MIT"));
        assertTrue(err.contains("--overwrite"), err);
        assertEquals(0, run("package", team.toString(), made.toString(), "--licence", "MIT", "--overwrite"), err);
        assertEquals(0, run("verify", made.toString()), err);
        try (StaticServer server = StaticServer.start(made, 0, true)) {
            assertEquals(0, run("verify", server.address().toString()), err);
            assertTrue(out.contains("libraries, weights and links fit"), out);
            HttpRequest request = HttpRequest.newBuilder(server.address().resolve("team.json")).build();
            assertEquals("*", HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).headers()
                    .firstValue("access-control-allow-origin").orElse(""));
        }
        Files.writeString(made.resolve("team.json"), "{}");
        assertEquals(1, run("verify", made.toString()));
        assertTrue(err.contains("team.json") && out.contains("1 things are wrong"), err + out);
    }

    @Test
    void oneModelNeedsItsLibrary() throws IOException {
        Path model = folder.resolve("model");
        assertEquals(1, run("package", Files.createDirectories(model).toString(), folder.resolve("made").toString(),
                "--licence", "MIT"));
        assertTrue(err.contains("--library"), err);
    }

    @Test
    void fetchedCheckpointIsThatOfTheHub() throws IOException {
        ToyTeam.write(folder);
        try (FakeHub fake = new FakeHub()) {
            FakeHub.Repository repository = new FakeHub.Repository();
            byte[] weights = Files.readAllBytes(folder.resolve("models/writer/model.safetensors"));
            repository.files.put("model.safetensors", weights);
            fake.repositories.put("maker/tiny", repository);
            Path target = folder.resolve("fetched");
            assertEquals(0, run("fetch", "maker/tiny", target.toString(), "--endpoint", fake.address().toString()), err);
            assertTrue(out.contains("licence on its card: apache-2.0"), out);
            assertArrayEquals(weights, Files.readAllBytes(target.resolve("model.safetensors")));
            assertEquals(1, run("fetch", "maker/none", target.toString(), "--endpoint", fake.address().toString()));
            assertTrue(err.contains("Check the id") && err.lines().count() == 1, err);
            assertEquals(1, run("fetch", "maker/tiny", target.toString(), "--endpoint", "nowhere"));
            assertEquals(2, run("fetch", "maker/tiny"));
        }
    }

    @Test
    void publishingDryNamesWhatWouldTravel() throws IOException {
        Path made = ToyPackage.copyTo(folder);
        try (FakeHub fake = new FakeHub()) {
            assertEquals(0, run("publish", made.toString(), "hf:maker/team", "--dry-run", "--endpoint",
                    fake.address().toString()), err);
            assertTrue(out.contains("would upload team.json") && out.contains("(to be made)"), out);
            assertEquals(1, run("publish", made.toString(), "maker/team", "--dry-run"));
            assertTrue(err.contains("hf:OWNER/NAME"), err);
        }
    }

    private int run(String... arguments) {
        StringWriter outText = new StringWriter();
        StringWriter errText = new StringWriter();
        CommandLine line = Main.commandLine().setOut(new PrintWriter(outText)).setErr(new PrintWriter(errText));
        int code = line.execute(arguments);
        out = outText.toString();
        err = errText.toString();
        return code;
    }
}
