package org.recursivemas.pipeline.convert;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.recursivemas.compiler.Architecture;
import org.recursivemas.compiler.ModelConfig;
import org.recursivemas.compiler.ParamTable;
import org.recursivemas.compiler.Quantization;
import org.recursivemas.pipeline.InputException;
import org.recursivemas.pipeline.Progress;
import org.recursivemas.pipeline.checkpoint.Checkpoint;
import org.recursivemas.pipeline.checkpoint.ElementType;
import org.recursivemas.pipeline.twin.TwinState;
import org.recursivemas.pipeline.twin.TwinWeights;

/** Checkpoints of every family, converted and read back. */
class FamilyConversionTest {
    private static final int[] TOKENS = {9, 3, 77, 250, 8, 1, 130, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57};
    @TempDir
    Path folder;

    private Path write(String config, ElementType type) {
        Path path = folder.resolve("checkpoint");
        RandomCheckpoint.of(config, "config.json").write(path, false, 11, type, Long.MAX_VALUE, Progress.NONE);
        return path;
    }

    private Path convert(Path checkpoint, Quantization quantization) {
        Path target = folder.resolve(quantization.text());
        new Converter(checkpoint, quantization, Float32Codec.AUTO, ChatOptions.USUAL).convert(target, false,
                (error, done, total) -> { });
        return target;
    }

    private static float[] hidden(TwinWeights weights) {
        return new TwinState(weights).lastHidden(weights.embed(TOKENS));
    }

    @ParameterizedTest
    @EnumSource(TinyFamily.class)
    void convertedModelIsTheCheckpointAgain(TinyFamily family) throws IOException {
        Path path = write(family.config(), ElementType.F32);
        ModelConfig config = ModelConfig.read(path.resolve("config.json"));
        float[] expected;
        try (Checkpoint checkpoint = Checkpoint.open(path)) {
            expected = hidden(TwinWeights.read(config, checkpoint));
        }
        try (ConvertedModel model = ConvertedModel.open(convert(path, Quantization.Q0F32))) {
            assertEquals(flat(config), model.config());
            assertArrayEquals(expected, hidden(TwinWeights.read(model.config(), model)), 1e-6f);
            model.verify();
        }
        try (ConvertedModel model = ConvertedModel.open(convert(path, Quantization.Q4F16_1))) {
            float[] quantized = hidden(TwinWeights.read(model.config(), model));
            double difference = 0;
            double size = 0;
            for (int i = 0; i < expected.length; i++) {
                difference += Math.pow(expected[i] - quantized[i], 2);
                size += Math.pow(expected[i], 2);
            }
            // Four bits lose a lot in a random model, but by far not everything.
            assertTrue(difference > 1e-4 * size && difference < 0.7 * size, difference / size + " of the square is off");
        }
    }

    /** The text model out of a multimodal one stands alone in the converted folder. */
    private static ModelConfig flat(ModelConfig c) {
        return new ModelConfig(c.architecture(), c.hiddenSize(), c.intermediateSize(), c.layers(), c.heads(), c.kvHeads(),
                c.headSize(), c.vocabSize(), c.maxPositions(), c.rmsNormEps(), c.tiedEmbeddings(), c.attentionBias(),
                c.outputBias(), c.attentionScale(), c.embeddingScale(), c.activation(), c.rope(), c.slidingRope(),
                c.windows(), "");
    }

    @Test
    void gainsOfGemmaHoldTheOneThatTheCheckpointLeavesOut() throws IOException {
        Path path = write(TinyFamily.GEMMA3.config(), ElementType.BF16);
        Path converted = convert(path, Quantization.Q0F16);
        String shard = "language_model.model.layers.1.self_attn.q_norm.weight";
        String source = "model.layers.1.self_attn.q_norm.weight";
        try (ConvertedModel model = ConvertedModel.open(converted); Checkpoint checkpoint = Checkpoint.open(path)) {
            float[] stored = model.floats(shard);
            float[] gain = model.floats(source);
            float[] original = checkpoint.floats(source);
            for (int i = 0; i < stored.length; i++) {
                assertEquals(original[i] + 1, stored[i], 1e-3);
                assertEquals(stored[i] - 1, gain[i]);
            }
        }
    }

    @Test
    void bothNamesOfAMultimodalTextModelAreRead() throws IOException {
        Path path = write(TinyFamily.GEMMA3_MULTIMODAL.config(), ElementType.BF16);
        float[] expected;
        ModelConfig config = ModelConfig.read(path.resolve("config.json"));
        try (Checkpoint checkpoint = Checkpoint.open(path)) {
            expected = hidden(TwinWeights.read(config, checkpoint));
        }
        // The header keeps its length: both prefixes have 21 characters.
        Path file = path.resolve("model.safetensors");
        byte[] bytes = Files.readAllBytes(file);
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        assertTrue(text.contains("\"language_model.model.layers.0."));
        Files.write(file, text.replace("\"language_model.model.", "\"model.language_model.")
                .getBytes(StandardCharsets.ISO_8859_1));
        try (Checkpoint checkpoint = Checkpoint.open(path)) {
            assertArrayEquals(expected, hidden(TwinWeights.read(config, checkpoint)));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '#', textBlock = """
            QWEN3 # chatml # [256,258] # null # \
            <|im_start|>system\\nS<|im_end|>\\n<|im_start|>user\\nHi<|im_end|>\\n<|im_start|>assistant\\n
            LLAMA3 # llama-3_1 # [257,260,261] # [256] # \
            <|start_header_id|>system<|end_header_id|>\\n\\nS<|eot_id|>\
            <|start_header_id|>user<|end_header_id|>\\n\\nHi<|eot_id|><|start_header_id|>assistant<|end_header_id|>\\n\\n
            MISTRAL_WINDOW # mistral_default # [258] # [257] # [INST] S\\n\\nHi [/INST]
            GEMMA3 # gemma3_instruction # [257,261] # [258] # \
            <start_of_turn>user\\nS\\n\\nHi<end_of_turn>\\n<start_of_turn>model\\n
            """, commentCharacter = '!')
    void promptsLookAsTheFamilyWasTrained(TinyFamily family, String name, String stops, String begin, String prompt)
            throws IOException {
        Path path = write(family.config(), ElementType.BF16);
        JsonNode template = chat(path, "S").get("conv_template");
        assertEquals(name, template.get("name").asText());
        assertEquals(stops, template.get("stop_token_ids").toString());
        assertEquals(begin, template.get("system_prefix_token_ids").toString());
        assertEquals(prompt.replace("\\n", "\n"), render(template, "Hi"));
    }

    private JsonNode chat(Path path, String system) {
        return new ChatConfig(path, ModelConfig.read(path.resolve("config.json")), Quantization.Q4F16_1,
                TokenizerFile.read(path.resolve("tokenizer.json")), new ChatOptions(null, null, system, null)).build();
    }

    /** As WebLLM renders a first message. */
    private static String render(JsonNode template, String message) {
        String system = template.get("system_message").asText();
        boolean none = system.isEmpty() && !template.path("render_empty_system_message").asBoolean(true);
        String begin = none ? "" : template.get("system_template").asText().replace("{system_message}", system);
        boolean role = begin.isEmpty() || template.get("add_role_after_system_message").asBoolean();
        return begin + (role ? template.at("/roles/user").asText() + template.get("role_content_sep").asText() : "")
                + template.at("/role_templates/user").asText().replace("{user_message}", message)
                + template.at("/seps/0").asText()
                + template.at("/roles/assistant").asText() + template.get("role_empty_sep").asText();
    }

    @Test
    void distilledQwenIsToldByItsTokens() throws IOException {
        Path path = write(TinyFamily.QWEN2.config(), ElementType.BF16);
        Path file = path.resolve("tokenizer.json");
        ObjectNode tokenizer = (ObjectNode) JsonFiles.read(file, "");
        ArrayNode added = tokenizer.putArray("added_tokens");
        int id = 256;
        for (String token : List.of("<｜end▁of▁sentence｜>", "<｜User｜>", "<｜Assistant｜>",
                "<｜begin▁of▁sentence｜>")) {
            added.addObject().put("id", id++).put("content", token).put("special", true);
        }
        Files.writeString(file, tokenizer.toString());
        JsonNode template = chat(path, null).get("conv_template");
        assertEquals("deepseek_r1", template.get("name").asText());
        assertEquals("[256]", template.get("stop_token_ids").toString());
        assertEquals("[259]", template.get("system_prefix_token_ids").toString());
        assertEquals("<｜User｜>Hi<｜Assistant｜>", render(template, "Hi"));
    }

    @Test
    void imageTokensBeyondTheTableAreLeftOut() throws IOException {
        Path path = write(TinyFamily.GEMMA3.config(), ElementType.BF16);
        Path file = path.resolve("tokenizer.json");
        ObjectNode tokenizer = (ObjectNode) JsonFiles.read(file, "");
        ((ArrayNode) tokenizer.get("added_tokens")).addObject().put("id", 320).put("content", "<image_soft_token>");
        Files.writeString(file, tokenizer.toString());
        assertEquals(320, chat(path, null).get("active_vocab_size").asInt());
    }

    @Test
    void llamaWithoutATurnFormatNeedsATemplate() throws IOException {
        Path path = write(TinyFamily.LLAMA3.config(), ElementType.BF16);
        Path file = path.resolve("tokenizer.json");
        Files.writeString(file, Files.readString(file).replace("<|start_header_id|>", "<|other|>"));
        String message = assertThrows(InputException.class,
                () -> chat(path, null)).getMessage();
        assertTrue(message.contains("llama-3_1") && message.contains("--conv-template"), message);
        assertFalse(message.contains("mistral"), message);
    }

    @Test
    void everyKnownShapeHasItsTensors() {
        Map<String, Long> elements = Map.of("qwen2.5-0.5b", 494_032_768L, "qwen2.5-1.5b", 1_543_714_304L,
                "qwen3-0.6b", 596_049_920L, "qwen3-1.7b", 1_720_574_976L, "llama-3.2-1b", 1_235_814_400L,
                "gemma-3-1b", 999_885_952L, "mistral-7b-v0.1", 7_241_732_096L);
        assertEquals(elements.keySet(), Set.copyOf(RandomCheckpoint.SHAPES));
        elements.forEach((shape, count) -> assertEquals(2 * count,
                RandomCheckpoint.shaped(shape).bytes(ElementType.BF16), shape));
        assertEquals(5 + 10 * 32, new ParamTable(RandomCheckpoint.shaped("mistral-7b-v0.1").model(),
                Quantization.Q4F16_1).params().size());
        assertEquals(Architecture.GEMMA3, RandomCheckpoint.shaped("gemma-3-1b").model().architecture());
    }

    @Test
    void shardedRandomCheckpointHoldsTheSameWeights() throws IOException {
        RandomCheckpoint random = RandomCheckpoint.of(TinyFamily.QWEN3.config(), "config.json");
        Path one = folder.resolve("one");
        Path many = folder.resolve("many");
        random.write(one, false, 5, ElementType.BF16, Long.MAX_VALUE, Progress.NONE);
        random.write(many, false, 5, ElementType.BF16, 40_000, Progress.NONE);
        assertTrue(Files.exists(many.resolve("model.safetensors.index.json")));
        try (Checkpoint first = Checkpoint.open(one); Checkpoint second = Checkpoint.open(many)) {
            assertEquals(first.names(), second.names());
            for (String name : first.names()) {
                assertArrayEquals(first.floats(name), second.floats(name), name);
            }
        }
    }

    @Test
    void aModelOfLettersKnowsOnlyTheirRows() throws IOException {
        Path plain = folder.resolve("plain");
        Path letters = folder.resolve("letters");
        RandomCheckpoint random = RandomCheckpoint.of(TinyFamily.MISTRAL.config(), "config.json");
        random.write(plain, false, 5, ElementType.BF16, Long.MAX_VALUE, Progress.NONE);
        random.lettersOnly().write(letters, false, 5, ElementType.BF16, Long.MAX_VALUE, Progress.NONE);
        try (Checkpoint all = Checkpoint.open(plain); Checkpoint few = Checkpoint.open(letters)) {
            for (String name : all.names()) {
                float[] expected = all.floats(name);
                if (name.endsWith("embed_tokens.weight") || name.equals("lm_head.weight")) {
                    int width = random.model().hiddenSize();
                    for (int i = 0; i < expected.length; i++) {
                        char token = (char) (i / width);
                        expected[i] = "0123456789abcdefghijklmnopqrstuvwxyz".indexOf(token) < 0 ? 0 : expected[i];
                    }
                }
                assertArrayEquals(expected, few.floats(name), name);
            }
            assertTrue(all.names().contains("lm_head.weight"));
        }
    }
}
