package org.recursivemas.compiler;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.recursivemas.compiler.gpu.Gpu;
import org.recursivemas.compiler.gpu.Tensor;

/** The functions between logits and token, for a small and a large vocabulary, against their definitions. */
class SamplingTest {
    private static final int SMALL = 603;
    private static final int LARGE = 9001;
    private static final int ACTIVE = 590;
    private static final float LOWEST = -Float.MAX_VALUE;

    private static Gpu small;
    private static Gpu large;

    @BeforeAll
    static void open() {
        small = gpu(SMALL, ACTIVE);
        large = gpu(LARGE, LARGE);
    }

    @AfterAll
    static void close() {
        small.close();
        large.close();
    }

    private static Gpu gpu(int vocabulary, int active) {
        ModelConfig config = new ModelConfig(Architecture.QWEN2, 32, 32, 1, 1, 1, 32, vocabulary, 64, 1e-6, 1e4, true);
        return new Gpu(LibraryCompiler.compile(config, Quantization.Q0F32, new CompileOptions(64, 8, active)));
    }

    private static float[] random(int count, double scale, long seed) {
        Random random = new Random(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (scale * random.nextGaussian());
        }
        return values;
    }

    private static Tensor one(float value) {
        return Tensor.floats(new float[] {value}, 1);
    }

    private static float[] softmax(Gpu gpu, float[] logits, float temperature) {
        Tensor result = gpu.call("softmax_with_temperature", Tensor.floats(logits, 1, 1, logits.length).at(24),
                one(temperature).at(4)).outputs().get(0);
        assertTrue(result.hasShape(1, 1, logits.length));
        return result.toFloats();
    }

    private static void softmaxIsRight(Gpu gpu, int vocabulary, int active, float temperature) {
        float[] logits = random(vocabulary, 4, 1);
        float[] actual = softmax(gpu, logits, temperature);
        double highest = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < active; i++) {
            highest = Math.max(highest, logits[i]);
        }
        double sum = 0;
        for (int i = 0; i < active; i++) {
            sum += Math.exp((logits[i] - highest) / temperature);
        }
        for (int i = 0; i < vocabulary; i++) {
            double expected = i < active ? Math.exp((logits[i] - highest) / temperature) / sum : 0;
            assertEquals(expected, actual[i], 1e-5 * expected + 1e-12, "token " + i);
        }
    }

    @Test
    void softmaxDividesByTheTemperature() {
        softmaxIsRight(small, SMALL, ACTIVE, 0.7f);
        softmaxIsRight(small, SMALL, ACTIVE, 1.9f);
        softmaxIsRight(large, LARGE, LARGE, 1.0f);
    }

    @Test
    void atTemperatureZeroTheMaximaShareTheProbability() {
        float[] logits = random(SMALL, 4, 2);
        logits[17] = logits[400] = 31f;
        // Beyond the active vocabulary: does not count.
        logits[ACTIVE] = 90f;
        float[] actual = softmax(small, logits, 1e-6f);
        float[] expected = new float[SMALL];
        expected[17] = expected[400] = 0.5f;
        assertArrayEquals(expected, actual);
    }

    @Test
    void softmaxOfForbiddenTokensIsZero() {
        float[] logits = new float[SMALL];
        Arrays.fill(logits, LOWEST);
        logits[3] = -2f;
        float[] actual = softmax(small, logits, 0.5f);
        float[] expected = new float[SMALL];
        expected[3] = 1f;
        assertArrayEquals(expected, actual);
    }

    private static void sortIsRight(Gpu gpu, float[] values) {
        Gpu.Result result = gpu.call("argsort_probs", Tensor.floats(values, 1, values.length).at(8));
        int[] order = IntStream.range(0, values.length).boxed()
                .sorted(Comparator.comparing((Integer i) -> -values[i]).thenComparing(i -> i)).mapToInt(i -> i).toArray();
        assertArrayEquals(order, result.outputs().get(1).toInts());
        float[] sorted = new float[values.length];
        for (int i = 0; i < sorted.length; i++) {
            sorted[i] = values[order[i]];
        }
        assertArrayEquals(sorted, result.outputs().get(0).toFloats());
        assertTrue(result.outputs().get(0).hasShape(1, values.length));
        assertTrue(result.outputs().get(1).hasShape(1, values.length));
    }

    private static float[] coarse(int count, long seed) {
        Random random = new Random(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = random.nextInt(20) / 64f;
        }
        return values;
    }

    @Test
    void sortingIsDescendingAndStable() {
        sortIsRight(small, softmax(small, random(SMALL, 3, 3), 1f));
        sortIsRight(small, coarse(SMALL, 4));
        sortIsRight(small, new float[SMALL]);
    }

    @Test
    void sortingLargeVocabulariesIsDescendingAndStable() {
        sortIsRight(large, softmax(large, random(LARGE, 3, 3), 1f));
        sortIsRight(large, coarse(LARGE, 4));
        sortIsRight(large, new float[LARGE]);
    }

    @Test
    void sortingOneRunAndSeveralLevels() {
        try (Gpu gpu = gpu(1500, 1500)) {
            sortIsRight(gpu, coarse(1500, 5));
        }
        try (Gpu gpu = gpu(151936, 151936)) {
            sortIsRight(gpu, coarse(151936, 6));
        }
    }

    private static int sample(Gpu gpu, float[] sorted, int[] ids, float u, float topP) {
        Tensor result = gpu.call("sample_with_top_p", Tensor.floats(sorted, 1, sorted.length).at(4),
                Tensor.ints(ids, 1, ids.length).at(8), one(u).at(12), Tensor.ints(new int[] {0}, 1), one(topP).at(4))
                .outputs().get(0);
        assertTrue(result.hasShape(1));
        return result.toInts()[0];
    }

    private static void samplingIsRight(Gpu gpu, int vocabulary, double scale) {
        float[] logits = random(vocabulary, scale, 9);
        Gpu.Result sort = gpu.call("argsort_probs", Tensor.floats(softmax(gpu, logits, 1f), 1, vocabulary));
        float[] sorted = sort.outputs().get(0).toFloats();
        int[] ids = sort.outputs().get(1).toInts();
        Random random = new Random(10);
        for (float topP : new float[] {1e-5f, 0.3f, 0.95f, 1f}) {
            for (int trial = 0; trial < 12; trial++) {
                float u = random.nextFloat();
                double total = 0;
                for (int j = 0; j < sorted.length && total < topP; j++) {
                    total += sorted[j];
                }
                // Rounding may move the border between two neighbours: both sides of it are right.
                int low = first(sorted, u - 1e-5, total);
                int high = first(sorted, u + 1e-5, total);
                int chosen = sample(gpu, sorted, ids, u, topP);
                assertTrue(IntStream.rangeClosed(low, high).anyMatch(j -> ids[j] == chosen),
                        "u " + u + ", top p " + topP + ": " + chosen + ", expected the one at " + low + " to " + high);
            }
        }
    }

    private static int first(float[] sorted, double u, double total) {
        double sum = 0;
        for (int j = 0; j < sorted.length; j++) {
            sum += sorted[j];
            if (u < sum / total) {
                return j;
            }
        }
        return sorted.length - 1;
    }

    @Test
    void samplingTakesTheTokenThatHoldsTheRandomNumber() {
        samplingIsRight(small, SMALL, 2);
        samplingIsRight(large, LARGE, 0.5);
    }

    @Test
    void samplingIsExactWhereSumsAre() {
        float[] sorted = new float[SMALL];
        sorted[0] = 0.5f;
        sorted[1] = 0.25f;
        sorted[2] = 0.125f;
        sorted[3] = 0.125f;
        int[] ids = IntStream.range(0, SMALL).map(i -> 700 - i).toArray();
        // Within 0.75 the shares are 2/3 and 1/3; a number on the border belongs to the next one.
        assertEquals(700, sample(small, sorted, ids, 0.66f, 0.75f));
        assertEquals(699, sample(small, sorted, ids, 0.67f, 0.75f));
        assertEquals(699, sample(small, sorted, ids, 0.9999f, 0.75f));
        assertEquals(699, sample(small, sorted, ids, 0.5f, 1f));
        assertEquals(697, sample(small, sorted, ids, 0.875f, 1f));
        assertEquals(700, sample(small, sorted, ids, 0.9999f, 1e-5f));
    }

    @Test
    void forbiddenTokensGetTheLowestLogit() {
        float[] logits = random(SMALL, 4, 20);
        int[] mask = new Random(21).ints((SMALL + 31) / 32).toArray();
        float[] expected = logits.clone();
        for (int i = 0; i < SMALL; i++) {
            if ((mask[i / 32] >>> i % 32 & 1) == 0) {
                expected[i] = LOWEST;
            }
        }
        Gpu.Result result = small.call("apply_bitmask_inplace", Tensor.floats(logits, 1, SMALL).at(36),
                Tensor.ints(new int[] {0}, 1).at(4), Tensor.ints(mask, 1, mask.length).at(8));
        assertEquals(0, result.outputs().size());
        assertArrayEquals(expected, result.arguments().get(0).toFloats());
    }

    @Test
    void penaltiesChangeOnlyTheirTokens() {
        float[] logits = random(SMALL, 4, 22);
        int[] tokens = IntStream.range(0, 100).map(i -> 6 * i + 1).toArray();
        int[] counts = new Random(23).ints(100, 1, 9).toArray();
        float[] penalties = {0.3f, 0.2f, 1.25f};
        float[] expected = logits.clone();
        for (int i = 0; i < tokens.length; i++) {
            float v = logits[tokens[i]] - penalties[0] - counts[i] * penalties[1];
            expected[tokens[i]] = v < 0 ? v * penalties[2] : v / penalties[2];
        }
        float[] actual = small.call("apply_penalty_inplace", Tensor.floats(logits, 1, SMALL).at(4),
                Tensor.ints(new int[] {0}, 1).at(8), Tensor.ints(new int[100], 100).at(12), Tensor.ints(tokens, 100).at(16),
                Tensor.ints(counts, 100).at(20), Tensor.floats(penalties, 1, 3).at(24)).arguments().get(0).toFloats();
        assertArrayEquals(expected, actual, 1e-5f);
    }

    @Test
    void biasIsAdded() {
        float[] logits = random(SMALL, 4, 24);
        float[] expected = logits.clone();
        expected[5] += 100f;
        expected[602] -= 2.5f;
        float[] actual = small.call("apply_logit_bias_inplace", Tensor.floats(logits, 1, SMALL).at(4),
                Tensor.ints(new int[2], 2).at(8), Tensor.ints(new int[] {5, 602}, 2).at(4),
                Tensor.floats(new float[] {100f, -2.5f}, 2).at(12)).arguments().get(0).toFloats();
        assertArrayEquals(expected, actual);
    }

    @Test
    void noBiasAtAllLaunchesNothing() {
        float[] logits = random(SMALL, 4, 25);
        Gpu.Result result = small.call("apply_logit_bias_inplace", Tensor.floats(logits, 1, SMALL), Tensor.ints(new int[0], 0),
                Tensor.ints(new int[0], 0), Tensor.floats(new float[0], 0));
        assertEquals(0, result.dispatches());
        assertArrayEquals(logits, result.arguments().get(0).toFloats());
    }
}
