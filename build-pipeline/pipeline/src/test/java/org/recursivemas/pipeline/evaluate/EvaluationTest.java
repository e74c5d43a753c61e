package org.recursivemas.pipeline.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.recursivemas.engine.RunControl;
import org.recursivemas.measure.Wilson;
import org.recursivemas.pipeline.InputException;
import org.recursivemas.pipeline.Progress;
import org.recursivemas.pipeline.training.ClosedFormLinks;
import org.recursivemas.pipeline.links.TeamFiles;
import org.recursivemas.pipeline.links.ToyTeam;
import org.recursivemas.pipeline.twin.TinyCheckpoint;

class EvaluationTest {
    @TempDir
    static Path temporary;
    private static ToyTeam toy;

    @BeforeAll
    static void makeTeam() throws IOException {
        toy = ToyTeam.write(temporary.resolve("toy"));
        TeamFiles.write(toy.folder.resolve("recursivelink.json"), TeamFiles.json(ClosedFormLinks.run(toy.options(
                ClosedFormLinks.Form.LINEAR, 2), Progress.NONE).links()));
    }

    private static Evaluation.Options options(List<String> modes, List<Integer> rounds, int threads, String name) {
        return new Evaluation.Options(toy.teamFile, null, null, toy.tasks, 0, 6, modes, rounds, List.of(0, 3), 0, 0,
                "f32", threads, toy.folder.resolve(name + ".json"), toy.folder.resolve(name + ".md"), toy.folder.resolve(name
                + ".jsonl"));
    }

    @Test
    void latentsCanBeEncodedAsForAnotherBrowser() throws IOException {
        for (String encoding : List.of("f16", "int8")) {
            EvaluationReport report = Evaluation.run(new Evaluation.Options(toy.teamFile, null, null, toy.tasks, 0, 2,
                    List.of("latent"), List.of(2), List.of(3), 0, 0, encoding, 1, null, null, null), Progress.NONE,
                    RunControl.NEVER);
            assertEquals(0, report.rows().get(0).failed(), report.rows().get(0).firstFailure());
            assertEquals(encoding, report.artifacts().get("encoding of latents"));
        }
        InputException refused = assertThrows(InputException.class, () -> new Evaluation.Options(toy.teamFile, null,
                null, toy.tasks, 0, 2, List.of("latent"), List.of(1), List.of(3), 0, 0, "f8", 1, null, null, null));
        assertTrue(refused.getMessage().contains("f8") && refused.getMessage().contains("int8"), refused.getMessage());
    }

    @Test
    void everyWayIsMeasuredOnEveryProblem() throws IOException {
        EvaluationReport report = Evaluation.run(options(List.of("latent", "text", "single"), List.of(1, 2), 2, "all"),
                Progress.NONE, RunControl.NEVER);
        assertEquals(6, report.problems());
        assertEquals(List.of("latent 1 0", "latent 2 0", "latent 1 3", "latent 2 3", "text 1 0", "text 2 0",
                "single 1 0"), report.rows().stream().map(r -> r.mode() + " " + r.rounds() + " " + r.latentSteps())
                .toList());
        // 2 rounds, m = 3: writer, solver, writer roll out, solver writes
        EvaluationReport.Row deep = report.rows().get(3);
        assertEquals(9, deep.latentStepsTotal());
        assertEquals(0, report.rows().get(1).latentStepsTotal());
        assertTrue(deep.decodedTokens() >= 1 && deep.decodedTokens() <= 6);
        // prompts: writer 8, solver 9 + 3 latents, writer with feedback 9 + 3, solver again; three rollouts feed back
        // 2 each
        assertEquals(8 + 12 + 12 + 12 + 3 * 2 + deep.decodedTokens() - 1, deep.positions());
        JsonNode written = new ObjectMapper().readTree(toy.folder.resolve("all.json").toFile());
        assertEquals("recursivemas.evaluation", written.path("format").asText());
        assertEquals(7, written.path("rows").size());
        assertEquals(64, written.path("artifacts").path("links").asText().length());
        assertTrue(Files.readString(toy.folder.resolve("all.md")).contains("| latent | 2 | 2.00 | 3 | "));
        assertEquals(6 * 7, Files.readAllLines(toy.folder.resolve("all.jsonl")).size());
    }

    @Test
    void runsThatStopEarlyAreCounted() throws IOException {
        Path details = toy.folder.resolve("early.jsonl");
        Evaluation.Options early = new Evaluation.Options(toy.teamFile, null, null, toy.tasks, 0, 6, List.of("latent"),
                List.of(2, 3), List.of(3), 0.001, 0, "f32", 2, null, null, details);
        EvaluationReport report = Evaluation.run(early, Progress.NONE, RunControl.NEVER);
        EvaluationReport.Row deep = report.rows().get(1);
        assertEquals("0.001", report.artifacts().get("stop early"));
        double rounds = 0;
        for (String line : Files.readAllLines(details)) {
            JsonNode way = new ObjectMapper().readTree(line);
            boolean three = way.get("rounds").asInt() == 3;
            boolean alike = three && way.get("agreements").get(0).asDouble() >= 0.001;
            assertEquals(three && !alike ? 3 : 2, way.get("rounds_run").asInt(), line);
            rounds += three ? way.get("rounds_run").asInt() : 0;
        }
        assertEquals(rounds / 6, deep.roundsRun(), 1e-9);
        assertEquals(2, report.rows().get(0).roundsRun());
        assertThrows(InputException.class, () -> Evaluation.runOnPyTorch(early, 1, Progress.NONE, RunControl.NEVER));
    }

    @Test
    void runsWithRetrievalAreMeasured() throws IOException {
        Path details = toy.folder.resolve("retrieval.jsonl");
        Evaluation.Options two = new Evaluation.Options(toy.teamFile, null, null, toy.tasks, 0, 3, List.of("latent", "text"),
                List.of(1, 3), List.of(3), 0, 2, "f32", 2, null, null, details);
        EvaluationReport report = Evaluation.run(two, Progress.NONE, RunControl.NEVER);
        assertEquals("2", report.artifacts().get("retrieval"));
        List<String> lines = Files.readAllLines(details);
        assertEquals(3 * 4, lines.size());
        for (String line : lines) {
            JsonNode way = new ObjectMapper().readTree(line);
            for (JsonNode candidate : way.get("candidates")) {
                assertTrue(Math.abs(candidate.get("score").asDouble()) <= 1, line);
                assertTrue(candidate.get("round").asInt() <= candidate.get("in_round").asInt(), line);
            }
            // To the solver out of 1, 2 and 3 messages; back to the writer out of 1 and 2.
            assertEquals(way.get("rounds").asInt() == 1 ? 1 : 9, way.get("candidates").size(), line);
        }
        InputException torch = assertThrows(InputException.class, () -> Evaluation.runOnPyTorch(two, 1, Progress.NONE,
                RunControl.NEVER));
        assertTrue(torch.getMessage().contains("--engine twin"), torch.getMessage());
        assertEquals(0, Evaluation.usualRetrieval(toy.teamFile));
        assertThrows(InputException.class, () -> new Evaluation.Options(toy.teamFile, null, null, toy.tasks, 0, 3,
                List.of("text"), List.of(1), List.of(), 0, 9, "f32", 1, null, null, null));
    }

    @Test
    void pyTorchGivesTheNumbersOfTheTwin() throws IOException {
        Evaluation.Options twin = options(List.of("latent", "text", "single"), List.of(1, 2), 2, "twin");
        Evaluation.Options torch = options(List.of("latent", "text", "single"), List.of(1, 2), 2, "torch");
        EvaluationReport expected = Evaluation.run(twin, Progress.NONE, RunControl.NEVER);
        for (int batch : new int[] {1, 4}) { // 4: prompts of different lengths stand in one batch
            EvaluationReport report = Evaluation.runOnPyTorch(torch, batch, Progress.NONE, RunControl.NEVER);
            assertEquals(expected.rows().size(), report.rows().size());
            for (int i = 0; i < report.rows().size(); i++) {
                EvaluationReport.Row row = report.rows().get(i);
                EvaluationReport.Row other = expected.rows().get(i);
                assertEquals(List.of(other.mode(), other.rounds(), other.latentSteps(), other.correct(), other.failed()),
                        List.of(row.mode(), row.rounds(), row.latentSteps(), row.correct(), row.failed()));
                assertEquals(other.decodedTokens(), row.decodedTokens());
                assertEquals(other.latentStepsTotal(), row.latentStepsTotal());
                assertEquals(other.positions(), row.positions());
            }
            assertEquals(Files.readAllLines(toy.folder.resolve("twin.jsonl")),
                    Files.readAllLines(toy.folder.resolve("torch.jsonl")));
        }
        assertThrows(InputException.class, () -> Evaluation.runOnPyTorch(torch, 0, Progress.NONE, RunControl.NEVER));
    }

    /** The same JSON lines from both engines. */
    private void assertAlike(Path teamFile, Path tasks, List<String> modes, String latents) throws IOException {
        for (Evaluation.Engine engine : Evaluation.Engine.values()) {
            Evaluation.run(new Evaluation.Options(teamFile, null, null, tasks, 0, 10, modes, List.of(1), List.of(3), 0, 0, latents, 1,
                    null, null, toy.folder.resolve(engine + ".jsonl")), engine, 4, Progress.NONE, RunControl.NEVER);
        }
        List<String> twin = Files.readAllLines(toy.folder.resolve("TWIN.jsonl"));
        assertEquals(twin, Files.readAllLines(toy.folder.resolve("PYTORCH.jsonl")));
    }

    @Test
    void pyTorchHandsOverCodedLatentsAsTheTwin() throws IOException {
        assertAlike(toy.teamFile, toy.tasks, List.of("latent"), "f16");
        assertAlike(toy.teamFile, toy.tasks, List.of("latent"), "int8");
    }

    @Test
    void onPyTorchAgentsHaveTheirOwnLatentSteps() throws IOException {
        ObjectNode team = (ObjectNode) new ObjectMapper().readTree(toy.teamFile.toFile());
        ((ObjectNode) team.path("agents").get(0)).put("latent_steps", 1);
        Path own = toy.folder.resolve("own-steps.json");
        TeamFiles.write(own, team.toString());
        assertAlike(own, toy.tasks, List.of("latent"), "f32");
    }

    @Test
    void onPyTorchATeamWithoutHandOffsAnswersAlone() throws IOException {
        ObjectNode team = (ObjectNode) new ObjectMapper().readTree(toy.teamFile.toFile());
        team.putArray("hand_offs");
        team.put("rounds", 1);
        ArrayNode agents = (ArrayNode) team.path("agents");
        JsonNode solver = agents.get(agents.size() - 1);
        ((ObjectNode) solver).set("user", solver.path("user_alone"));
        ((ObjectNode) solver).remove("user_feedback");
        team.putArray("agents").add(solver);
        team.remove("links");
        Path alone = toy.folder.resolve("alone.json");
        TeamFiles.write(alone, team.toString());
        assertAlike(alone, toy.tasks, List.of("single", "text"), "f32");
    }

    @Test
    void onPyTorchAPromptThatIsTooLongFailsAlone() throws IOException {
        Path tasks = toy.folder.resolve("some-long.jsonl");
        TeamFiles.write(tasks, "{\"question\":\"a\",\"answer\":\"1\"}\n{\"question\":\"" + "x".repeat(600)
                + "\",\"answer\":\"1\"}\n{\"question\":\"b\",\"answer\":\"1\"}\n");
        Path details = toy.folder.resolve("some-long.out");
        EvaluationReport report = Evaluation.run(new Evaluation.Options(toy.teamFile, null, null, tasks, 0, 10,
                List.of("latent"), List.of(1), List.of(3), 0, 0, "f32", 1, null, null, details), Evaluation.Engine.PYTORCH, 3,
                Progress.NONE, RunControl.NEVER);
        assertEquals(1, report.rows().get(0).failed());
        List<String> lines = Files.readAllLines(details);
        assertEquals(3, lines.size());
        assertTrue(lines.get(1).contains("context window") && !lines.get(0).contains("failure")
                && !lines.get(2).contains("failure"), lines.toString());
    }

    @Test
    void answersAreComparedWithTheExpectedOnes() throws IOException {
        Path models = temporary.resolve("seven");
        new TinyCheckpoint(24, 2, 4, 2, 32, true, 11).write(models.resolve("writer"));
        alwaysSeven().write(models.resolve("solver"));
        Path tasks = toy.folder.resolve("sevens.jsonl");
        TeamFiles.write(tasks, "{\"question\":\"a\",\"answer\":\"7\"}\n{\"question\":\"b\",\"answer\":\"8\"}\n\n"
                + "{\"question\":\"c\",\"answer\":\"7\"}\n{\"question\":\"d\",\"answer\":\"77\"}\n");
        EvaluationReport report = Evaluation.run(new Evaluation.Options(toy.teamFile, models, null, tasks, 0, 100,
                List.of("single", "latent"), List.of(1), List.of(2), 0, 0, "f32", 2, null, null, null), Progress.NONE,
                RunControl.NEVER);
        for (EvaluationReport.Row row : report.rows()) {
            assertEquals(2, row.correct());
            assertEquals(0.5, row.accuracy());
            assertEquals(2, row.decodedTokens()); // the 7 and the end token
            assertTrue(row.low() > 0.1 && row.high() < 0.9);
        }
    }

    /** A solver without attention to anything: after the reply header it says 7, after the 7 it ends. */
    private static TinyCheckpoint alwaysSeven() {
        TinyCheckpoint tiny = new TinyCheckpoint(20, 2, 2, 1, 40, false, 12);
        for (int l = 0; l < 2; l++) {
            Arrays.fill(tiny.tensor("model.layers." + l + ".self_attn.o_proj.weight"), 0f);
            Arrays.fill(tiny.tensor("model.layers." + l + ".mlp.down_proj.weight"), 0f);
        }
        float[] embedding = tiny.tensor("model.embed_tokens.weight"); // [vocabulary, 20]
        float[] head = tiny.tensor("lm_head.weight"); // [vocabulary, 20]
        Arrays.fill(embedding, 0f);
        Arrays.fill(head, 0f);
        Arrays.fill(tiny.tensor("model.norm.weight"), 1f);
        for (int token = 0; token < TinyCheckpoint.VOCABULARY; token++) {
            embedding[token * 20 + (token == 257 ? 0 : token == '7' ? 1 : 2)] = 1;
        }
        head['7' * 20] = 1;
        head[258 * 20 + 1] = 1;
        head['z' * 20 + 2] = 1;
        return tiny;
    }

    @Test
    void threadsDoNotChangeTheNumbers() {
        EvaluationReport one = Evaluation.run(options(List.of("latent"), List.of(2), 1, "t1"), Progress.NONE,
                RunControl.NEVER);
        EvaluationReport three = Evaluation.run(options(List.of("latent"), List.of(2), 3, "t3"), Progress.NONE,
                RunControl.NEVER);
        for (int i = 0; i < one.rows().size(); i++) {
            assertEquals(one.rows().get(i).decodedTokens(), three.rows().get(i).decodedTokens());
            assertEquals(one.rows().get(i).positions(), three.rows().get(i).positions());
            assertEquals(one.rows().get(i).correct(), three.rows().get(i).correct());
        }
    }

    @Test
    void stoppingReportsWhatIsDone() {
        AtomicInteger done = new AtomicInteger();
        EvaluationReport report = Evaluation.run(options(List.of("latent", "single"), List.of(1), 1, "stopped"),
                (what, finished, total) -> done.set((int) finished), () -> done.get() >= 2);
        assertTrue(report.interrupted());
        assertTrue(report.problems() >= 2 && report.problems() < 6, "" + report.problems());
        assertTrue(Files.exists(toy.folder.resolve("stopped.json")));
        assertTrue(Evaluation.markdown(report).contains("Interrupted: 6"));
        assertTrue(assertThrows(InputException.class, () -> Evaluation.run(options(List.of("single"), List.of(1), 1,
                "none"), Progress.NONE, () -> true)).getMessage().contains("before the first problem"));
        assertFalse(Files.exists(toy.folder.resolve("none.json")));
    }

    @Test
    void problemThatFailsCountsAsWrongAndIsReported() throws IOException {
        Path tasks = toy.folder.resolve("long.jsonl");
        TeamFiles.write(tasks, "{\"question\":\"" + "x".repeat(600)
                + "\",\"answer\":\"1\"}\n{\"question\":\"short\",\"answer\":" + "\"1\"}\n");
        EvaluationReport report = Evaluation.run(new Evaluation.Options(toy.teamFile, null, null, tasks, 0, 10,
                List.of("latent"), List.of(1), List.of(3), 0, 0, "f32", 1, null, null, null), Progress.NONE, RunControl.NEVER);
        EvaluationReport.Row row = report.rows().get(0);
        assertEquals(2, report.problems());
        assertEquals(1, row.failed());
        assertTrue(row.firstFailure().contains("context window"), row.firstFailure());
        assertTrue(Evaluation.markdown(report).contains("Failed and counted as wrong: 1"));
    }

    @Test
    void wilsonIntervalEqualsPublishedValues() {
        Wilson ten = Wilson.of(0, 10); // Wilson 1927 as tabulated: 0 of 10 gives 0 to 27.75 %
        assertEquals(0, ten.low(), 1e-12);
        assertEquals(0.2775, ten.high(), 1e-4);
        Wilson half = Wilson.of(50, 100);
        assertEquals(0.4038, half.low(), 1e-4);
        assertEquals(0.5962, half.high(), 1e-4);
    }

    @Test
    void wrongOptionsAreNamed() {
        assertTrue(assertThrows(InputException.class, () -> options(List.of("chat"), List.of(1), 1, "x")).getMessage()
                .contains("modes"));
        assertTrue(assertThrows(InputException.class, () -> options(List.of("text"), List.of(9), 1, "x")).getMessage()
                .contains("rounds"));
    }
}
