package org.recursivemas.pipeline.imports;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.recursivemas.data.AgentSpec;
import org.recursivemas.data.FormatException;
import org.recursivemas.data.LinkEntry;
import org.recursivemas.data.LinkFile;
import org.recursivemas.data.Team;
import org.recursivemas.links.LinkWeights;
import org.recursivemas.pipeline.InputException;
import org.recursivemas.pipeline.Progress;
import org.recursivemas.pipeline.checkpoint.WeightDigest;
import org.recursivemas.pipeline.links.TeamFiles;

/** Imports of links and whole teams from miniature releases. */
class ImportVerbsTest {
    private static final String LIGHT = "Sequential-Light-";

    @TempDir
    private Path folder;
    private Path light;
    private Path output;
    private final Map<String, Path> replace = new LinkedHashMap<>();

    @BeforeEach
    void releases() throws IOException {
        light = folder.resolve("release");
        output = folder.resolve("team");
        copy(ReleasedLinkTest.RELEASED.resolve("sequential-light"), light);
        for (Path agent : agents(light)) {
            Files.writeString(agent.resolve("model.safetensors"), "weights of " + agent.getFileName());
        }
    }

    private static List<Path> agents(Path release) throws IOException {
        try (Stream<Path> folders = Files.list(release)) {
            return folders.filter(entry -> !entry.getFileName().toString().endsWith("Outerlinks")).sorted().toList();
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> walk = Files.walk(from)) {
            for (Path entry : walk.toList()) {
                Path target = to.resolve(from.relativize(entry).toString());
                if (Files.isDirectory(entry)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(entry, target);
                }
            }
        }
    }

    private TeamImport.Options options(String task, boolean linksOnly, boolean overwrite) {
        return new TeamImport.Options(light, output, null, task, null, null, null, null, Map.of(), replace, linksOnly, true,
                overwrite);
    }

    private String refused(TeamImport.Options options) {
        return assertThrows(InputException.class, () -> TeamImport.run(options, Progress.NONE)).getMessage();
    }

    private Path agent(String role) throws IOException {
        return agents(light).stream().filter(path -> path.getFileName().toString().startsWith(LIGHT + role)).findAny()
                .orElseThrow();
    }

    @Test
    void wholeTeamIsImportedWithOneCall() throws IOException {
        assertEquals(6, TeamImport.run(options("math", false, false), Progress.NONE).links());
        Team team = TeamFiles.team(output.resolve("team.json"));
        assertEquals("sequential-light", team.id);
        assertEquals(3, team.rounds);
        assertEquals(32, team.latentSteps);
        assertEquals("\\boxed{", team.answerMarker);
        assertEquals(List.of(16, 16, 12), team.agents.stream().map(agent -> agent.hiddenSize).toList());
        assertTrue(team.agents.get(0).chat.generation.contains("</think>"), team.agents.get(0).chat.generation);
        assertTrue(team.agents.get(1).chat.system.contains("Today Date: 26 Jul 2024"), team.agents.get(1).chat.system);
        assertTrue(team.agents.get(2).chat.user.startsWith("<|im_start|>user"), team.agents.get(2).chat.user);
        assertNotNull(team.agents.get(2).userAlone);
        LinkFile links = TeamFiles.links(output.resolve(team.links));
        assertTrue(links.weightsFile.matches("recursivelink\\.[0-9a-f]{12}\\.safetensors"), links.weightsFile);
        for (AgentSpec agent : team.agents) {
            Path checkpoint = output.resolve(agent.model).normalize();
            assertTrue(Files.exists(checkpoint.resolve("config.json")), agent.model);
            assertEquals(WeightDigest.ofCheckpoint(checkpoint), links.agents.get(agent.id));
        }
        Path file = light.resolve(LIGHT + "Outerlinks/Critic-Solver-Outerlink(math).pt");
        assertEquals(ReleasedLink.read(file, "x").weights().proj1[5],
                LinkWeights.decode(entry(links, "critic->solver")).proj1[5]);
        assertEquals("bf16", entry(links, "critic->solver").tensors.get("proj1.weight").dtype);
    }

    private static LinkEntry entry(LinkFile links, String id) {
        return links.links.stream().filter(link -> link.id.equals(id)).findAny().orElseThrow();
    }

    @Test
    void taskChoosesLinksPromptsAndSettings() {
        TeamImport.run(options("math", false, false), Progress.NONE);
        String math = entry(TeamFiles.links(output.resolve("recursivelink.json")), "planner").sha256;
        String refused = refused(options("code", false, false));
        assertTrue(refused.contains("--overwrite"), refused);
        TeamImport.run(options("code", false, true), Progress.NONE);
        assertFalse(math.equals(entry(TeamFiles.links(output.resolve("recursivelink.json")), "planner").sha256));
        Team team = TeamFiles.team(output.resolve("team.json"));
        assertEquals(48, team.latentSteps);
        assertEquals("```", team.answerMarker);
        assertTrue(team.agents.get(2).user.contains("code block"), team.agents.get(2).user);
        try (Stream<Path> files = Files.list(output)) {
            assertEquals(3, files.count()); // the older weights file is gone
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        assertTrue(refused(options("law", false, true)).contains("[math, code]"));
    }

    @Test
    void downloadCacheOfTheHubIsRead() throws IOException {
        Path cache = folder.resolve("cache");
        try (Stream<Path> repositories = Files.list(light)) {
            for (Path repository : repositories.toList()) {
                Path snapshot = cache.resolve("models--RecursiveMAS--" + repository.getFileName())
                        .resolve("snapshots/0123abcd");
                Files.createDirectories(snapshot.getParent());
                Files.move(repository, snapshot);
            }
        }
        light = cache;
        assertEquals(6, TeamImport.run(options("math", false, false), Progress.NONE).links());
    }

    @Test
    void promptsOfAFileReplaceTheUsualOnes() throws IOException {
        Path prompts = Files.writeString(folder.resolve("prompts.json"),
                "{\"critic\": {\"system\": \"S\", \"user\": \"{question} and {plan}\"}}");
        TeamImport.run(new TeamImport.Options(light, output, "sequential-light", "math", 2, 7, prompts, "Result:", Map.of(),
                Map.of(), false, false, false), Progress.NONE);
        Team team = TeamFiles.team(output.resolve("team.json"));
        assertEquals("{question} and {plan}", team.agents.get(1).user);
        assertEquals("S", team.agents.get(1).system);
        assertEquals(2, team.rounds);
        assertEquals(7, team.latentSteps);
        assertEquals("Result:", team.answerMarker);
        assertNull(TeamFiles.links(output.resolve("recursivelink.json")).weightsFile);
        Files.writeString(prompts, "{\"critic\": {\"user\": \"{question}\"}}");
        assertTrue(assertThrows(FormatException.class, () -> TeamImport.run(
                new TeamImport.Options(light, output, null, "math", 2, 7, prompts, null, Map.of(), Map.of(), false,
                false, true), Progress.NONE))
                .getMessage().contains("{plan} 0 times"));
        Files.writeString(prompts, "{\"judge\": {}}");
        String unknown = refused(new TeamImport.Options(light, output, null, "math", 2, 7, prompts, null, Map.of(),
                Map.of(), false,
                false, true));
        assertTrue(unknown.startsWith(prompts + ", judge"), unknown);
    }

    @Test
    void chatTemplateOfACheckpointDecidesAboutTheFormat() throws IOException {
        Files.writeString(agent("Solver").resolve("tokenizer_config.json"),
                "{\"chat_template\": \"{{ bos_token }}<\\uff5cUser\\uff5c>...\"}");
        Files.writeString(agent("Critic").resolve("chat_template.jinja"), "[INST] {{ message }} [/INST]");
        TeamImport.run(options("math", false, false), Progress.NONE);
        Team team = TeamFiles.team(output.resolve("team.json"));
        assertTrue(team.agents.get(2).chat.user.startsWith("<\uff5cUser\uff5c>"), team.agents.get(2).chat.user);
        assertTrue(team.agents.get(1).chat.user.endsWith("[/INST]"), team.agents.get(1).chat.user);
        Files.writeString(agent("Critic").resolve("chat_template.jinja"), "### Human: {{ message }}");
        assertTrue(refused(options("math", false, true)).contains("--prompts"));
    }

    @Test
    void unsupportedAgentsAreNamedWithTheReasonAndTheirLinksImportedAlone() {
        for (String name : List.of("mixture", "distillation")) {
            light = ReleasedLinkTest.RELEASED.resolve(name);
            String message = refused(options("math", false, true));
            assertTrue(message.contains("agent " + (name.equals("mixture") ? "summarizer" : "learner")), message);
            assertTrue(message.contains("linear attention") && message.contains("--links-only"), message);
            TeamImport.Result result = TeamImport.run(options("math", true, true), Progress.NONE);
            assertEquals(name.equals("mixture") ? 10 : 4, result.links());
            assertTrue(result.unsupported().get(name.equals("mixture") ? "summarizer" : "learner").contains("config.json"));
            LinkFile links = TeamFiles.links(output.resolve("recursivelink.json"));
            assertEquals(name, links.team);
            links.links.forEach(LinkWeights::decode);
            assertFalse(Files.exists(output.resolve("team.json")));
        }
    }

    @Test
    void anotherCheckpointOfTheSameWidthStandsInForAnAgentThatCannotRun() throws IOException {
        light = folder.resolve("mixture");
        copy(ReleasedLinkTest.RELEASED.resolve("mixture"), light);
        for (Path agent : agents(light)) {
            Files.writeString(agent.resolve("model.safetensors"), "weights");
        }
        String cannot = refused(options("math", false, false));
        assertTrue(cannot.contains("--replace summarizer=FOLDER with hidden size 16"), cannot);
        Path other = Files.createDirectories(folder.resolve("another"));
        Files.writeString(other.resolve("config.json"), Files.readString(
                light.resolve("Mixture-Science-BioMistral-7B/config.json")));
        Files.writeString(other.resolve("model.safetensors"), "other weights");
        replace.put("summarizer", other);
        String wide = refused(options("math", false, false));
        assertTrue(wide.contains("Replace it by a checkpoint of hidden size 16"), wide);
        Files.writeString(other.resolve("config.json"), Files.readString(
                light.resolve("Mixture-Code-Qwen2.5-Coder-3B/config.json")));
        assertEquals(10, TeamImport.run(options("math", false, false), Progress.NONE).links());
        Team team = TeamFiles.team(output.resolve("team.json"));
        assertEquals(List.of("math", "code", "science", "summarizer"), team.agents.stream().map(a -> a.id).toList());
        assertEquals(6, team.handOffs.size());
        assertEquals(other, output.resolve(team.agents.get(3).model).normalize());
        LinkFile links = TeamFiles.links(output.resolve("recursivelink.json"));
        assertEquals(WeightDigest.ofCheckpoint(other), links.agents.get("summarizer"));
        assertTrue(links.training.get("trained_with_other_checkpoints").contains("summarizer"));
        replace.put("judge", other);
        assertTrue(refused(options("math", false, true)).contains("no agent \"judge\""));
    }

    @Test
    void everyTaskOfEveryTeamHasPromptsThatFitItsGraph() throws IOException {
        ReleasedTeam.Catalogue catalogue = ReleasedTeam.catalogue();
        for (ReleasedTeam team : catalogue.teams) {
            team.tasks.forEach((name, task) -> {
                for (ReleasedTeam.Agent agent : team.agents) {
                    ReleasedTeam.Prompts prompts = task.prompts.get(agent.id);
                    String place = team.id + ", " + name + ", " + agent.id;
                    team.handOffs.stream().filter(edge -> edge.to.equals(agent.id)).forEach(edge -> {
                        String user = edge.feedback ? prompts.userFeedback : prompts.user;
                        assertEquals(2, user.split("\\{" + edge.slot + "}", -1).length, place);
                    });
                    boolean decides = team.handOffs.stream().noneMatch(edge -> edge.from.equals(agent.id) && !edge.feedback);
                    assertEquals(decides, prompts.userAlone != null, place);
                    String asked = task.answerMarker.equals("```") ? "code block" : "boxed";
                    assertTrue(!decides || prompts.user.contains(asked) && prompts.userAlone.contains(asked), place);
                }
            });
        }
    }

    @Test
    void whatDoesNotFitIsNamed() throws IOException {
        Path manifest = light.resolve(LIGHT + "Outerlinks/outerlink_config.json");
        String sound = Files.readString(manifest);
        for (String[] change : new String[][] {
            {"\"Planner-Critic-Outerlink(math).pt\"", "\"../../adapter.pt\"", "outer_12.filename"},
            {"\"Planner-Critic-Outerlink(math).pt\"", "\"/etc/passwd\"", "outer_12.filename"},
            {"\"Planner-Critic-Outerlink(math).pt\"", "\"Missing.pt\"", "Missing.pt"},
            {"\"in_dim\": 12", "\"in_dim\": 13", "outer_31.in_dim"}, {"\"outer_23\"", "\"outer_32\"", "outer_23"},
            {"outer_ln_res_adapter", "outer_ln_adapter", "adapter_type"}, {"\"math\"", "\"medicine\"", "tasks.math"}}) {
            assertTrue(sound.contains(change[0]), change[0]);
            Files.writeString(manifest, sound.replace(change[0], change[1]));
            String message = refused(options("math", false, false));
            assertTrue(message.contains(change[2]) && message.contains("Outerlinks"), message);
            assertFalse(Files.exists(output.resolve("team.json")));
            assertFalse(Files.exists(output.resolve("recursivelink.json")));
        }
        Files.writeString(manifest, sound);
        Files.delete(agent("Solver").resolve("model.safetensors"));
        assertTrue(refused(options("math", false, false)).contains("weights of agent solver"));
        Files.delete(agent("Solver").resolve("adapter(math).pt"));
        assertTrue(refused(options("math", false, false)).contains("adapter(math).pt"));
        String config = Files.readString(agent("Critic").resolve("config.json"));
        Files.writeString(agent("Critic").resolve("config.json"), config.replace("\"hidden_size\": 16",
                "\"hidden_size\": 32"));
        assertTrue(refused(options("math", false, false)).contains("agent critic has 32"));
        light = folder.resolve("nowhere");
        assertTrue(refused(options("math", false, false)).contains("no such folder"));
        light = Files.createDirectories(folder.resolve("empty"));
        assertTrue(refused(options("math", false, false)).contains("Sequential-Light-Planner-"));
        Files.createDirectories(light.resolve("Deliberation-Outerlinks"));
        assertTrue(refused(options("math", false, false)).contains("calls tools"));
    }

    private LinkEntry importLink(Path source, Path file, String team, String to, boolean beside) {
        return LinkImport.run(new LinkImport.Options(source, file, team, "planner", to, 0, null, beside));
    }

    @Test
    void linksAreAddedToAFileOneByOneAndReplacedById() throws IOException {
        Path file = folder.resolve("links.json");
        Path inner = agent("Planner").resolve("adapter(math).pt");
        Path outer = light.resolve(LIGHT + "Outerlinks/Planner-Critic-Outerlink(math).pt");
        importLink(inner, file, "t", "planner", false);
        importLink(outer, file, "t", "critic", true);
        String first = importLink(inner, file, "t", "planner", true).sha256;
        LinkFile links = TeamFiles.links(file);
        assertEquals(List.of("planner", "planner->critic"), links.links.stream().map(link -> link.id).toList());
        assertNotNull(links.weightsFile);
        String second = importLink(agent("Planner").resolve("adapter(code).pt"), file, "t", "planner", false).sha256;
        assertFalse(first.equals(second));
        links = TeamFiles.links(file);
        assertEquals(second, links.links.get(0).sha256);
        links.links.forEach(LinkWeights::decode);
        assertThrows(InputException.class, () -> importLink(inner, file, "other", "planner", false));
        assertThrows(InputException.class, () -> importLink(inner, file, "t", "critic", false));
        assertThrows(InputException.class, () -> importLink(outer, file, "t", "planner", false));
        assertEquals(second, TeamFiles.links(file).links.get(0).sha256);
    }
}
