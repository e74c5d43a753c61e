package org.recursivemas.pipeline.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.recursivemas.data.HandOff;
import org.recursivemas.data.LinkEntry;
import org.recursivemas.data.LinkFile;
import org.recursivemas.data.Team;
import org.recursivemas.engine.Link;
import org.recursivemas.engine.PromptPiece;
import org.recursivemas.engine.RunControl;
import org.recursivemas.links.LinkMath;
import org.recursivemas.links.LinkWeights;
import org.recursivemas.pipeline.InputException;
import org.recursivemas.pipeline.Progress;
import org.recursivemas.pipeline.links.TeachingRules;
import org.recursivemas.pipeline.links.TeamFiles;
import org.recursivemas.pipeline.links.ToyTeam;
import org.recursivemas.pipeline.twin.TeamModels;
import org.recursivemas.pipeline.twin.TwinDevice;
import org.recursivemas.pipeline.twin.TwinModel;
import org.recursivemas.team.PlannedAgent;
import org.recursivemas.team.Rollout;

class ClosedFormLinksTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    static Path temporary;
    private static ToyTeam toy;
    private static ClosedFormLinks.Result linear;
    private static Path linearFile;

    @BeforeAll
    static void fit() throws IOException {
        toy = ToyTeam.write(temporary.resolve("toy"));
        linearFile = toy.folder.resolve("recursivelink.json");
        linear = ClosedFormLinks.run(toy.options(ClosedFormLinks.Form.LINEAR, 2), Progress.NONE);
        TeamFiles.write(linearFile, TeamFiles.json(linear.links()));
    }

    @Test
    void writesOneLinkForEveryAgentAndHandOff() {
        LinkFile file = TeamFiles.links(linearFile);
        assertEquals("toy", file.team);
        assertEquals(List.of("writer", "solver", "writer->solver", "solver->writer"),
                file.links.stream().map(link -> link.id).toList());
        for (LinkEntry entry : file.links) {
            assertEquals("none", entry.postNorm);
            assertEquals("projection", entry.residual);
            assertEquals(0, entry.hiddenWidth);
            LinkWeights.decode(entry);
        }
        assertEquals(64, file.agents.get("writer").length());
        assertNotEquals(file.agents.get("writer"), file.agents.get("solver"));
        assertEquals("40", file.training.get("problems"));
        // writer: two prompts, solver: one, 8 rows each
        assertEquals(40 * 3 * ToyTeam.ROWS, linear.pairs());
    }

    @Test
    void fittedLinksPredictTheNextEmbedding() {
        assertEquals(4, linear.cosines().size());
        linear.cosines().forEach((id, cosine) -> assertTrue(cosine > 0.8, id + ": " + cosine));
    }

    @Test
    void rolloutsComeCloserToTheRightMessageThanWithRandomLinks() {
        LinkFile file = TeamFiles.links(linearFile);
        double fitted = messageCosine(file.links.get(0), file.links.get(2));
        double random = messageCosine(random("writer", "inner", "writer", "writer", 24, 24),
                random("writer->solver", "outer", "writer", "solver", 24, 20));
        assertTrue(fitted > 0.6, "fitted " + fitted);
        assertTrue(fitted > random + 0.4, "fitted " + fitted + ", random " + random);
    }

    /** Mean cosine of the rows of real messages of the writer with the solver's embeddings of the text meant. */
    private static double messageCosine(LinkEntry inner, LinkEntry outer) {
        double sum = 0;
        int rows = 0;
        List<Map<String, String>> tasks = TeamFiles.problems(toy.tasks, 40, 20, List.of("question"));
        try (TeamModels models = TeamModels.load(toy.teamFile, TeamFiles.team(toy.teamFile), null)) {
            TwinModel writer = models.sequences().get("writer");
            TwinModel solver = models.sequences().get("solver");
            TwinDevice device = new TwinDevice();
            Link innerLink = device.link(inner, writer, writer);
            Link outerLink = device.link(outer, writer, solver);
            for (Map<String, String> task : tasks) {
                List<PromptPiece> prompt = List.of(PromptPiece.text("<|im_start|>s<|im_end|><|im_start|>"
                        + task.get("question") + "<|im_end|><|im_start|>"));
                int[] meant = solver.tokenize(task.get("plan") + "<|im_end|><|endoftext|>");
                try (Rollout rollout = Rollout.run(writer, innerLink, prompt, meant.length, RunControl.NEVER)) {
                    float[][] message = device.read(outerLink.apply(rollout.linked()));
                    float[][] wanted = solver.weights().embed(meant);
                    for (int i = 0; i < message.length; i++) {
                        sum += cosine(message[i], wanted[i]);
                        rows++;
                    }
                }
            }
        }
        return sum / rows;
    }

    private static double cosine(float[] a, float[] b) {
        double dot = 0;
        double aa = 0;
        double bb = 0;
        for (int i = 0; i < a.length; i++) {
            dot += a[i] * b[i];
            aa += a[i] * a[i];
            bb += b[i] * b[i];
        }
        return dot / Math.sqrt(aa * bb);
    }

    private static LinkEntry random(String id, String kind, String from, String to, int in, int out) {
        Random random = new Random(3);
        float[] matrix = new float[out * in];
        for (int i = 0; i < matrix.length; i++) {
            matrix[i] = (float) (random.nextGaussian() / Math.sqrt(in));
        }
        return new LinkWeights(id, in, 0, out, null, null, null, null, null, null, matrix, new float[out], null, null)
                .encode(kind, from, to);
    }

    @Test
    void threadsDoNotChangeABit() throws IOException {
        ClosedFormLinks.Result one = ClosedFormLinks.run(toy.options(ClosedFormLinks.Form.LINEAR, 1), Progress.NONE);
        assertEquals(Files.readString(linearFile), TeamFiles.json(one.links()));
    }

    @Test
    void mlpFormIsTheSameFunctionWithRoomToLearn() {
        ClosedFormLinks.Result mlp = ClosedFormLinks.run(toy.options(ClosedFormLinks.Form.MLP, 2), Progress.NONE);
        int[] hidden = {24, 20, 40, 48}; // inner: the width, outer: twice the output's
        for (int i = 0; i < 4; i++) {
            LinkWeights bare = LinkWeights.decode(linear.links().links.get(i));
            LinkWeights wide = LinkWeights.decode(mlp.links().links.get(i));
            assertEquals(hidden[i], wide.hiddenWidth);
            float[][] x = new float[1][wide.inWidth];
            for (int k = 0; k < wide.inWidth; k++) {
                x[0][k] = (float) Math.sin(k + i);
            }
            assertArrayEquals(LinkMath.apply(bare, x)[0], LinkMath.apply(wide, x)[0]);
            float least = 1;
            for (float v : wide.proj1) {
                least = Math.min(least, Math.abs(v));
            }
            assertTrue(wide.proj1[0] != wide.proj1[1] && least < 0.1, "first matrix is random");
        }
    }

    @Test
    void tokensFormGivesInnerLinksABranchForTheTokensOfMessages() {
        ClosedFormLinks.Result tokens = ClosedFormLinks.run(toy.options(ClosedFormLinks.Form.TOKENS, 2), Progress.NONE);
        for (LinkEntry entry : tokens.links().links) {
            LinkWeights link = LinkWeights.decode(entry);
            if (entry.kind.equals("outer")) {
                assertEquals(0, link.hiddenWidth, entry.id);
                continue;
            }
            assertTrue(link.hiddenWidth > 0 && link.hiddenWidth % 4 == 0, "four thresholds a token: " + link.hiddenWidth);
            // four features of one token: the same scores above rising thresholds
            for (int k = 0; k < link.inWidth; k++) {
                assertEquals(link.proj1[k], link.proj1[3 * link.inWidth + k]);
            }
            assertTrue(link.proj1Bias[0] != link.proj1Bias[3]);
            // fitted, not only written down: on problems it has not seen the link is as good as the linear map
            assertEquals(linear.cosines().get(entry.id), tokens.cosines().get(entry.id), 0.02, entry.id);
        }
    }

    @Test
    void agentsWithDifferentTokenizersShareTexts() throws IOException {
        ToyTeam two = ToyTeam.write(temporary.resolve("two"));
        // the writer says ab in one token, which the solver spells with two; the solver's end token has another name
        Path writer = two.models.resolve("writer/tokenizer.json");
        ObjectNode tokenizer = (ObjectNode) JSON.readTree(writer.toFile());
        ObjectNode model = (ObjectNode) tokenizer.get("model");
        ((ObjectNode) model.get("vocab")).remove("z");
        ((ObjectNode) model.get("vocab")).put("ab", (int) 'z');
        model.putArray("merges").add("a b");
        Files.writeString(writer, tokenizer.toString());
        Path solver = two.models.resolve("solver/tokenizer.json");
        Files.writeString(solver, Files.readString(solver).replace("<|im_end|>", "<stop>"));
        TeachingRules rules = new TeachingRules(Map.of(), Map.of(), TeachingRules.tokens(List.of("solver=<stop>"),
                Set.of("writer", "solver")), Map.of(), ToyTeam.ROWS);
        try (TrainedTeam team = new TrainedTeam(two.teamFile, null)) {
            PlannedAgent writing = team.plan().agent("writer");
            PlannedAgent solving = team.plan().agent("solver");
            TokenMap map = new TokenMap("writer", team.folder(writing), "solver", team.folder(solving), rules);
            assertArrayEquals(new int[] {'a', 'b'}, map.map('z'));
            assertArrayEquals(new int[] {'c'}, map.map('c'));
            assertArrayEquals(new int[] {258}, map.map(258));
            float[] parts = team.model(solving).embeddings(new int[] {'a', 'b'});
            float[] mean = map.embed('z', team.model(solving));
            for (int i = 0; i < mean.length; i++) {
                assertEquals((parts[i] + parts[mean.length + i]) / 2, mean[i], 1e-6);
            }
        }
        ClosedFormLinks.Result result = ClosedFormLinks.run(new ClosedFormLinks.Options(two.teamFile, null, two.tasks,
                40, 20, rules, 1e-4, ClosedFormLinks.Form.LINEAR, 7, 2), Progress.NONE);
        assertEquals("writer->solver", result.links().links.get(2).id);
        assertTrue(result.cosines().get("writer->solver") > 0.8, result.cosines().toString());
    }

    private static Path further(Consumer<Team> change) throws IOException {
        Team team = TeamFiles.team(toy.teamFile);
        team.id = "back";
        team.handOffs.clear();
        HandOff only = new HandOff();
        only.from = "solver";
        only.to = "writer";
        only.slot = "plan";
        team.handOffs.add(only);
        Collections.reverse(team.agents);
        team.agents.get(0).user = "{question}";
        team.agents.get(0).userAlone = null;
        team.agents.get(1).user = "{question}|{plan}";
        team.agents.get(1).userFeedback = null;
        team.rounds = 1;
        change.accept(team);
        Path file = toy.teamFile.resolveSibling("back.json");
        TeamFiles.write(file, TeamFiles.json(team));
        return file;
    }

    private static ClosedFormLinks.Options with(Path further) {
        ClosedFormLinks.Options one = toy.options(ClosedFormLinks.Form.LINEAR, 2);
        return new ClosedFormLinks.Options(one.teamFile(), null, one.tasks(), one.problems(), one.checkProblems(), one.rules(),
                one.lambda(), one.form(), one.seed(), one.threads(), List.of(new ClosedFormLinks.Further(further, one.tasks())));
    }

    @Test
    void furtherTeamAddsItsLinksAndSharesTheInnerOnes() throws IOException {
        ClosedFormLinks.Result alone = ClosedFormLinks.run(toy.options(ClosedFormLinks.Form.LINEAR, 2), Progress.NONE);
        ClosedFormLinks.Result both = ClosedFormLinks.run(with(further(team -> { })), Progress.NONE);
        assertEquals(List.of("back"), both.links().alsoFor);
        assertTrue(both.links().isFor("toy") && both.links().isFor("back") && !both.links().isFor("other"));
        assertEquals(alone.links().links.stream().map(link -> link.id).toList(),
                both.links().links.stream().map(link -> link.id).toList(), "the edge back is there already");
        assertTrue(both.pairs() > alone.pairs(), both.pairs() + " positions of both, " + alone.pairs() + " of one");
        assertFalse(alone.links().links.get(1).sha256.equals(both.links().links.get(1).sha256),
                "the solver's inner link has seen the further team's prompts");
        ClosedFormLinks.Result added = ClosedFormLinks.run(with(further(team -> {
            team.agents.get(0).id = "helper";
            team.handOffs.get(0).from = "helper";
        })), Progress.NONE);
        assertEquals(List.of("writer", "solver", "helper", "writer->solver", "solver->writer", "helper->writer"),
                added.links().links.stream().map(link -> link.id).toList());
    }

    @Test
    void agentsOfOneIdMustBeOneModel() throws IOException {
        refused(with(further(team -> team.agents.get(0).model = "models/writer")), "agent \"solver\"");
    }

    @Test
    void messagesAreClosedWithEndAndFillersOrCut() {
        TeachingRules fixed = TeachingRules.usual(5);
        assertArrayEquals(new int[] {1, 2, 9, 8, 8}, fixed.close(new int[] {1, 2}, 9, 8));
        assertArrayEquals(new int[] {1, 2, 3, 4, 9}, fixed.close(new int[] {1, 2, 3, 4}, 9, 8));
        assertArrayEquals(new int[] {1, 2, 3, 4, 5}, fixed.close(new int[] {1, 2, 3, 4, 5, 6}, 9, 8));
        assertArrayEquals(new int[] {1, 2, 9}, TeachingRules.usual(0).close(new int[] {1, 2}, 9, 8));
    }

    @Test
    void wrongFieldsAgentsAndCountsAreNamed() {
        refused(options(Map.of("writer", "draft"), Map.of(), 40, 20), "draft");
        refused(options(Map.of("critic", "plan"), Map.of(), 40, 20), "critic");
        refused(options(Map.of(), Map.of("solver.draft", "plan"), 40, 20), "solver.draft");
        refused(options(Map.of(), Map.of(), 50, 20), "60 problems");
    }

    private static ClosedFormLinks.Options options(Map<String, String> targets, Map<String, String> slots, int n,
            int check) {
        return new ClosedFormLinks.Options(toy.teamFile, null, toy.tasks, n, check,
                new TeachingRules(targets, slots, Map.of(), Map.of(), 8), 1e-4, ClosedFormLinks.Form.LINEAR,
                1, 1);
    }

    private static void refused(ClosedFormLinks.Options options, String inMessage) {
        String message = assertThrows(InputException.class, () -> ClosedFormLinks.run(options, Progress.NONE))
                .getMessage();
        assertTrue(message.contains(inMessage), message);
    }
}
