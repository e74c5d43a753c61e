package org.recursivemas.pipeline.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.recursivemas.links.LinkMath;
import org.recursivemas.links.LinkWeights;
import org.recursivemas.pipeline.Progress;
import org.recursivemas.pipeline.links.TeachingRules;
import org.recursivemas.pipeline.links.TeamFiles;
import org.recursivemas.pipeline.links.ToyTeam;
import org.recursivemas.pipeline.twin.TeamModels;
import org.recursivemas.pipeline.twin.TwinWeights;
import org.recursivemas.team.TeamPlan;

/** Links in closed form are those that the plain-Java twin's states give, problem by problem. */
class ClosedFormTwinTest {
    private static final double TOLERANCE = 1e-4;

    @TempDir
    static Path temporary;
    private static ToyTeam toy;

    @BeforeAll
    static void write() throws IOException {
        toy = ToyTeam.write(temporary.resolve("toy"));
    }

    @Test
    void batchedPassesShowTheTwinsStates() {
        sameStates(TeachingRules.usual(ToyTeam.ROWS));
    }

    @Test
    void messagesOfDifferentLengthsShareABatch() {
        sameStates(TeachingRules.usual(0));
    }

    private static void sameStates(TeachingRules rules) {
        List<Map<String, String>> tasks = TeamFiles.problems(toy.tasks, 0, 9, List.of("question"));
        try (TeamModels models = TeamModels.load(toy.teamFile, TeamFiles.team(toy.teamFile), null);
                TrainedTeam team = new TrainedTeam(toy.teamFile, null);
                NDManager manager = TorchEngine.get().newManager()) {
            TwinTeacherForcing twin = new TwinTeacherForcing(team.plan(), rules, models);
            List<TeacherForcing.Lesson> batched = new TeacherForcing(team, rules).lessons(tasks, manager);
            int[] rows = new int[batched.size()];
            for (Map<String, String> task : tasks) {
                List<TwinTeacherForcing.Lesson> single = twin.lessons(task);
                assertEquals(single.size(), batched.size());
                for (int l = 0; l < rows.length; l++) {
                    TeacherForcing.Lesson lesson = batched.get(l);
                    assertEquals(single.get(l).agent(), lesson.agent().id());
                    int width = lesson.agent().hiddenSize();
                    float[] states = lesson.hidden().toFloatArray();
                    for (int i = 0; i < single.get(l).next().length; i++, rows[l]++) {
                        assertEquals(single.get(l).next()[i], lesson.next()[rows[l]]);
                        float[] own = Arrays.copyOfRange(states, rows[l] * width, (rows[l] + 1) * width);
                        assertArrayEquals(single.get(l).hidden()[i], own, 2e-5f, lesson.agent().id() + ", row " + i);
                    }
                }
            }
            for (int l = 0; l < rows.length; l++) {
                assertEquals(batched.get(l).next().length, rows[l]);
            }
        }
    }

    @Test
    void linearLinksAreTheTwins() {
        sameLinks(ClosedFormLinks.Form.LINEAR);
    }

    @Test
    void linksThatRecogniseTokensAreTheTwins() {
        sameLinks(ClosedFormLinks.Form.TOKENS);
    }

    private static void sameLinks(ClosedFormLinks.Form form) {
        ClosedFormLinks.Options options = toy.options(form, 2);
        ClosedFormLinks.Result result = ClosedFormLinks.run(options, Progress.NONE);
        Map<String, LinkWeights> links = new LinkedHashMap<>();
        result.links().links.forEach(entry -> links.put(entry.id, LinkWeights.decode(entry)));
        Map<String, PlainRidge> inner = new LinkedHashMap<>();
        Map<String, TreeMap<Integer, Integer>> used = new LinkedHashMap<>();
        try (TeamModels models = TeamModels.load(toy.teamFile, TeamFiles.team(toy.teamFile), null)) {
            TeamPlan plan = result.plan();
            TwinTeacherForcing twin = new TwinTeacherForcing(plan, options.rules(), models);
            for (Map<String, String> task : TeamFiles.problems(toy.tasks, 0, options.problems(), List.of("question"))) {
                for (TwinTeacherForcing.Lesson lesson : twin.lessons(task)) {
                    LinkWeights link = links.get(lesson.agent());
                    TwinWeights weights = models.folder(lesson.agent()).weights();
                    PlainRidge sums = inner.computeIfAbsent(lesson.agent(), id -> new PlainRidge(link.hiddenWidth
                            + link.inWidth, link.inWidth));
                    for (int i = 0; i < lesson.next().length; i++) {
                        sums.add(seen(link, lesson.hidden()[i]), weights.embed(lesson.next()[i]), 1);
                        used.computeIfAbsent(lesson.agent(), id -> new TreeMap<>()).merge(lesson.next()[i], 1,
                                Integer::sum);
                    }
                }
            }
            inner.forEach((agent, sums) -> {
                LinkWeights link = links.get(agent);
                PlainRidge.Solution wanted = sums.solve(options.lambda());
                int count = link.hiddenWidth;
                float[] found = new float[wanted.matrix.length];
                for (int row = 0, at = 0; row < link.outWidth; row++) {
                    for (int i = 0; i < count + link.inWidth; i++) {
                        found[at++] = i < count ? link.proj2[row * count + i] : link.residual[row * link.inWidth + i - count];
                    }
                }
                same(agent + ", matrix", wanted.matrix, found);
                same(agent + ", constant", wanted.bias, link.residualBias);
            });
            plan.edges().forEach(edge -> {
                TwinWeights from = models.folder(edge.from()).weights();
                TwinWeights to = models.folder(edge.to()).weights();
                PlainRidge sums = new PlainRidge(from.config().hiddenSize(), to.config().hiddenSize());
                used.get(edge.from()).forEach((token, count) -> sums.add(from.embed(token), to.embed(token), count));
                PlainRidge.Solution wanted = sums.solve(options.lambda());
                LinkWeights link = links.get(edge.from() + "->" + edge.to());
                same(link.id + ", matrix", wanted.matrix, link.residual);
                same(link.id + ", constant", wanted.bias, link.residualBias);
            });
        }
    }

    /** What the regression of an inner link sees: features of tokens, where the link has them, and the state. */
    private static float[] seen(LinkWeights link, float[] hidden) {
        float[] seen = new float[link.hiddenWidth + link.inWidth];
        if (link.hiddenWidth > 0) {
            float[] normalised = LinkMath.layerNorm(hidden, link.preGain, link.preBias);
            for (int i = 0; i < link.hiddenWidth; i++) {
                double score = link.proj1Bias[i];
                for (int k = 0; k < link.inWidth; k++) {
                    score += (double) normalised[k] * link.proj1[i * link.inWidth + k];
                }
                seen[i] = (float) LinkMath.gelu(score);
            }
        }
        System.arraycopy(hidden, 0, seen, link.hiddenWidth, link.inWidth);
        return seen;
    }

    /** Relative to the length of what is wanted. */
    private static void same(String what, float[] wanted, float[] found) {
        assertEquals(wanted.length, found.length, what);
        double length = 0;
        double apart = 0;
        for (int i = 0; i < wanted.length; i++) {
            length += (double) wanted[i] * wanted[i];
            apart += Math.pow((double) wanted[i] - found[i], 2);
        }
        double relative = Math.sqrt(apart / length);
        assertTrue(relative <= TOLERANCE, what + ": " + relative);
    }
}
