package org.recursivemas.compiler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
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

/** Whole models with random weights, on the GPU and written down plainly. */
class ForwardTest {
    /** Largest difference allowed, relative to the root mean square of what is compared. */
    private static final double TOLERANCE = 1e-4;

    private enum Shape {
        TIED(config(64, 176, 2, 2, 1, 32, 301, true), Quantization.Q0F32),
        UNTIED_WIDE_GROUPS(config(128, 352, 2, 8, 2, 16, 515, false), Quantization.Q0F32),
        HEAD_128_NOT_HIDDEN(config(96, 200, 2, 2, 2, 128, 260, true), Quantization.Q0F32),
        ODD_SIZES(config(90, 131, 2, 3, 1, 30, 203, false), Quantization.Q0F32),
        QUANTIZED_TIED(config(128, 352, 2, 4, 2, 32, 303, true), Quantization.Q4F32_1),
        QUANTIZED_UNTIED_HEAD_64(config(192, 512, 2, 3, 1, 64, 402, false), Quantization.Q4F32_1),
        QUANTIZED_SHORT_GROUPS(config(84, 173, 2, 3, 3, 28, 203, true), Quantization.Q4F32_1),
        LARGE_TIED(config(64, 176, 2, 2, 1, 32, 301, true), Quantization.Q0F32, Scale.LARGE),
        LARGE_ODD_SIZES(config(90, 131, 1, 3, 1, 30, 203, false), Quantization.Q0F32, Scale.LARGE),
        LARGE_QUANTIZED(config(128, 352, 1, 4, 2, 32, 303, false), Quantization.Q4F32_1, Scale.LARGE),
        LARGE_SHORT_GROUPS(config(84, 173, 2, 3, 3, 28, 203, true), Quantization.Q4F32_1, Scale.LARGE),
        /** Rows enough for the largest tiles. */
        LARGE_TILES(config(64, 2100, 1, 32, 16, 64, 203, true), Quantization.Q0F32, Scale.LARGE),
        LARGE_TILES_QUANTIZED(config(68, 2100, 1, 2, 1, 64, 203, true), Quantization.Q4F32_1, Scale.LARGE);

        private final ModelConfig config;
        private final Quantization quantization;
        private final Scale scale;

        Shape(ModelConfig config, Quantization quantization) {
            this(config, quantization, Scale.SMALL);
        }

        Shape(ModelConfig config, Quantization quantization, Scale scale) {
            this.config = config;
            this.quantization = quantization;
            this.scale = scale;
        }
    }

    private static ModelConfig config(int hidden, int inner, int layers, int heads, int kvHeads, int headSize, int vocabulary,
            boolean tied) {
        return new ModelConfig(Architecture.QWEN2, hidden, inner, layers, heads, kvHeads, headSize, vocabulary, 4096, 1e-6, 1e4,
                tied);
    }

    private static void assertClose(String what, float[] expected, float[] actual) {
        assertEquals(expected.length, actual.length, what);
        double squares = 0;
        for (float v : expected) {
            squares += (double) v * v;
        }
        double limit = TOLERANCE * Math.sqrt(squares / expected.length);
        for (int i = 0; i < expected.length; i++) {
            assertTrue(Math.abs(expected[i] - actual[i]) <= limit,
                    what + "[" + i + "]: expected " + expected[i] + ", is " + actual[i] + ", allowed difference " + limit);
        }
    }

    private static int[] tokens(int count, int vocabulary, long seed) {
        return new Random(seed).ints(count, 0, vocabulary).toArray();
    }

    private static Gpu open(ModelConfig config, Quantization quantization, RandomModel model, int chunk, Scale scale) {
        Gpu gpu = new Gpu(LibraryCompiler.compile(config, quantization, new CompileOptions(2048, chunk, config.vocabSize()),
                scale));
        gpu.params(model.stored());
        return gpu;
    }

    @ParameterizedTest
    @EnumSource(Shape.class)
    void hiddenStatesAndLogitsAreThoseOfThePlainPass(Shape shape) {
        ModelConfig config = shape.config;
        int d = config.hiddenSize();
        RandomModel model = new RandomModel(config, shape.quantization, 7);
        NaiveModel naive = new NaiveModel(model);
        int[] ids = tokens(47, config.vocabSize(), 11);
        float[] embeddings = naive.embed(ids);
        float[] hidden = naive.forward(embeddings);
        try (Gpu gpu = open(config, shape.quantization, model, 64, shape.scale)) {
            Tensor embedded = gpu.call("embed", Tensor.ints(ids, ids.length).at(12)).outputs().get(0);
            assertTrue(embedded.hasShape(47, d));
            assertClose("embed", embeddings, embedded.toFloats());

            gpu.newState(64);
            Tensor all = Tensor.floats(embeddings, 1, 47, d);
            Tensor result = gpu.call("get_last_hidden", all).outputs().get(0);
            assertTrue(result.hasShape(1, 47, d));
            assertClose("get_last_hidden", hidden, result.toFloats());

            // The same in pieces: 40 at once at an offset, six one by one, and the last for its logits.
            gpu.newState(64);
            float[] start = gpu.call("get_last_hidden", Tensor.floats(Arrays.copyOf(embeddings, 40 * d), 1, 40, d).at(20))
                    .outputs().get(0).toFloats();
            assertClose("chunk", Arrays.copyOf(hidden, 40 * d), start);
            for (int i = 40; i < 46; i++) {
                Tensor one = Tensor.floats(Arrays.copyOfRange(embeddings, i * d, (i + 1) * d), 1, 1, d).at(4 * i);
                String function = i % 2 == 0 ? "decode_last_hidden" : "get_last_hidden";
                assertClose("position " + i, Arrays.copyOfRange(hidden, i * d, (i + 1) * d),
                        gpu.call(function, one).outputs().get(0).toFloats());
            }
            float[] logits = naive.logits(Arrays.copyOfRange(hidden, 46 * d, 47 * d));
            Tensor last = Tensor.floats(Arrays.copyOfRange(embeddings, 46 * d, 47 * d), 1, 1, d);
            Tensor decoded = gpu.call("decode", last).outputs().get(0);
            assertTrue(decoded.hasShape(1, 1, config.vocabSize()));
            assertClose("decode", logits, decoded.toFloats());

            gpu.newState(64);
            assertClose("prefill", logits, gpu.call("prefill", all).outputs().get(0).toFloats());

            // Functions are interchangeable in n: decode takes many, prefill takes one.
            gpu.newState(64);
            gpu.call("decode", Tensor.floats(Arrays.copyOf(embeddings, 46 * d), 1, 46, d));
            assertClose("prefill of one", logits, gpu.call("prefill", last).outputs().get(0).toFloats());
        }
    }

    @ParameterizedTest
    @EnumSource(Scale.class)
    void longContextIsAttendedToAcrossBlocks(Scale scale) {
        ModelConfig config = config(64, 96, 1, 2, 1, 32, 97, true);
        RandomModel model = new RandomModel(config, Quantization.Q0F32, 3);
        NaiveModel naive = new NaiveModel(model);
        int d = config.hiddenSize();
        int length = 700;
        float[] embeddings = naive.embed(tokens(length, config.vocabSize(), 5));
        float[] hidden = naive.forward(embeddings);
        try (Gpu gpu = open(config, Quantization.Q0F32, model, 512, scale)) {
            gpu.newState(length);
            int at = 0;
            for (int n : new int[] {512, 1, 1, 131, 54, 1}) {
                float[] part = Arrays.copyOfRange(embeddings, at * d, (at + n) * d);
                assertClose("from " + at, Arrays.copyOfRange(hidden, at * d, (at + n) * d),
                        gpu.call("get_last_hidden", Tensor.floats(part, 1, n, d)).outputs().get(0).toFloats());
                at += n;
            }
            assertEquals(length, at);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"Q0F16", "Q4F16_1"})
    void halfPrecisionPlansAreRightButForTheStorageType(Quantization quantization) {
        ModelConfig config = config(128, 352, 2, 4, 2, 32, 303, true);
        int d = config.hiddenSize();
        RandomModel model = new RandomModel(config, quantization, 8);
        NaiveModel naive = new NaiveModel(model);
        float[] embeddings = naive.embed(tokens(20, config.vocabSize(), 12));
        float[] hidden = naive.forward(embeddings);
        LibraryPlan plan = LibraryCompiler.compile(config, quantization, new CompileOptions(64, 32, config.vocabSize()));
        try (Gpu gpu = new Gpu(Widened.plan(plan))) {
            gpu.params(Widened.params(new ParamTable(config, quantization), model));
            gpu.newState(32);
            assertClose("start", Arrays.copyOf(hidden, 19 * d), gpu.call("get_last_hidden",
                    Tensor.floats(Arrays.copyOf(embeddings, 19 * d), 1, 19, d)).outputs().get(0).toFloats());
            Tensor last = Tensor.floats(Arrays.copyOfRange(embeddings, 19 * d, 20 * d), 1, 1, d);
            assertClose("logits", naive.logits(Arrays.copyOfRange(hidden, 19 * d, 20 * d)),
                    gpu.call("decode", last).outputs().get(0).toFloats());
        }
    }

    @Test
    void anIdOutsideOfTheTableGivesNotANumber() {
        ModelConfig config = config(64, 96, 1, 2, 1, 32, 97, true);
        RandomModel model = new RandomModel(config, Quantization.Q0F32, 3);
        try (Gpu gpu = open(config, Quantization.Q0F32, model, 8, Scale.SMALL)) {
            float[] rows = gpu.call("embed", Tensor.ints(new int[] {96, 97, -1}, 3)).outputs().get(0).toFloats();
            for (int i = 0; i < rows.length; i++) {
                assertEquals(i >= 64, Float.isNaN(rows[i]), "element " + i);
            }
        }
    }

    @Test
    void tokenStepsTakeFiveDispatchesALayerAndOne() {
        ModelConfig config = config(64, 96, 5, 2, 1, 32, 97, true);
        RandomModel model = new RandomModel(config, Quantization.Q0F32, 3);
        try (Gpu gpu = open(config, Quantization.Q0F32, model, 8, Scale.SMALL)) {
            gpu.newState(16);
            Tensor one = Tensor.floats(new float[64], 1, 1, 64);
            assertEquals(26, gpu.call("decode", one).dispatches());
            assertEquals(26, gpu.call("decode_last_hidden", one).dispatches());
        }
    }
}
