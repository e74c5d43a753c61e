package org.recursivemas.pipeline.site;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.recursivemas.data.AgentSpec;
import org.recursivemas.pipeline.InputException;
import org.recursivemas.pipeline.twin.ModelFolder;

/** What a site is made of, with a builder that only copies: the real ones have tests of their own. */
class SiteAssemblerTest {
    @TempDir
    private Path folder;
    private int conversions;
    private boolean broken;

    @BeforeEach
    void inputs() throws IOException {
        write("page/index.html", "<link href=\"styles/page.css\"><script src=\"app.js\"></script>"
                + "<a href=\"https://example.org/\">elsewhere</a><a href=\"#main\">here</a>");
        write("page/styles/page.css", "body {}");
        write("page/.hidden", "not for the site");
        write("scripts/app.js", "main();");
        write("demo/links/recursivelink.json", "{}");
        write("demo/team.json", "{\"format\": \"recursivemas.team\", \"version\": 1, \"id\": \"demo\", \"description\": \"kept\","
                + " \"links\": \"links/recursivelink.json\", \"agents\": ["
                + "{\"id\": \"planner\", \"model\": \"agents/planner\", \"hidden_size\": 8},"
                + "{\"id\": \"solver\", \"model\": \"agents/solver\"}]}");
        for (String agent : List.of("planner", "solver")) {
            write("demo/agents/" + agent + "/config.json", "{}");
            write("demo/agents/" + agent + "/model.safetensors", "weights of " + agent);
        }
    }

    @Test
    void pathsInTheTeamFileLeadToModelsAndLibraries() throws IOException {
        assertTrue(assembler().assemble());

        JsonNode team = team();
        assertEquals("kept", team.get("description").asText());
        assertEquals("recursivelink.json", team.get("links").asText());
        assertEquals(8, team.get("agents").get(0).get("hidden_size").asInt());
        for (JsonNode agent : team.get("agents")) {
            Path base = folder.resolve("site/models/demo");
            String model = agent.get("model").asText();
            assertTrue(model.matches(agent.get("id").asText() + "/resolve/[0-9a-f]{12}/"), model);
            assertEquals("weights of " + agent.get("id").asText(),
                    Files.readString(base.resolve(model).resolve("params_shard_0.bin")));
            assertTrue(Files.isRegularFile(base.resolve(agent.get("library").asText())));
        }
        assertTrue(Files.isRegularFile(folder.resolve("site/styles/page.css")));
        assertFalse(Files.exists(folder.resolve("site/.hidden")));
    }

    @Test
    void nothingIsDoneWhenNothingChanged() throws IOException {
        assertTrue(assembler().assemble());
        assertFalse(assembler().assemble());
        assertEquals(2, conversions);
    }

    @Test
    void aChangedPageDoesNotConvertModelsAgain() throws IOException {
        assembler().assemble();
        write("page/styles/page.css", "body { color: red }");
        assertTrue(assembler().assemble());
        assertEquals(2, conversions);
        assertEquals("body { color: red }", Files.readString(folder.resolve("site/styles/page.css")));
    }

    @Test
    void aChangedCheckpointGetsANewUrlAndTheOthersKeepTheirs() throws IOException {
        assembler().assemble();
        JsonNode before = team().get("agents");
        write("demo/agents/solver/model.safetensors", "better weights");
        assertTrue(assembler().assemble());
        JsonNode after = team().get("agents");
        assertEquals(3, conversions);
        assertEquals(before.get(0).get("model"), after.get(0).get("model"));
        assertNotEquals(before.get(1).get("model"), after.get(1).get("model"));
        assertFalse(Files.exists(folder.resolve("site/models/demo/" + before.get(1).get("model").asText())));
    }

    @Test
    void aFailureLeavesTheOldSiteAsItWas() throws IOException {
        assembler().assemble();
        JsonNode before = team();
        write("demo/agents/solver/model.safetensors", "better weights");
        broken = true;
        assertThrows(InputException.class, () -> assembler().assemble());
        assertEquals(before, team());
        try (Stream<Path> left = Files.list(folder)) {
            assertTrue(left.noneMatch(path -> path.getFileName().toString().contains("partial")));
        }
        broken = false;
        assertTrue(assembler().assemble());
    }

    @Test
    void aMissingCheckpointIsNamed() throws IOException {
        Files.delete(folder.resolve("demo/agents/solver/config.json"));
        InputException error = assertThrows(InputException.class, () -> assembler().assemble());
        assertTrue(error.getMessage().contains("agents/solver/config.json"), error.getMessage());
        assertTrue(error.getMessage().contains("solver is missing"), error.getMessage());
        assertFalse(Files.exists(folder.resolve("site")));
    }

    @Test
    void linksOfOtherWeightsAreRefused() throws IOException {
        String digest = ModelFolder.checkpointSha256(folder.resolve("demo/agents/solver"));
        write("demo/links/recursivelink.json", "{\"agents\": {\"solver\": \"" + digest + "\"}}");
        assertTrue(assembler().assemble());
        write("demo/agents/solver/model.safetensors", "better weights");
        InputException error = assertThrows(InputException.class, () -> assembler().assemble());
        assertTrue(error.getMessage().contains("agents.solver"), error.getMessage());
        assertTrue(error.getMessage().contains(digest), error.getMessage());
    }

    @Test
    void aTeamFileThatIsNotJsonIsNamed() throws IOException {
        write("demo/team.json", "{\n \"format\": oops}");
        InputException error = assertThrows(InputException.class, () -> assembler().assemble());
        assertTrue(error.getMessage().contains("team.json"), error.getMessage());
        assertTrue(error.getMessage().contains("line 2"), error.getMessage());
    }

    @Test
    void aScriptThatThePageNamesButNobodyMadeIsAnError() throws IOException {
        Files.delete(folder.resolve("scripts/app.js"));
        InputException error = assertThrows(InputException.class, () -> assembler().assemble());
        assertTrue(error.getMessage().contains("app.js"), error.getMessage());
        assertFalse(Files.exists(folder.resolve("site")));
    }

    @Test
    void aPathOutOfTheDemoFolderIsAnError() throws IOException {
        write("demo/team.json", Files.readString(folder.resolve("demo/team.json")).replace("agents/solver", "../page"));
        InputException error = assertThrows(InputException.class, () -> assembler().assemble());
        assertTrue(error.getMessage().contains("../page"), error.getMessage());
    }

    @Test
    void aReferenceToTheRootOfTheHostIsAnError() throws IOException {
        write("page/index.html", "<script src=\"/app.js\"></script>");
        InputException error = assertThrows(InputException.class, () -> assembler().assemble());
        assertTrue(error.getMessage().contains("/app.js"), error.getMessage());
    }

    private SiteAssembler assembler() {
        AgentBuilder builder = new AgentBuilder() {
            @Override
            public String quantization() {
                return "q0f32";
            }

            @Override
            public void convert(AgentSpec agent, Path checkpoint, Path model) {
                conversions++;
                copy(checkpoint.resolve("model.safetensors"), model.resolve("params_shard_0.bin"));
            }

            @Override
            public void compile(AgentSpec agent, Path checkpoint, Path library) {
                if (broken) {
                    throw new InputException(checkpoint, "config.json", "unknown architecture", "Take another");
                }
                copy(checkpoint.resolve("config.json"), library);
            }
        };
        return new SiteAssembler(folder.resolve("page"), List.of(folder.resolve("scripts")), folder.resolve("demo"),
                folder.resolve("site"), folder.resolve("work"), builder, line -> { });
    }

    private JsonNode team() throws IOException {
        return new ObjectMapper().readTree(folder.resolve("site/models/demo/team.json").toFile());
    }

    private void write(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private static void copy(Path from, Path to) {
        try {
            Files.createDirectories(to.getParent());
            Files.copy(from, to);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
