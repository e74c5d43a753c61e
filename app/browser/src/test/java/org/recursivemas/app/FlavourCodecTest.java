package org.recursivemas.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.recursivemas.data.AnswerReport;
import org.recursivemas.data.CandidateReport;
import org.recursivemas.data.FormatException;
import org.recursivemas.data.InsideBlock;
import org.recursivemas.data.InsideGrid;
import org.recursivemas.data.InsideReport;
import org.recursivemas.data.InsideTokens;
import org.recursivemas.data.LinkFile;
import org.recursivemas.data.ModeReport;
import org.recursivemas.data.RunReport;
import org.recursivemas.data.StageReport;
import org.recursivemas.data.Team;
import org.recursivemas.data.ToolCallReport;
import org.recursivemas.facts.CompiledPage;
import org.recursivemas.links.LinkFormula;
import org.recursivemas.links.LinkStore;
import org.recursivemas.links.LinkWeights;
import org.recursivemas.playground.Failure;
import org.recursivemas.playground.Messages;
import org.recursivemas.toy.ToyTeam;

/** The browser's codec in Chromium against Jackson on the JVM. */
class FlavourCodecTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static CompiledPage page;

    @BeforeAll
    static void open() throws Exception {
        page = CompiledPage.open(CodecPage.class, Path.of("target", "codec"), false);
    }

    @AfterAll
    static void close() {
        if (page != null) {
            page.close();
        }
    }

    private static String inBrowser(String kind, String json) {
        return (String) page.evaluate("([kind, json]) => codec(kind, json)", List.of(kind, json));
    }

    /** What the browser has read and written again, read by Jackson, is what Jackson wrote. */
    private static <T> void survives(String kind, T value, Class<T> type) throws JsonProcessingException {
        String json = JSON.writeValueAsString(value);
        String back = inBrowser(kind, json);
        assertTrue(back.startsWith("{"), back);
        assertEquals(JSON.readTree(json), JSON.valueToTree(JSON.readValue(back, type)));
    }

    private static ObjectNode tree(Object value) {
        return JSON.valueToTree(value);
    }

    private static void refused(String kind, JsonNode json, String... parts) {
        String answer = inBrowser(kind, json.toString());
        assertTrue(answer.startsWith("refused: the/file.json: "), answer);
        for (String part : parts) {
            assertTrue(answer.contains(part), answer);
        }
    }

    @Test
    void teamIsReadCompletely() throws JsonProcessingException {
        Team team = ToyTeam.chain();
        team.title = "Team \"X\" \u00e4\u6f22 \ud83d\ude00 \\ \n";
        team.description = "d";
        team.examples.addAll(List.of("one", "two"));
        survives("team", team, Team.class);
        survives("team", ToyTeam.mixture(), Team.class);
    }

    @Test
    void linkFileIsReadCompletely() throws JsonProcessingException {
        LinkFile links = new ToyTeam(ToyTeam.chain()).links;
        links.agents.put("planner", "ab12");
        links.training.put("method", "closed form");
        links.links.add(LinkWeights.scaled("scaled", LinkFormula.UNIT_GELU_TANH, 0.6461691f, 2, 1, 2,
                new float[] {1, -2}, new float[] {0.5f}, new float[] {3, 4}, new float[] {5, 6}, null, null)
                .encode("outer", "a", "b"));
        survives("links", links, LinkFile.class);
    }

    @Test
    void weightsBesideTheLinkFileAreReadAndTheirHashesCompared() throws JsonProcessingException {
        LinkFile inside = new ToyTeam(ToyTeam.chain()).links;
        LinkFile links = JSON.treeToValue(tree(inside), LinkFile.class);
        byte[] weights = LinkStore.moveOut(links, "weights.safetensors");
        String file = tree(links) + "\n" + Base64.getEncoder().encodeToString(weights);
        assertEquals(tree(inside), JSON.valueToTree(JSON.readValue(inBrowser("beside", file), LinkFile.class)));
        weights[weights.length - 3] ^= 1;
        String damaged = inBrowser("beside", tree(links) + "\n" + Base64.getEncoder().encodeToString(weights));
        assertTrue(damaged.startsWith("refused: ") && damaged.contains("field \"sha256\""), damaged);
        links.weightsFile = "../weights.safetensors";
        refused("links", tree(links), "weights_file: is \"../weights.safetensors\"");
    }

    @Test
    void reportIsWrittenCompletely() throws JsonProcessingException {
        RunReport report = new RunReport();
        report.team = "chain";
        report.problem = "2 + 2 \u2265 3?";
        report.temperature = 0.6;
        report.seed = -7;
        report.systems.put("planner", "plan");
        report.artifacts.put("team.json", "sha256:0");
        report.environment.put("gpu", "none");
        report.links.put("planner->critic", "noise");
        for (Boolean correct : new Boolean[] {true, false, null}) {
            ModeReport mode = new ModeReport();
            mode.mode = "latent";
            mode.correct = correct;
            mode.millis = 12.75;
            mode.linkMillis = -1;
            mode.positions = 123456;
            StageReport stage = new StageReport();
            stage.agent = "planner";
            stage.hiddenNorms = new double[] {1.5, 2.25e-3, 3e10};
            mode.stages.add(stage);
            mode.stages.add(new StageReport());
            mode.inside = correct == null ? null : new InsideReport();
            report.modes.add(mode);
        }
        InsideBlock block = new InsideBlock();
        block.agent = "planner";
        block.round = 2;
        block.kind = InsideBlock.MESSAGE;
        block.reader = "critic";
        block.stepCosines = new double[] {0.25, -1};
        block.farNorm = true;
        InsideTokens tokens = new InsideTokens();
        tokens.texts.addAll(List.of("plus", "\"", "<7>"));
        tokens.scores = new double[] {3.5, 2, -1e-7};
        block.tokens.add(tokens);
        report.modes.get(0).inside.keptBytes = 1e9;
        report.modes.get(0).inside.blocks.add(block);
        InsideGrid grid = new InsideGrid();
        grid.agent = "planner";
        grid.rounds = 1;
        grid.steps = 2;
        grid.stride = 3;
        grid.cosines = new double[] {1, -0.125, -0.125, 1};
        report.modes.get(0).inside.grids.add(grid);
        survives("report", report, RunReport.class);
    }

    /** Every message of {@link Messages}, each field set to something. */
    private static Stream<Messages.Message> messages() throws ReflectiveOperationException {
        List<Messages.Message> all = new ArrayList<>();
        for (JsonSubTypes.Type type : Messages.Message.class.getAnnotation(JsonSubTypes.class).value()) {
            Messages.Message message = (Messages.Message) type.value().getConstructor().newInstance();
            for (Field field : type.value().getFields()) {
                if (Modifier.isStatic(field.getModifiers())) {
                    continue;
                }
                String declared = field.getGenericType().getTypeName();
                field.set(message, declared.contains("BlockHead") ? List.of(head())
                        : declared.contains("LinkHead") ? List.of(filled(Messages.LinkHead.class))
                        : declared.contains("AnswerReport") ? List.of(filled(AnswerReport.class))
                        : sample(field.getType(), field.get(message)));
            }
            all.add(message);
        }
        return all.stream();
    }

    private static Messages.BlockHead head() {
        Messages.BlockHead head = new Messages.BlockHead();
        head.name = "plan";
        head.rows = 32;
        head.width = 256;
        return head;
    }

    private static <T> T filled(Class<T> type) throws ReflectiveOperationException {
        T made = type.getConstructor().newInstance();
        for (Field field : type.getFields()) {
            field.set(made, field.getType() == Boolean.class ? Boolean.TRUE
                    : field.getGenericType().getTypeName().contains("ToolCallReport") ? List.of(filled(ToolCallReport.class))
                    : sample(field.getType(), field.get(made)));
        }
        return made;
    }

    private static Object sample(Class<?> type, Object present) {
        if (type == int.class) {
            return -17;
        } else if (type == double.class) {
            return 0.1;
        } else if (type == boolean.class) {
            return true;
        } else if (type == String.class) {
            return "A \"text\" \u00e4\u6f22 \ud83d\ude00 \\ \n </script>";
        } else if (type == double[].class) {
            return new double[] {1.5, -2.25e-3, 3e10, 0, 7};
        } else if (type == Messages.Run.class) {
            Messages.Run run = new Messages.Run();
            run.problem = "How many?";
            run.modes.add("latent");
            run.systems.put("solver", "Solve.");
            run.rounds = 2;
            return run;
        } else if (type == Failure.class) {
            return Failure.of(new FormatException("a.json", "b[0]", "is missing", "Give it"));
        } else if (type == StageReport.class) {
            StageReport stage = new StageReport();
            stage.agent = "planner";
            stage.hiddenNorms = new double[] {14.5};
            CandidateReport candidate = new CandidateReport();
            candidate.slot = "plan";
            candidate.from = "planner";
            candidate.round = 2;
            candidate.score = -0.125;
            candidate.chosen = true;
            stage.candidates.add(candidate);
            return stage;
        } else if (type == ModeReport.class) {
            ModeReport mode = new ModeReport();
            mode.correct = true;
            mode.stopEarly = 0.5;
            mode.retrieval = 2;
            mode.mostRounds = 3;
            mode.agreements = new double[] {0.25, 1};
            mode.stages.add((StageReport) sample(StageReport.class, null));
            return mode;
        } else if (type == RunReport.class) {
            RunReport report = new RunReport();
            report.modes.add((ModeReport) sample(ModeReport.class, null));
            report.artifacts.put("app.js", "sha256:1");
            report.search = "https://en.wikipedia.org/w/api.php";
            return report;
        } else if (type == List.class) {
            return List.of("latent", "text");
        } else if (type == Map.class) {
            return Map.of("solver", "Solve.");
        }
        throw new AssertionError("no sample of " + type + " instead of " + present);
    }

    @ParameterizedTest
    @MethodSource("messages")
    void messagesSurviveTheBorder(Messages.Message message) throws JsonProcessingException {
        // Jackson writes the type only when it is told the declared type.
        String json = JSON.writerFor(Messages.Message.class).writeValueAsString(message);
        String back = inBrowser("message", json);
        assertTrue(back.startsWith("{"), back);
        Messages.Message read = JSON.readValue(back, Messages.Message.class);
        assertEquals(message.getClass(), read.getClass());
        assertEquals(JSON.readTree(json), JSON.readTree(JSON.writerFor(Messages.Message.class).writeValueAsString(read)));
    }

    @Test
    void textThatIsNoMessageIsRefused() {
        for (String text : List.of("", "7", "{}", "{\"type\": \"dance\"}")) {
            String answer = inBrowser("message", text);
            assertTrue(answer.startsWith("refused: a message between page and worker"), text + " -> " + answer);
        }
    }

    @Test
    void fieldsThatAreNotKnownAreIgnored() throws JsonProcessingException {
        ObjectNode team = tree(ToyTeam.chain());
        team.put("colour", "blue").putObject("more").put("x", 1);
        assertEquals(tree(ToyTeam.chain()),
                JSON.valueToTree(JSON.readValue(inBrowser("team", team.toString()), Team.class)));
    }

    @Test
    void textThatIsNotJsonIsRefused() {
        for (String text : List.of("<!DOCTYPE html>", "", "{\"format\": ", "[]", "null", "7")) {
            String answer = inBrowser("team", text);
            assertTrue(answer.startsWith("refused: the/file.json: "), answer);
        }
    }

    private static void refusedAfter(String kind, Object sound, String pointer, String field, JsonNode value,
            String... parts) {
        ObjectNode tree = tree(sound);
        ((ObjectNode) tree.at(pointer)).set(field, value);
        refused(kind, tree, parts);
    }

    @Test
    void fieldsOfTheWrongTypeAreNamed() {
        Team team = ToyTeam.chain();
        LinkFile links = new ToyTeam(team).links;
        refusedAfter("team", team, "", "rounds", TextNode.valueOf("three"), "rounds: is \"three\", not a whole number");
        refusedAfter("team", team, "", "rounds", DoubleNode.valueOf(2.5), "rounds: is 2.5, not a whole number");
        refusedAfter("team", team, "", "agents", IntNode.valueOf(5), "agents: is 5, not a list");
        refusedAfter("team", team, "/agents/1", "system", IntNode.valueOf(5), "agents[1].system: is 5, not a text");
        refusedAfter("team", team, "/agents/2", "chat", TextNode.valueOf("x"),
                "agents[2].chat: is \"x\", not an object");
        refusedAfter("team", team, "/hand_offs/0", "feedback", TextNode.valueOf("no"), "hand_offs[0].feedback",
                "true or false");
        refusedAfter("links", links, "/links/0/tensors/post_ln.bias", "shape", TextNode.valueOf("wide"),
                "links[0].tensors.post_ln.bias.shape: is \"wide\", not a list");
        refusedAfter("links", links, "/links/3", "in_width", TextNode.valueOf("5"), "links[3].in_width",
                "not a whole number");
    }

    @Test
    void absentFieldsAreReadAsOnTheJvm() throws JsonProcessingException {
        ObjectNode team = tree(ToyTeam.chain());
        team.remove("examples");
        team.remove("latent_steps");
        ((ObjectNode) team.at("/hand_offs/0")).remove("feedback");
        ((ObjectNode) team.at("/agents/1")).remove("user_alone");
        JsonNode expected = JSON.valueToTree(JSON.treeToValue(team, Team.class));
        assertEquals(expected, JSON.valueToTree(JSON.readValue(inBrowser("team", team.toString()), Team.class)));
        team.remove("rounds");
        refused("team", team, "rounds: is 0");
    }

    @Test
    void checksAreThoseOfTheJvm() {
        ObjectNode team = tree(ToyTeam.chain());
        ((ObjectNode) team.at("/agents/1")).put("hidden_size", 0);
        refused("team", team, "agents[1].hidden_size: is 0");
        ObjectNode links = tree(new ToyTeam(ToyTeam.chain()).links);
        ((ObjectNode) links.at("/links/2")).put("kind", "sideways");
        refused("links", links, "links[2].kind: is \"sideways\"");
        ObjectNode format = tree(ToyTeam.chain());
        refused("links", format, "format: is recursivemas.team", "recursivemas.links");
        ObjectNode report = tree(new RunReport());
        report.put("version", 2);
        refused("report", report, "version: is 2");
    }

    @Test
    void requestMayLeaveOutWhatTheTeamDecides() throws JsonProcessingException {
        JsonNode empty = JSON.readTree(inBrowser("request", "{}"));
        assertTrue(empty.path("rounds").isMissingNode() || empty.path("rounds").isNull(), empty.toString());
        JsonNode full = JSON.readTree(inBrowser("request", JSON.writeValueAsString(Map.of("problem", "p", "rounds", 2,
                "latent_steps", 0, "temperature", 0.5, "seed", 3, "modes", List.of("latent", "text"),
                "systems", Map.of("a", "b")))));
        assertEquals(2, full.get("rounds").asInt());
        assertEquals(0, full.get("latent_steps").asInt());
        assertEquals("text", full.get("modes").get(1).asText());
        assertEquals("b", full.get("systems").get("a").asText());
        JsonNode nulls = JSON.readTree(
                inBrowser("request", "{\"problem\": null, \"rounds\": null, \"latent_steps\": null}"));
        assertTrue(nulls.path("latent_steps").isMissingNode() || nulls.path("latent_steps").isNull(), nulls.toString());
    }
}
