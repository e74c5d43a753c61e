package org.recursivemas.pipeline.recipe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.recursivemas.pipeline.InputException;
import org.recursivemas.pipeline.Progress;
import org.recursivemas.pipeline.convert.StagedFolder;
import org.recursivemas.pipeline.hub.FakeHub;
import org.recursivemas.pipeline.hub.HubHttp;
import org.recursivemas.pipeline.hub.HuggingFace;
import org.recursivemas.pipeline.hub.Retries;
import org.recursivemas.pipeline.links.ToyTeam;
import org.recursivemas.pipeline.release.PackageFiles;
import org.recursivemas.pipeline.release.PackageVerifier;
import org.recursivemas.pipeline.training.TrainingListener;

class BuildTest {
    private static final String HEAD = """
            format: recursivemas.recipe
            version: 1
            licence: MIT
            team: team.json
            quantization: q0f32
            prefill_chunk: 32
            """;
    private static final String MADE_LINKS = HEAD + """
            links:
              closed_form: {tasks: tasks.jsonl, problems: 20, check_problems: 5}
            evaluate: {tasks: tasks.jsonl, problems: 2, modes: [latent], rounds: [1]}
            """;

    @TempDir
    private Path folder;
    private ToyTeam toy;
    private final List<String> log = new ArrayList<>();
    private int stepsDone;
    private int stopAfter = Integer.MAX_VALUE;
    private final TrainingListener training = new TrainingListener() {
        @Override
        public void note(String line) {
            log.add(line);
        }

        @Override
        public void step(int step, int steps, double loss, int rounds, int latentSteps) {
            stepsDone = step;
        }

        @Override
        public void measured(int step, int steps, double loss, double accuracy, boolean best) {
            log.add("measured after " + step);
        }
    };

    @BeforeEach
    void team() throws IOException {
        toy = ToyTeam.write(folder);
        recipe(MADE_LINKS);
    }

    @Test
    void everythingIsMadeOnceAndTheResultIsSound() throws IOException {
        assertTrue(build(true));
        assertEquals(List.of("to do", "to do", "to do", "to do", "to do"), states());
        assertFalse(Files.exists(out()));
        assertTrue(build(false));
        PackageVerifier.Result result = PackageVerifier.verify(PackageFiles.of(out()), Progress.NONE);
        assertEquals(List.of(), result.findings());
        assertEquals("MIT", result.manifest().licence());
        assertEquals("evaluation.json", result.manifest().evaluation());
        String card = Files.readString(out().resolve("README.md"));
        assertTrue(card.startsWith("---\nlicense: mit\n") && card.contains("| latent |"), card);
        JsonNode team = json(out().resolve("team.json"));
        for (JsonNode agent : team.get("agents")) {
            String id = agent.get("id").asText();
            assertTrue(agent.get("model").asText().matches(id + "/resolve/[0-9a-f]{12}/"), agent.toString());
            assertTrue(agent.get("library").asText().matches("libs/" + id + "-q0f32\\.[0-9a-f]{12}\\.wasm"));
        }
        assertFalse(build(false));
        assertEquals(List.of("done", "done", "done", "done", "done"), states());
    }

    @Test
    void changedCheckpointIsMadeAnewAndTheOtherModelKeepsItsAddress() throws IOException {
        build(false);
        JsonNode before = json(out().resolve("team.json")).get("agents");
        new org.recursivemas.pipeline.twin.TinyCheckpoint(20, 2, 2, 1, 40, false, 99)
                .write(folder.resolve("models/solver"));
        build(true);
        assertEquals(List.of("done", "to do", "to do", "to do", "to do"), states());
        build(false);
        JsonNode after = json(out().resolve("team.json")).get("agents");
        assertEquals(before.get(0).get("model"), after.get(0).get("model"));
        assertNotEquals(before.get(1).get("model"), after.get(1).get("model"));
        try (Stream<Path> models = Files.list(folder.resolve("work/models"))) {
            assertEquals(2, models.count());
        }
    }

    @Test
    void failedStageKeepsWhatWasMadeBefore() throws IOException {
        Files.writeString(folder.resolve("models/solver/model.safetensors"), "not weights");
        assertThrows(InputException.class, () -> build(false));
        build(true);
        assertEquals(List.of("done", "to do", "to do", "to do", "to do"), states());
        assertFalse(Files.exists(out()));
    }

    @Test
    void linksOfOtherWeightsAreRefused() throws IOException {
        build(false);
        Files.copy(out().resolve("recursivelink.json"), folder.resolve("recursivelink.json"));
        new org.recursivemas.pipeline.twin.TinyCheckpoint(20, 2, 2, 1, 40, false, 99)
                .write(folder.resolve("models/solver"));
        recipe(HEAD + "links: {file: recursivelink.json}\n");
        String message = assertThrows(InputException.class, () -> build(false)).getMessage();
        assertTrue(message.contains("agents.solver") && message.contains("the links were made for weights"), message);
        assertEquals(List.of(), PackageVerifier.verify(PackageFiles.of(out()), Progress.NONE).findings());
    }

    /** A second team with a search tool, and links made for both. */
    private void secondTeam() throws IOException {
        ObjectNode links = (ObjectNode) json(out().resolve("recursivelink.json"));
        links.putArray("also_for").add("second");
        Files.writeString(folder.resolve("both.json"), links.toString());
        ObjectNode team = (ObjectNode) json(folder.resolve("team.json"));
        team.put("id", "second").put("title", "Second").putArray("tools").addObject().put("name", "find").put("kind", "search")
                .put("corpus", "words/a.json");
        Files.writeString(folder.resolve("second.json"), team.toString());
        Files.createDirectories(folder.resolve("words"));
        Files.writeString(folder.resolve("words/a.json"),
                "{\"format\":\"recursivemas.corpus\",\"version\":1,\"documents\":[\"one\"]}");
    }

    @Test
    void furtherTeamsAndTheirCorporaArePutIn() throws IOException {
        build(false);
        secondTeam();
        recipe(HEAD + "teams: [second.json]\nlinks: {file: both.json}\n");
        assertTrue(build(false));
        JsonNode second = json(out().resolve("second.json"));
        assertEquals(json(out().resolve("team.json")).get("agents"), second.get("agents"), "models and libraries are shared");
        assertEquals("recursivelink.json", second.get("links").asText());
        assertTrue(Files.exists(out().resolve("words/a.json")));
        assertEquals(List.of(), PackageVerifier.verify(PackageFiles.of(out()), Progress.NONE).findings());
        Files.writeString(folder.resolve("words/a.json"),
                "{\"format\":\"recursivemas.corpus\",\"version\":1,\"documents\":[]}");
        String empty = assertThrows(InputException.class, () -> build(false)).getMessage();
        assertTrue(empty.contains("words/a.json") && empty.contains("documents: is empty"), empty);
        Files.delete(folder.resolve("words/a.json"));
        String missing = assertThrows(InputException.class, () -> build(false)).getMessage();
        assertTrue(missing.contains("words/a.json") || missing.contains("corpus"), missing);
    }

    @Test
    void linksThatAFurtherTeamCannotUseAreRefused() throws IOException {
        build(false);
        secondTeam();
        Files.copy(out().resolve("recursivelink.json"), folder.resolve("recursivelink.json"));
        recipe(HEAD + "teams: [second.json]\nlinks: {file: recursivelink.json}\n");
        String message = assertThrows(InputException.class, () -> build(false)).getMessage();
        assertTrue(message.contains("recursivelink.json") && message.contains("second"), message);
    }

    @Test
    void checkpointsComeFromTheHubOnceAndAreSharedByTheirAgents() throws IOException {
        try (FakeHub fake = new FakeHub()) {
            FakeHub.Repository repository = new FakeHub.Repository();
            repository.commit = "c".repeat(40);
            for (String name : List.of("config.json", "model.safetensors", "tokenizer.json")) {
                repository.files.put(name, Files.readAllBytes(folder.resolve("models/writer").resolve(name)));
            }
            fake.repositories.put("maker/tiny", repository);
            Path teamFile = folder.resolve("team.json");
            Files.writeString(teamFile, Files.readString(teamFile).replaceAll("\"hidden_size\" *: *20", "\"hidden_size\": 24"));
            String source = "{source: {hub: maker/tiny, revision: " + "c".repeat(40) + "}}";
            recipe(MADE_LINKS + "agents:\n  writer: " + source + "\n  solver: " + source + "\n");
            build(fake, true);
            assertEquals(List.of("to do", "to do", "to do", "to do", "to do"), states());
            assertTrue(log.get(0).contains("fetch maker/tiny"), log.get(0));
            build(fake, false);
            JsonNode manifest = json(out().resolve("manifest.json"));
            assertEquals(1, manifest.get("models").size());
            assertEquals("[\"writer\",\"solver\"]", manifest.get("models").get(0).get("agents").toString());
            assertEquals("c".repeat(40), manifest.get("models").get(0).get("source").get("commit").asText());
            fake.requests.clear();
            assertFalse(build(fake, false));
            assertEquals(List.of(), fake.requests);
        }
    }

    @Test
    void stoppedTrainingGoesOnInTheNextBuild() throws IOException {
        recipe(HEAD + """
                links:
                  train: {tasks: tasks.jsonl, start: random, steps: 5, batch: 4, micro_batch: 2, rate: 1e-3,
                    latent_steps: [3, 5], check_problems: 4, final_problems: 4, checkpoint_every: 2, memory: 2,
                    end: {writer: "<|im_end|>"}}
                """);
        stopAfter = 3;
        assertThrows(Build.Stopped.class, () -> build(false));
        assertFalse(Files.exists(out()));
        stopAfter = Integer.MAX_VALUE;
        build(false);
        assertTrue(log.stream().anyMatch(line -> line.startsWith("to do   links") && line.contains("from a checkpoint")),
                log.toString());
        assertFalse(log.contains("measured after 0"), log.toString());
        assertEquals(List.of(), PackageVerifier.verify(PackageFiles.of(out()), Progress.NONE).findings());
        JsonNode links = json(out().resolve("recursivelink.json"));
        assertEquals("5", links.get("training").get("steps done").asText());
        assertTrue(links.get("training").get("messages").asText().contains("writer=<|im_end|>"));
        assertFalse(build(false));
        StagedFolder.delete(folder.resolve("work"));
        stepsDone = 0;
        build(false);
        assertTrue(log.contains("measured after 0"), log.toString());
        assertEquals(links.get("links"), json(out().resolve("recursivelink.json")).get("links"));
    }

    @Test
    void oneModelIsAPackageToo() throws IOException {
        recipe("""
                {"format": "recursivemas.recipe", "version": 1, "name": "tiny", "licence": "MIT",
                 "quantization": "q4f16_1", "model": {"source": {"folder": "models/writer"}}}
                """);
        build(false);
        PackageVerifier.Result result = PackageVerifier.verify(PackageFiles.of(out()), Progress.NONE);
        assertEquals(List.of(), result.findings());
        JsonNode record = json(out().resolve("manifest.json")).get("models").get(0).get("webllm");
        assertEquals("tiny-q4f16_1", record.get("model_id").asText());
        assertEquals("[\"shader-f16\"]", record.get("required_features").toString());
        assertTrue(record.get("integrity").get("model_lib").asText().matches("sha256-[A-Za-z0-9+/]{43}="));
    }

    @Test
    void mistakesAreNamedWithTheirField() throws IOException {
        refused(MADE_LINKS.replace("licence: MIT\n", ""), "licence", "is missing");
        refused(MADE_LINKS.replace("prefill_chunk", "prefil_chunk"), "prefil_chunk", "prefill_chunk");
        refused(MADE_LINKS.replace("q0f32", "q5"), "quantization", "q4f16_1");
        refused(MADE_LINKS.replace("team.json", "tam.json"), "team", "tam.json");
        refused(MADE_LINKS + "agents: {nobody: {source: {folder: models/writer}}}\n", "agents.nobody", "no such agent");
        refused(MADE_LINKS + "agents: {writer: {source: {hub: a/b}}}\n", "agents.writer.source.revision", "commit");
        refused(HEAD + "links: {}\n", "links", "exactly one");
        refused(HEAD + "links: {file: a.json, train: {tasks: tasks.jsonl}}\n", "links", "exactly one");
        refused(HEAD + "links: {train: {tasks: tasks.jsonl, latent_steps: []}}\n", "links.train.latent_steps");
        refused(HEAD + "links: {train: {tasks: tasks.jsonl, steps: -1}}\n", "steps", "-1");
        refused(HEAD + "links: {import: [{source: tasks.jsonl, from: nobody}]}\n", "links.import[0].from", "nobody");
        refused(HEAD + "links: {import: [{from: writer}]}\n", "links.import[0].source", "is missing");
        refused(MADE_LINKS + "licence: MIT\n", "line", "uplicate");
        refused("", "recipe.yaml", "No content");
    }

    private void refused(String text, String... parts) throws IOException {
        recipe(text);
        String message = assertThrows(InputException.class, () -> build(false)).getMessage();
        for (String part : parts) {
            assertTrue(message.contains(part), message);
        }
    }

    private void recipe(String text) throws IOException {
        Files.writeString(folder.resolve("recipe.yaml"), text);
    }

    private boolean build(boolean planOnly) {
        return build(null, planOnly);
    }

    private boolean build(FakeHub fake, boolean planOnly) {
        log.clear();
        Retries retries = new Retries(2, Duration.ofMillis(1), Duration.ofSeconds(1), Duration.ofSeconds(20), wait -> { });
        return Build.run(new Build.Options(folder.resolve("recipe.yaml"), out(), folder.resolve("work"), 2, 2), planOnly,
                () -> {
                    URI address = fake.address();
                    return new HuggingFace(address, new HubHttp(null, "HF_TOKEN", Set.of(address), retries, log::add));
                }, new Build.Watcher(Progress.NONE, training, log::add, work -> work.apply(() -> stepsDone >= stopAfter)));
    }

    private List<String> states() {
        return log.stream().filter(line -> line.startsWith("done ") || line.startsWith("to do "))
                .map(line -> line.substring(0, 5).strip()).toList();
    }

    private Path out() {
        return folder.resolve("out");
    }

    private static JsonNode json(Path file) throws IOException {
        return new ObjectMapper().readTree(file.toFile());
    }
}
