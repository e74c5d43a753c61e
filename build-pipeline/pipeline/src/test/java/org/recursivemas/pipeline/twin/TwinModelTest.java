package org.recursivemas.pipeline.twin;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.recursivemas.compiler.Quantization;
import org.recursivemas.data.LinkEntry;
import org.recursivemas.engine.DecodingOptions;
import org.recursivemas.engine.EngineException;
import org.recursivemas.engine.Generation;
import org.recursivemas.engine.HiddenStateProbe;
import org.recursivemas.engine.Latents;
import org.recursivemas.engine.Link;
import org.recursivemas.engine.PromptPiece;
import org.recursivemas.engine.RunControl;
import org.recursivemas.engine.TokenListener;
import org.recursivemas.engine.VocabularyLens;
import org.recursivemas.links.LinkMath;
import org.recursivemas.links.LinkWeights;
import org.recursivemas.pipeline.InputException;
import org.recursivemas.pipeline.convert.ChatOptions;
import org.recursivemas.pipeline.convert.ConvertedModel;
import org.recursivemas.pipeline.convert.Converter;
import org.recursivemas.pipeline.convert.Float32Codec;

class TwinModelTest {
    private static final TokenListener SILENT = (text, count) -> { };
    private static final int IM_END = 258;
    @TempDir
    static Path temporary;
    private static ModelFolder folder;
    private final TwinDevice device = new TwinDevice();

    @BeforeAll
    static void load() throws IOException {
        folder = ModelFolder.load(new TinyCheckpoint(24, 2, 4, 2, 32, false, 3).write(temporary.resolve("model")));
    }

    @AfterAll
    static void unload() {
        folder.close();
    }

    private static List<PromptPiece> prompt(String text) {
        return List.of(PromptPiece.text(text));
    }

    @Test
    void nearestTokensOfAHiddenStateAreThoseOfATiedHead() throws IOException {
        try (ModelFolder tied = ModelFolder.load(
                new TinyCheckpoint(24, 2, 4, 2, 32, true, 3).write(temporary.resolve("tied")))) {
            nearest(tied.model("m"));
        }
    }

    private void nearest(TwinModel model) {
        float[] hidden = device.read(model.prefill(prompt("how many pens")))[0];
        float[] logits = model.weights().logits(hidden);
        VocabularyLens.Nearest meant = VocabularyLens.Nearest.of(logits, 5);
        VocabularyLens.Nearest found = model.nearest(new float[][] {hidden}, 5, false)[0];
        assertArrayEquals(meant.ids(), found.ids());
        assertArrayEquals(meant.scores(), found.scores(), 1e-4f);
        float[] embedding = model.weights().embed(IM_END);
        float[][] vectors = {embedding, new float[embedding.length]};
        VocabularyLens.Nearest itself = model.nearest(vectors, 1, true)[0];
        assertEquals(IM_END, itself.ids()[0]);
        assertEquals(1, itself.scores()[0], 1e-6);
    }

    @Test
    void tokenizerAddsNothingAndRecognisesSpecialTokens() {
        TwinModel model = folder.model("m");
        assertArrayEquals(TinyCheckpoint.bytesOf("Tür 7\n"), model.tokenize("Tür 7\n"));
        assertArrayEquals(new int[] {257, 'a', 258, 256}, model.tokenize("<|im_start|>a<|im_end|><|endoftext|>"));
        assertEquals("aß", model.detokenize(new int[] {257, 'a', 0xc3, 0x9f, 258}));
        assertEquals(0, model.tokenize("").length);
        assertEquals("<|im_end|>", folder.tokenizer().text(IM_END));
    }

    @Test
    void longTextsAreNotCut() {
        assertEquals(3000, folder.model("m").tokenize("x".repeat(3000)).length);
    }

    @Test
    void stopTokensAreTheConfigsAndTheTemplates() {
        assertEquals(java.util.Set.of(256, 258), folder.stopTokens());
    }

    @Test
    void latentPiecesOfTokenEmbeddingsEqualTheTokensThemselves() {
        TwinModel model = folder.model("m");
        float[][] embedded = model.weights().embed(TinyCheckpoint.bytesOf("bcd"));
        Latents spliced = model.prefill(List.of(PromptPiece.text("a"), PromptPiece.latents(device.write(embedded,
                model)), PromptPiece.text(""), PromptPiece.text("e")));
        assertEquals(5, model.position());
        float[][] fromLatents = device.read(spliced);
        model.reset();
        assertArrayEquals(device.read(model.prefill(prompt("abcde")))[0], fromLatents[0]);
    }

    @Test
    void stepEqualsPrefillOfOneMore() {
        TwinModel model = folder.model("m");
        model.prefill(prompt("abc"));
        float[] stepped = device.read(model.step(device.write(model.weights().embed(new int[] {'d'}), model)))[0];
        model.reset();
        assertArrayEquals(device.read(model.prefill(prompt("abcd")))[0], stepped);
    }

    @Test
    void greedyTextIsTheArgmaxChain() {
        TwinModel model = folder.model("m");
        List<Integer> expected = new ArrayList<>();
        int[] tokens = TinyCheckpoint.bytesOf("Once");
        for (int i = 0; i < 12; i++) {
            float[] logits = model.weights().logits(new TwinState(model.weights()).lastHidden(model.weights()
                    .embed(tokens)));
            int next = Kernels.argmax(logits);
            if (next == 256 || next == 258) {
                break;
            }
            expected.add(next);
            tokens = Arrays.copyOf(tokens, tokens.length + 1);
            tokens[tokens.length - 1] = next;
        }
        assertTrue(expected.size() > 3, "the random model must not stop at once; choose another seed");
        List<String> heard = new ArrayList<>();
        Generation generation = model.generate(prompt("Once"), DecodingOptions.greedy(expected.size()),
                (text, count) -> heard.add(text), RunControl.NEVER);
        String text = model.detokenize(expected.stream().mapToInt(i -> i).toArray());
        assertEquals(text, generation.text());
        assertEquals(text, heard.get(heard.size() - 1));
        assertEquals(expected.size(), heard.size());
        assertEquals(4, generation.promptPositions());
        assertEquals(expected.size(), generation.decodedTokens());
        assertEquals(Generation.Finish.LENGTH, generation.finish());
        assertEquals(4 + expected.size() - 1, model.position());
    }

    @Test
    void stopTokenEndsTheTextAndIsCounted() throws IOException {
        TinyCheckpoint tiny = new TinyCheckpoint(24, 2, 4, 2, 32, false, 3);
        float[] head = tiny.tensor("lm_head.weight"); // [vocabulary, 24]
        float[] norm = tiny.tensor("model.norm.weight");
        Arrays.fill(norm, 0f);
        norm[0] = 1; // hidden state = (x0 / rms, 0, ...), so the sign of x0 alone decides
        for (int v = 0; v < TinyCheckpoint.VOCABULARY; v++) {
            head[v * 24] = v == IM_END ? 5 : v == 'z' ? -5 : 0;
        }
        try (ModelFolder stopping = ModelFolder.load(tiny.write(temporary.resolve("stopping")))) {
            TwinModel model = stopping.model("s");
            String starter = null;
            for (char c = 'a'; c < 'z' && starter == null; c++) {
                model.reset();
                float[] hidden = device.read(model.prefill(prompt("" + c)))[0];
                starter = hidden[0] > 0 ? "" + c : null;
            }
            model.reset();
            Generation generation = model.generate(prompt(starter), DecodingOptions.greedy(9), SILENT,
                    RunControl.NEVER);
            assertEquals("", generation.text());
            assertEquals(1, generation.decodedTokens());
            assertEquals(Generation.Finish.STOP, generation.finish());
            assertEquals(1, model.position());
        }
    }

    @Test
    void cancellingEndsBetweenTokens() {
        int[] heard = {0};
        Generation generation = folder.model("m").generate(prompt("Once"), DecodingOptions.greedy(50),
                (text, count) -> heard[0] = count, () -> heard[0] >= 2);
        assertEquals(Generation.Finish.CANCELLED, generation.finish());
        assertEquals(2, generation.decodedTokens());
    }

    @Test
    void contextWindowEndsTheText() {
        TwinModel small = new TwinModel("small", folder.weights(), folder.tokenizer(), java.util.Set.of(), 10);
        Generation generation = small.generate(prompt("1234567"), DecodingOptions.greedy(50), SILENT, RunControl.NEVER);
        assertEquals(Generation.Finish.LENGTH, generation.finish());
        assertEquals(10, small.position());
        assertEquals(4, generation.decodedTokens());
        small.reset();
        String message = assertThrows(EngineException.class, () -> small.prefill(prompt("12345678901"))).getMessage();
        assertTrue(message.contains("small") && message.contains("10"), message);
    }

    @Test
    void sameSeedSamplesTheSameText() {
        TwinModel model = folder.model("m");
        List<String> texts = new ArrayList<>();
        for (int seed : new int[] {1, 1, 2}) {
            model.reset();
            texts.add(model.generate(prompt("Once"), new DecodingOptions(20, 1.5, 0.95, seed), SILENT,
                    RunControl.NEVER).text());
        }
        assertEquals(texts.get(0), texts.get(1));
        assertNotEquals(texts.get(0), texts.get(2));
    }

    @Test
    void anotherTextBehindTheSamePromptIsThatOfARunOfItsOwn() {
        TwinModel model = folder.model("m");
        List<String> texts = new ArrayList<>();
        for (int seed : new int[] {1, 2, 3}) {
            model.reset();
            texts.add(model.generate(prompt("Once"), new DecodingOptions(20, 1.5, 0.95, seed), SILENT,
                    RunControl.NEVER).text());
        }
        model.reset();
        model.generate(prompt("Once"), DecodingOptions.greedy(12), SILENT, RunControl.NEVER);
        for (int seed : new int[] {3, 1, 2}) {
            Generation again = model.generateAgain(new DecodingOptions(20, 1.5, 0.95, seed), SILENT, RunControl.NEVER);
            assertEquals(texts.get(seed - 1), again.text());
            assertEquals(1, again.promptPositions());
        }
        model.reset();
        assertThrows(EngineException.class,
                () -> model.generateAgain(DecodingOptions.greedy(1), SILENT, RunControl.NEVER));
    }

    @Test
    void samplingKeepsToTheNucleusAndFollowsTheProbabilities() {
        float[] logits = {0, (float) Math.log(2), (float) Math.log(5), (float) Math.log(2)}; // 0.1 0.2 0.5 0.2
        int[] counts = new int[4];
        TokenSampler sampler = new TokenSampler(new DecodingOptions(1, 1, 0.6, 7));
        for (int i = 0; i < 7000; i++) {
            counts[sampler.pick(logits)]++;
        }
        assertEquals(0, counts[0]);
        assertEquals(0, counts[3]); // 0.5 is below 0.6, with the first 0.2 it is reached
        assertEquals(5000, counts[2], 150);
        assertEquals(2000, counts[1], 150);
    }

    @Test
    void linkOfTheDeviceIsTheTwinsArithmetic() {
        Random random = new Random(8);
        float[] matrix = new float[24 * 24];
        float[] bias = new float[24];
        for (int i = 0; i < matrix.length; i++) {
            matrix[i] = (float) random.nextGaussian();
        }
        LinkWeights weights = new LinkWeights("m->m", 24, 0, 24, null, null, null, null, null, null, matrix, bias, null,
                null);
        LinkEntry entry = weights.encode("outer", "a", "b");
        TwinModel model = folder.model("m");
        Link link = device.link(entry, model, model);
        float[][] x = model.weights().embed(new int[] {1, 2, 3});
        float[][] y = device.read(link.apply(device.write(x, model)));
        float[][] expected = LinkMath.apply(weights, x);
        for (int r = 0; r < 3; r++) {
            assertArrayEquals(expected[r], y[r]);
        }
        assertEquals(0, link.apply(device.write(new float[0][], model)).rows());
        assertTrue(device.takeLinkMillis() > 0);
        assertEquals(0, device.takeLinkMillis());
        LinkEntry narrow = new LinkWeights("narrow", 23, 0, 24, null, null, null, null, null, null, new float[23 * 24],
                bias, null, null).encode("outer", "a", "b");
        String message = assertThrows(EngineException.class, () -> device.link(narrow, model, model)).getMessage();
        assertTrue(message.contains("narrow") && message.contains("23") && message.contains("24"), message);
    }

    @Test
    void probeReportsNormsAndBrokenRows() {
        TwinModel model = folder.model("m");
        float[][] rows = new float[2][24];
        rows[0][3] = 3;
        rows[0][4] = 4;
        float[][] broken = new float[1][24];
        broken[0][7] = Float.NaN;
        try (HiddenStateProbe probe = device.probe()) {
            assertEquals(0, probe.record(device.write(rows, model)));
            assertEquals(1, probe.record(device.write(broken, model)));
            assertArrayEquals(new float[] {5, 0}, probe.read()[0].norms());
            assertTrue(probe.read()[0].finite());
            assertTrue(!probe.read()[1].finite());
        }
    }

    @Test
    void closedAndForeignLatentsAreRefused() {
        TwinModel model = folder.model("m");
        Latents closed = device.write(new float[1][24], model);
        closed.close();
        assertThrows(EngineException.class, () -> device.read(closed));
        assertThrows(EngineException.class, () -> model.step(closed));
        assertThrows(EngineException.class, () -> device.write(new float[1][23], model));
        assertThrows(EngineException.class, () -> model.prefill(List.of()));
    }

    @Test
    void convertedFolderGivesTheNumbersThatItsShardsHold() throws IOException {
        TinyCheckpoint tiny = new TinyCheckpoint(24, 2, 4, 2, 32, true, 3);
        Path source = tiny.write(temporary.resolve("source"));
        int[] tokens = TinyCheckpoint.bytesOf("the same text");
        float[][] exact = null;
        for (Quantization quantization : List.of(Quantization.Q0F32, Quantization.Q4F32_1)) {
            Path converted = temporary.resolve("converted-" + quantization.text());
            new Converter(source, quantization, Float32Codec.RAW, new ChatOptions(200, null, null, null))
                    .convert(converted, false, (error, done, total) -> { });
            try (ModelFolder loaded = ModelFolder.load(converted); ConvertedModel stored =
                    ConvertedModel.open(converted)) {
                assertEquals(200, loaded.contextWindow());
                assertEquals(java.util.Set.of(256, 258), loaded.stopTokens());
                float[] table = stored.floats("model.embed_tokens.weight");
                assertArrayEquals(Arrays.copyOfRange(table, 65 * 24, 66 * 24), loaded.weights().embed(65));
                float[][] hidden = new TwinState(loaded.weights()).hidden(tokens);
                double[][] expected = ReferenceForward.hidden(stored::floats, loaded.weights().config(), tokens);
                for (int t = 0; t < tokens.length; t++) {
                    TwinStateTest.close(expected[t], hidden[t], 2e-5, quantization + ", position " + t);
                }
                exact = exact == null ? hidden : exact;
                assertEquals(quantization == Quantization.Q0F32, Arrays.deepEquals(exact, hidden));
            }
        }
        try (ModelFolder checkpoint = ModelFolder.load(source)) {
            assertTrue(Arrays.deepEquals(exact, new TwinState(checkpoint.weights()).hidden(tokens)));
        }
    }

    @Test
    void folderWithoutModelOrTokenizerIsNamed() throws IOException {
        Path empty = Files.createDirectories(temporary.resolve("empty"));
        assertTrue(assertThrows(InputException.class, () -> ModelFolder.load(empty)).getMessage()
                .contains("config.json"));
        Path bare = new TinyCheckpoint(24, 1, 4, 2, 32, true, 3).write(temporary.resolve("bare"));
        Files.delete(bare.resolve("tokenizer.json"));
        assertTrue(assertThrows(InputException.class, () -> ModelFolder.load(bare)).getMessage()
                .contains("tokenizer.json"));
        Files.writeString(bare.resolve("tokenizer.json"), "{}");
        assertTrue(assertThrows(InputException.class, () -> ModelFolder.load(bare)).getMessage()
                .contains("not a tokenizer"));
    }
}
