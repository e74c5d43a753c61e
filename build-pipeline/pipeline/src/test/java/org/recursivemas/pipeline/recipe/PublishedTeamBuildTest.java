package org.recursivemas.pipeline.recipe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
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
import org.recursivemas.pipeline.hub.FakeHub;
import org.recursivemas.pipeline.hub.HubHttp;
import org.recursivemas.pipeline.hub.HuggingFace;
import org.recursivemas.pipeline.hub.Retries;
import org.recursivemas.pipeline.release.PackageFiles;
import org.recursivemas.pipeline.release.PackageVerifier;
import org.recursivemas.pipeline.twin.TinyCheckpoint;

/** Packages of a published team, from a folder and from the hub. */
class PublishedTeamBuildTest {
    private static final String HEAD = """
            format: recursivemas.recipe
            version: 1
            licence: MIT
            quantization: q0f32
            context: 1024
            prefill_chunk: 32
            """;
    private static final String LIGHT = "Sequential-Light-";

    @TempDir
    private Path folder;
    private final List<String> log = new ArrayList<>();

    @BeforeEach
    void release() throws IOException {
        Path released = Path.of("src/test/resources/released/sequential-light");
        try (Stream<Path> files = Files.walk(released)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path copy = folder.resolve("release").resolve(released.relativize(file).toString());
                Files.createDirectories(copy.getParent());
                Files.copy(file, copy);
            }
        }
        checkpoint(16, 1, repository("Planner-Qwen3-1.7B"));
        checkpoint(16, 2, repository("Critic-Llama3.2-1B"));
        checkpoint(12, 3, repository("Solver-Qwen2.5-Math-1.5B"));
    }

    private Path repository(String name) {
        return folder.resolve("release").resolve(LIGHT + name);
    }

    private static void checkpoint(int width, long seed, Path target) throws IOException {
        new TinyCheckpoint(width, 2, 2, 1, 40, true, seed).write(target);
        Path config = target.resolve("config.json");
        Files.writeString(config, Files.readString(config).replaceAll("(\"max_position_embeddings\" *: *)512", "$14096"));
    }

    @Test
    void teamInAFolderBecomesAPackageInOneGo() throws IOException {
        Files.writeString(folder.resolve("tasks.jsonl"), "{\"question\": \"1 + 1?\", \"answer\": \"2\"}\n");
        recipe(HEAD + """
                published_team: {team: sequential-light, folder: release, rounds: 2, latent_steps: 4}
                evaluate: {tasks: tasks.jsonl, problems: 1, modes: [latent], rounds: [1], engine: pytorch, batch: 2}
                """);
        assertTrue(build(null));
        PackageVerifier.Result result = PackageVerifier.verify(PackageFiles.of(out()), Progress.NONE);
        assertEquals(List.of(), result.findings());
        JsonNode team = json(out().resolve("team.json"));
        assertEquals("sequential-light", team.get("id").asText());
        assertEquals("\\boxed{", team.get("answer_marker").asText());
        assertEquals(2, team.get("rounds").asInt());
        assertTrue(team.get("agents").get(2).get("model").asText().startsWith("solver/resolve/"));
        assertEquals(6, json(out().resolve("recursivelink.json")).get("links").size());
        assertEquals("evaluation.json", result.manifest().evaluation());
        assertFalse(build(null));
        checkpoint(12, 4, repository("Solver-Qwen2.5-Math-1.5B"));
        assertTrue(build(null));
        assertEquals(List.of("to do check", "to do team and links", "done model planner", "done model critic",
                "to do model solver", "to do evaluate", "to do package"), states());
    }

    @Test
    void teamOnTheHubIsFetchedImportedAndNotFetchedAgain() throws IOException {
        try (FakeHub hub = new FakeHub()) {
            char commit = 'a';
            for (String name : List.of("Planner-Qwen3-1.7B", "Critic-Llama3.2-1B", "Solver-Qwen2.5-Math-1.5B", "Outerlinks")) {
                put(hub, "RecursiveMAS/" + LIGHT + name, repository(name), commit++);
            }
            Path other = folder.resolve("other");
            checkpoint(16, 9, other);
            put(hub, "someone/other", other, 'e');
            recipe(HEAD + "published_team: {team: sequential-light, task: code, revisions: {planner: " + "a".repeat(40)
                    + ", critic: " + "b".repeat(40) + ", solver: " + "c".repeat(40) + ", links: " + "d".repeat(40) + "}}\n"
                    + "agents: {critic: {source: {hub: someone/other, revision: " + "e".repeat(40) + "}}}\n");
            assertTrue(build(hub));
            assertEquals(List.of("to do fetch links", "to do check", "to do fetch RecursiveMAS/Sequential-Light-Planner-Qwen3-1.7B",
                    "to do fetch someone/other", "to do fetch RecursiveMAS/Sequential-Light-Solver-Qwen2.5-Math-1.5B",
                    "to do team and links", "to do model planner", "to do model critic", "to do model solver",
                    "to do package"), states());
            assertEquals(List.of(), PackageVerifier.verify(PackageFiles.of(out()), Progress.NONE).findings());
            assertEquals("```", json(out().resolve("team.json")).get("answer_marker").asText());
            assertTrue(json(out().resolve("recursivelink.json")).get("training").get("trained_with_other_checkpoints").asText()
                    .contains("of critic"));
            JsonNode critic = json(out().resolve("manifest.json")).get("models").get(1);
            assertEquals("someone/other", critic.get("source").get("id").asText());
            assertFalse(hub.requests.stream().anyMatch(request -> request.contains("Critic") && request.contains("safetensors")),
                    hub.requests::toString);
            hub.requests.clear();
            assertFalse(build(hub));
            assertEquals(List.of(), hub.requests);
        }
    }

    private static void put(FakeHub hub, String id, Path content, char commit) throws IOException {
        FakeHub.Repository repository = new FakeHub.Repository();
        repository.commit = String.valueOf(commit).repeat(40);
        try (Stream<Path> files = Files.list(content)) {
            for (Path file : files.toList()) {
                repository.files.put(file.getFileName().toString(), Files.readAllBytes(file));
            }
        }
        hub.repositories.put(id, repository);
    }

    @Test
    void agentsThatCannotRunAreNamedBeforeAnyWeightIsFetched() throws IOException {
        try (FakeHub hub = new FakeHub()) {
            Path distillation = Path.of("src/test/resources/released/distillation");
            for (String name : List.of("Expert-Qwen3.5-9B", "Learner-Qwen3.5-4B", "Outerlinks")) {
                put(hub, "RecursiveMAS/Distillation-" + name, distillation.resolve("Distillation-" + name), 'a');
            }
            recipe(HEAD + "published_team: {team: distillation, revision: " + "a".repeat(40) + "}\n");
            String message = assertThrows(InputException.class, () -> build(hub)).getMessage();
            assertTrue(message.contains("agent expert") && message.contains("linear attention"), message);
            assertFalse(hub.requests.stream().anyMatch(request -> request.contains("tokenizer")), hub.requests::toString);
        }
    }

    @Test
    void mistakesAreNamedWithTheirField() throws IOException {
        String folderOf = HEAD + "published_team: {team: sequential-light, folder: release";
        refused(folderOf + "}\nlinks: {file: a.json}\n", "links", "brings its links");
        refused(folderOf + "}\nteam: team.json\n", "team, published_team, model");
        refused(folderOf + ", hub: Someone}\n", "published_team", "Remove folder");
        refused(folderOf + ", task: law}\n", "task law", "[math, code]");
        refused(HEAD + "published_team: {task: math}\n", "published_team.team", "is missing");
        refused(HEAD + "published_team: {team: parallel, folder: release}\n", "published_team.team parallel", "mixture");
        refused(HEAD + "published_team: {team: mixture, folder: nowhere}\n", "published_team.folder", "nowhere");
        refused(HEAD + "published_team: {team: mixture, revisions: {planner: main}}\n", "published_team.revisions.planner");
        refused(folderOf + "}\nagents: {judge: {quantization: q0f16}}\n", "agents.judge", "no such agent");
    }

    private void refused(String text, String... parts) throws IOException {
        recipe(text);
        String message = assertThrows(InputException.class, () -> build(null)).getMessage();
        for (String part : parts) {
            assertTrue(message.contains(part), message);
        }
    }

    private void recipe(String text) throws IOException {
        Files.writeString(folder.resolve("recipe.yaml"), text);
    }

    private boolean build(FakeHub fake) {
        log.clear();
        Retries retries = new Retries(2, Duration.ofMillis(1), Duration.ofSeconds(1), Duration.ofSeconds(20), wait -> { });
        return Build.run(new Build.Options(folder.resolve("recipe.yaml"), out(), folder.resolve("work"), 2, 2), false, () -> {
            URI address = fake.address();
            return new HuggingFace(address, new HubHttp(null, "HF_TOKEN", Set.of(address), retries, log::add));
        }, new Build.Watcher(Progress.NONE, null, log::add, work -> work.apply(() -> false)));
    }

    /** State and name of every stage. */
    private List<String> states() {
        return log.stream().filter(line -> line.startsWith("done ") || line.startsWith("to do "))
                .map(line -> line.substring(0, 8).strip() + " " + line.substring(8, line.indexOf(": ")).strip()).toList();
    }

    private Path out() {
        return folder.resolve("out");
    }

    private static JsonNode json(Path file) throws IOException {
        return new ObjectMapper().readTree(file.toFile());
    }
}
