package org.recursivemas.compiler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.recursivemas.compiler.gpu.Gpu;
import org.recursivemas.compiler.gpu.NaiveModel;
import org.recursivemas.compiler.gpu.RandomModel;
import org.recursivemas.compiler.gpu.Tensor;
import org.recursivemas.compiler.gpu.Widened;
import org.recursivemas.library.LibraryPlan;
import org.recursivemas.library.PlanFunction;

/** Models of every family with random weights, on the GPU and written down plainly. */
class FamiliesTest {
    /** Largest difference allowed, relative to the root mean square of what is compared. */
    private static final double TOLERANCE = 1e-4;
    private static final int CHUNK = 64;

    /** Largest difference, relative to the root mean square of what is expected; NaN if anything is not a number. */
    private static double error(float[] expected, float[] actual) {
        assertEquals(expected.length, actual.length);
        double squares = 0;
        double worst = 0;
        for (int i = 0; i < expected.length; i++) {
            squares += (double) expected[i] * expected[i];
            worst = Math.max(worst, Math.abs((double) expected[i] - actual[i]));
        }
        return worst / Math.sqrt(squares / expected.length);
    }

    @ParameterizedTest
    @EnumSource(Family.class)
    void promptsOverSeveralChunksAreRight(Family family) {
        isRight(family, Quantization.Q0F32, Scale.SMALL, CHUNK, CHUNK, 9);
    }

    /** Here what no published family has; e2e-tests runs each family's quantized library in WebLLM. */
    @ParameterizedTest
    @EnumSource(names = {"QWEN2_WINDOW_IN_SECOND_LAYER", "QWEN3_WITH_BIASES"})
    void quantizedModelsAreRight(Family family) {
        isRight(family, Quantization.Q4F32_1, Scale.SMALL, 41);
    }

    @ParameterizedTest
    @EnumSource(names = {"QWEN3_WITH_BIASES", "GEMMA3", "GEMMA3_ODD_WIDTH"})
    void kernelsForLargeModelsAreRight(Family family) {
        isRight(family, Quantization.Q4F32_1, Scale.LARGE, 41);
    }

    /** A prompt in chunks, then tokens one by one past a page of 16 positions. */
    private static void isRight(Family family, Quantization quantization, Scale scale, int... chunks) {
        ModelConfig config = family.config();
        int d = config.hiddenSize();
        RandomModel model = new RandomModel(config, quantization, 7);
        NaiveModel naive = new NaiveModel(model);
        int prompt = Arrays.stream(chunks).sum();
        int length = (prompt / 16 + 1) * 16 + 3;
        int[] ids = new Random(11).ints(length, 0, config.vocabSize()).toArray();
        float[] embeddings = naive.embed(ids);
        float[] hidden = naive.forward(embeddings);
        double worst = 0;
        try (Gpu gpu = new Gpu(LibraryCompiler.compile(config, quantization,
                new CompileOptions(256, CHUNK, config.vocabSize()), scale))) {
            gpu.params(model.stored());
            worst = Math.max(worst, error(embeddings,
                    gpu.call("embed", Tensor.ints(ids, ids.length).at(12)).outputs().get(0).toFloats()));
            gpu.newState(length);
            int at = 0;
            for (int n : chunks) {
                worst = Math.max(worst, error(part(hidden, at, n, d), call(gpu, "get_last_hidden", embeddings, at, n, d)));
                at += n;
            }
            for (; at < length - 1; at++) {
                worst = Math.max(worst, error(part(hidden, at, 1, d), call(gpu, "decode_last_hidden", embeddings, at, 1, d)));
            }
            float[] logits = naive.logits(part(hidden, at, 1, d));
            worst = Math.max(worst, error(logits, call(gpu, "decode", embeddings, at, 1, d)));
        }
        System.out.printf("%s %s, kernels for %s models: worst error %.1e%n", family, quantization.text(), scale, worst);
        assertTrue(worst <= TOLERANCE, family + ": off by " + worst);
    }

    @ParameterizedTest
    @EnumSource(names = {"QWEN3_WITH_BIASES", "GEMMA3"})
    void halfPrecisionPlansAreRightButForTheStorageType(Family family) {
        ModelConfig config = family.config();
        int d = config.hiddenSize();
        RandomModel model = new RandomModel(config, Quantization.Q4F16_1, 8);
        NaiveModel naive = new NaiveModel(model);
        float[] embeddings = naive.embed(new Random(12).ints(31, 0, config.vocabSize()).toArray());
        float[] hidden = naive.forward(embeddings);
        LibraryPlan plan = LibraryCompiler.compile(config, Quantization.Q4F16_1,
                new CompileOptions(64, 32, config.vocabSize()));
        try (Gpu gpu = new Gpu(Widened.plan(plan))) {
            gpu.params(Widened.params(new ParamTable(config, Quantization.Q4F16_1), model));
            gpu.newState(32);
            double prompt = error(part(hidden, 0, 30, d), gpu.call("get_last_hidden",
                    Tensor.floats(part(embeddings, 0, 30, d), 1, 30, d)).outputs().get(0).toFloats());
            assertTrue(prompt <= TOLERANCE, family + ": prompt off by " + prompt);
            double logits = error(naive.logits(part(hidden, 30, 1, d)), gpu.call("decode",
                    Tensor.floats(part(embeddings, 30, 1, d), 1, 1, d)).outputs().get(0).toFloats());
            assertTrue(logits <= TOLERANCE, family + ": logits off by " + logits);
        }
    }

    private static float[] part(float[] values, int at, int n, int d) {
        return Arrays.copyOfRange(values, at * d, (at + n) * d);
    }

    private static float[] call(Gpu gpu, String function, float[] embeddings, int at, int n, int d) {
        return gpu.call(function, Tensor.floats(part(embeddings, at, n, d), 1, n, d).at(4 * (at % 3))).outputs().get(0)
                .toFloats();
    }

    @Test
    void whatTokensBeforeTheWindowSayIsForgotten() {
        ModelConfig config = Family.MISTRAL.config();
        int d = config.hiddenSize();
        RandomModel model = new RandomModel(config, Quantization.Q0F32, 9);
        NaiveModel naive = new NaiveModel(model);
        int[] ids = new Random(12).ints(60, 0, config.vocabSize()).toArray();
        int[] others = ids.clone();
        others[0] = (ids[0] + 1) % config.vocabSize();
        try (Gpu gpu = new Gpu(LibraryCompiler.compile(config, Quantization.Q0F32,
                new CompileOptions(64, 64, config.vocabSize())))) {
            gpu.params(model.stored());
            gpu.newState(64);
            float[] first = call(gpu, "get_last_hidden", naive.embed(ids), 0, 60, d);
            gpu.newState(64);
            float[] second = call(gpu, "get_last_hidden", naive.embed(others), 0, 60, d);
            // Two layers of 24 keys each reach back 46 positions.
            assertTrue(error(part(first, 46, 1, d), part(second, 46, 1, d)) > 1e-7);
            assertEquals(0, error(part(first, 47, 13, d), part(second, 47, 13, d)));
        }
    }

    @Test
    void tokenStepsAddNormsAndResidualsOnTheWay() {
        ModelConfig config = Family.GEMMA3.config();
        LibraryPlan plan = LibraryCompiler.compile(config, Quantization.Q4F32_1, new CompileOptions(64, 64,
                config.vocabSize()), Scale.LARGE);
        PlanFunction decode = plan.functions().stream().filter(f -> f.name().equals("decode")).findFirst().orElseThrow();
        // A short context, a long one, many tokens; two layers and what follows them.
        assertEquals(List.of(2 * 6 + 2, 2 * 7 + 2, 2 * 8 + 1),
                decode.variants().stream().map(variant -> variant.launches().size()).toList());
    }
}
