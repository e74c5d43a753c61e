package org.recursivemas.pipeline.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.recursivemas.data.LinkEntry;
import org.recursivemas.links.LinkWeights;
import org.recursivemas.pipeline.InputException;
import org.recursivemas.pipeline.Progress;
import org.recursivemas.pipeline.links.TeachingRules;
import org.recursivemas.pipeline.links.TeamFiles;
import org.recursivemas.pipeline.links.ToyTeam;
import org.recursivemas.pipeline.training.TrainingOptions.Loop;

/** Whole training runs on a tiny team. */
class LinkTrainingTest {
    private static final BooleanSupplier NEVER = () -> false;

    @TempDir
    private Path folder;
    private ToyTeam toy;
    private final Notes notes = new Notes();

    /** Remembers what it is told. */
    private static final class Notes implements TrainingListener {
        private final List<String> lines = new ArrayList<>();
        private final List<Double> losses = new ArrayList<>();
        private double lastHeldOut;
        private double firstHeldOut = Double.NaN;

        @Override
        public void note(String line) {
            lines.add(line);
        }

        @Override
        public void step(int step, int steps, double loss, int rounds, int latentSteps) {
            losses.add(loss);
        }

        @Override
        public void measured(int step, int steps, double loss, double accuracy, boolean best) {
            firstHeldOut = Double.isNaN(firstHeldOut) ? loss : firstHeldOut;
            lastHeldOut = loss;
        }
    }

    @BeforeEach
    void write() throws IOException {
        toy = ToyTeam.write(folder.resolve("toy"));
    }

    private TrainingOptions options(Loop loop, int steps, double rate, int threads, String output) {
        return new TrainingOptions(toy.teamFile, null, TeachingRules.usual(6), loop, false, 0, 2, 3, 5, steps, 6, 3,
                4L << 30, rate, 2, 1, 0, 3, threads, 4, 3, folder.resolve(output));
    }

    private LinkTraining.Outcome run(TrainingOptions options, LinkStart.Kind kind, boolean resume,
            BooleanSupplier stop) {
        LinkStart start = new LinkStart(kind, null, 1e-4, ClosedFormLinks.Form.LINEAR, 20, 6, true);
        return LinkTraining.run(options, start, new LinkTraining.Data(toy.tasks, 0, null, 5, 5), resume,
                "recursivemas train-link", notes, Progress.NONE, stop);
    }

    @Test
    void trainingLowersTheLossAndWritesEverything() throws IOException {
        TrainingOptions options = options(Loop.OUTER, 30, 5e-3, 2, "recursivelink.json");
        LinkTraining.Outcome outcome = run(options, LinkStart.Kind.CLOSED_FORM, false, NEVER);
        assertFalse(outcome.stopped());
        assertTrue(notes.lastHeldOut < 0.8 * notes.firstHeldOut, notes.firstHeldOut + " to " + notes.lastHeldOut);
        assertEquals(2, outcome.answers().size());
        List<String> metrics = Files.readAllLines(folder.resolve("recursivelink.metrics.jsonl"));
        assertEquals(31, metrics.size());
        assertTrue(metrics.get(30).contains("held_out_accuracy"), metrics.get(30));
        String card = Files.readString(folder.resolve("recursivelink.md"));
        assertTrue(card.contains("rounds 2, 8 latent steps: ") && card.contains("recursivelink.training.svg"), card);
        assertTrue(Files.readString(folder.resolve("recursivelink.training.svg")).contains("<svg"));
        assertTrue(notes.lines.stream().anyMatch(line -> line.startsWith("memory: about")), notes.lines.toString());
        for (LinkEntry entry : TeamFiles.links(options.output()).links) {
            LinkWeights.decode(entry);
            assertEquals(entry.kind.equals("outer"), entry.hiddenWidth > 0, entry.id);
        }
        assertFalse(Files.exists(folder.resolve("recursivelink.checkpoint")), "a finished run needs no checkpoint");

        // going on far too fast makes them worse: then the start is what is written
        LinkStart start = new LinkStart(LinkStart.Kind.FILE, options.output(), 1, ClosedFormLinks.Form.LINEAR, 1, 6, true);
        LinkTraining.Outcome worse = LinkTraining.run(options(Loop.OUTER, 3, 0.9, 2, "worse.json"), start,
                new LinkTraining.Data(toy.tasks, 0, null, 5, 0), false, "", notes, Progress.NONE, NEVER);
        assertEquals("0", worse.links().training.get("best after step"));
        assertEquals(TeamFiles.json(outcome.links().links), TeamFiles.json(worse.links().links));
    }

    @Test
    void everyLoopLowersItsLoss() {
        for (Loop loop : List.of(Loop.TEACHER_FORCED, Loop.INNER)) {
            Notes before = notes;
            before.firstHeldOut = Double.NaN;
            run(options(loop, 16, 5e-3, 2, loop + ".json"), LinkStart.Kind.RANDOM, false, NEVER);
            assertTrue(before.lastHeldOut < before.firstHeldOut, loop + ": " + before.firstHeldOut + " to "
                    + before.lastHeldOut);
        }
    }

    @Test
    void anInterruptedRunContinuesBitForBit() throws IOException {
        run(options(Loop.OUTER, 9, 1e-3, 2, "whole.json"), LinkStart.Kind.RANDOM, false, NEVER);
        TrainingOptions options = options(Loop.OUTER, 9, 1e-3, 2, "parts.json");
        int before = notes.losses.size();
        LinkTraining.Outcome stopped = run(options, LinkStart.Kind.RANDOM, false, () -> notes.losses.size() >= before
                + 5);
        assertTrue(stopped.stopped());
        assertTrue(Files.exists(folder.resolve("parts.checkpoint")) && Files.exists(options.output()));
        LinkTraining.Outcome finished = run(options, LinkStart.Kind.RANDOM, true, NEVER);
        assertFalse(finished.stopped());
        assertEquals(TeamFiles.json(TeamFiles.links(folder.resolve("whole.json")).links), TeamFiles.json(TeamFiles.links(
                options.output()).links));
        assertEquals(10, Files.readAllLines(folder.resolve("parts.metrics.jsonl")).size());
    }

    @Test
    void theNumberOfThreadsDoesNotChangeABit() {
        LinkTraining.Outcome two = run(options(Loop.OUTER, 3, 1e-3, 2, "two.json"), LinkStart.Kind.RANDOM, false, NEVER);
        LinkTraining.Outcome one = run(options(Loop.OUTER, 3, 1e-3, 1, "one.json"), LinkStart.Kind.RANDOM, false, NEVER);
        for (int i = 0; i < 4; i++) {
            assertArrayEquals(LinkWeights.decode(one.links().links.get(i)).proj2,
                    LinkWeights.decode(two.links().links.get(i)).proj2);
        }
    }

    @Test
    void aNumberThatIsNotFiniteNamesStepLinkAndRound() throws IOException {
        LinkTraining.Outcome good = run(options(Loop.OUTER, 0, 1e-3, 1, "start.json"), LinkStart.Kind.RANDOM, false,
                NEVER);
        LinkEntry outer = good.links().links.get(2);
        LinkWeights weights = LinkWeights.decode(outer);
        java.util.Arrays.fill(weights.postGain, 3e38f);
        java.util.Arrays.fill(weights.postBias, 3e38f);
        good.links().links.set(2, weights.encode("outer", outer.from, outer.to));
        Path file = folder.resolve("broken.json");
        TeamFiles.write(file, TeamFiles.json(good.links()));
        LinkStart start = new LinkStart(LinkStart.Kind.FILE, file, 1e-4, ClosedFormLinks.Form.LINEAR, 20, 6, false);
        String message = assertThrows(InputException.class, () -> LinkTraining.run(options(Loop.OUTER, 2, 1e-3, 1,
                "x.json"), start, new LinkTraining.Data(toy.tasks, 0, null, 5, 0), false, "", notes, Progress.NONE,
                NEVER)).getMessage();
        assertTrue(message.contains("step 1") && message.contains("writer->solver") && message.contains("round 1"),
                message);
    }

    @Test
    void checkpointsOfOtherOptionsOrWithDamageAreRefused() throws IOException {
        TrainingOptions options = options(Loop.OUTER, 6, 1e-3, 1, "a.json");
        run(options, LinkStart.Kind.RANDOM, false, () -> notes.losses.size() >= 2);
        TrainingOptions other = options(Loop.OUTER, 6, 2e-3, 1, "a.json");
        String message = assertThrows(InputException.class, () -> run(other, LinkStart.Kind.RANDOM, true, NEVER))
                .getMessage();
        assertTrue(message.contains("optimiser") && message.contains("0.001") && message.contains("0.002"), message);
        Path file = folder.resolve("a.checkpoint");
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
        assertTrue(assertThrows(InputException.class, () -> run(options, LinkStart.Kind.RANDOM, true, NEVER))
                .getMessage().contains("checksum"));
        Files.delete(file);
        assertTrue(assertThrows(InputException.class, () -> run(options, LinkStart.Kind.RANDOM, true, NEVER))
                .getMessage().contains("no checkpoint"));
    }

    @Test
    void tooLittleMemoryIsSaidBeforeTheStart() {
        TrainingOptions tight = new TrainingOptions(toy.teamFile, null, TeachingRules.usual(6), Loop.OUTER, false, 0, 2,
                3, 5, 4, 6, 0, 1 << 20, 1e-3, 2, 1, 0, 3, 1, 4, 3, folder.resolve("tight.json"));
        String message = assertThrows(InputException.class, () -> run(tight, LinkStart.Kind.RANDOM, false, NEVER))
                .getMessage();
        assertTrue(message.contains("--memory") && message.contains("GiB"), message);
        assertFalse(Files.exists(tight.output()));
    }
}
