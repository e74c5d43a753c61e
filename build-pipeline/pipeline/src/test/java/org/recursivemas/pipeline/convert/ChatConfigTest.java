package org.recursivemas.pipeline.convert;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.recursivemas.compiler.ModelConfig;
import org.recursivemas.compiler.Quantization;
import org.recursivemas.pipeline.InputException;
import org.recursivemas.pipeline.checkpoint.ElementType;

class ChatConfigTest {
    @TempDir
    private Path folder;
    private TinyCheckpoint checkpoint;

    @BeforeEach
    void create() throws IOException {
        checkpoint = new TinyCheckpoint(folder, ElementType.F32, 1);
    }

    @Test
    void everyFieldThatWebLlmNeedsIsThere() {
        JsonNode config = build(ChatOptions.USUAL);
        assertEquals("qwen2", config.get("model_type").asText());
        assertEquals(50, config.get("vocab_size").asInt());
        assertEquals(46, config.get("active_vocab_size").asInt());
        assertEquals(256, config.get("context_window_size").asInt());
        assertEquals(256, config.get("prefill_chunk_size").asInt());
        assertEquals(-1, config.get("sliding_window_size").asInt());
        assertEquals("[\"tokenizer.json\"]", config.get("tokenizer_files").toString());
        assertEquals("byte_level", config.at("/tokenizer_info/token_postproc_method").asText());
        assertEquals(1.0, config.get("temperature").asDouble());
        assertEquals(1.0, config.get("repetition_penalty").asDouble());
        assertEquals(45, config.get("eos_token_id").asInt());
        assertEquals(24, config.at("/model_config/head_dim").asInt());
        assertTrue(!config.has("pad_token_id"));
    }

    @Test
    void chatMlTemplateRendersAsWebLlmDoes() {
        JsonNode template = build(new ChatOptions(null, null, "Plan.", null)).get("conv_template");
        String prompt = template.get("system_template").asText().replace("{system_message}",
                template.get("system_message").asText())
                + template.at("/roles/user").asText() + template.get("role_content_sep").asText()
                + template.at("/role_templates/user").asText().replace("{user_message}", "Hello")
                + template.at("/seps/0").asText()
                + template.at("/roles/assistant").asText() + template.get("role_empty_sep").asText();
        assertEquals("<|im_start|>system\nPlan.<|im_end|>\n<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n",
                prompt);
        assertEquals("[43,45]", template.get("stop_token_ids").toString());
        assertEquals("[\"<|endoftext|>\",\"<|im_end|>\"]", template.get("stop_str").toString());
    }

    @Test
    void generationConfigComesBeforeConfig() throws IOException {
        checkpoint.edit("config.json", "\"eos_token_id\": 45",
                "\"eos_token_id\": 45, \"temperature\": 0.3, \"top_p\": 0.5");
        Files.writeString(folder.resolve("generation_config.json"),
                "{\"eos_token_id\": [45, 2], \"temperature\": 0.7, \"repetition_penalty\": 1.1, \"pad_token_id\": 43}");
        JsonNode config = build(ChatOptions.USUAL);
        assertEquals(0.7, config.get("temperature").asDouble());
        assertEquals(0.5, config.get("top_p").asDouble());
        assertEquals(1.1, config.get("repetition_penalty").asDouble());
        assertEquals("[45,2]", config.get("eos_token_id").toString());
        assertEquals(43, config.get("pad_token_id").asInt());
        assertEquals("[43,45,2]", config.at("/conv_template/stop_token_ids").toString());
        assertEquals("[\"<|endoftext|>\",\"<|im_end|>\"]", config.at("/conv_template/stop_str").toString());
    }

    @Test
    void ownTemplateIsTakenOver() throws IOException {
        Path file = folder.resolve("template.json");
        Files.writeString(file, """
                {"conv_template": {"system_template": "S{system_message}", "system_message": "s",
                 "roles": {"user": "U", "assistant": "A"}, "role_templates": {"user": "{user_message}"}, "seps": ["."],
                 "stop_str": [], "stop_token_ids": [2]}}
                """);
        JsonNode template = build(new ChatOptions(null, null, "mine", file)).get("conv_template");
        assertEquals("S{system_message}", template.get("system_template").asText());
        assertEquals("mine", template.get("system_message").asText());
        assertEquals("[2]", template.get("stop_token_ids").toString());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "\"seps\": [\".\"] | \"seps\": [] | seps",
        "\"stop_token_ids\": [2] | \"stop_token_ids\": [50] | stop_token_ids",
        "\"system_template\": \"S\" | \"system_template\": 1 | system_template",
        "\"assistant\": \"A\" | \"tool\": \"A\" | roles",
        "\"role_templates\": {} | \"role_templates\": 1 | role_templates",
        "\"stop_str\": [] | \"stop_str\": \"x\" | stop_str",
        "\"system_message\": \"s\", |  | system_message"})
    void unusableTemplateIsRefusedByField(String good, String bad, String field) throws IOException {
        String template = "{\"system_template\": \"S\", \"system_message\": \"s\", "
                + "\"roles\": {\"user\": \"U\", \"assistant\": \"A\"}, "
                + "\"role_templates\": {}, \"seps\": [\".\"], \"stop_str\": [], \"stop_token_ids\": [2]}";
        assertTrue(template.contains(good), good);
        Path file = folder.resolve("template.json");
        Files.writeString(file, template.replace(good, bad == null ? "" : bad));
        assertRefused(new ChatOptions(null, null, null, file), "template.json, " + field, "Correct the template");
    }

    @Test
    void modelWithoutChatMlTokensNeedsItsOwnTemplate() throws IOException {
        checkpoint.edit("tokenizer.json", "<|im_start|>", "<|turn|>");
        assertRefused(ChatOptions.USUAL, "tokenizer.json, added_tokens", "ChatML", "--conv-template");
    }

    @Test
    void tokenizerOfAnotherModelIsRefused() throws IOException {
        checkpoint.edit("tokenizer.json", "\"ab\": 42", "\"ab\": 50");
        assertRefused(ChatOptions.USUAL, "tokenizer.json, highest token id 50", "vocab_size of only 50", "same model");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{", "[]", "{}", "{\"model\": 1}", "{\"model\": {\"vocab\": {\"a\": \"x\"}}}",
        "{\"added_tokens\": [{\"content\": \"x\"}], \"model\": {\"vocab\": {}}}",
        "{\"added_tokens\": [{\"content\": \"x\", \"id\": 1}, {\"content\": \"x\", \"id\": 2}], "
            + "\"model\": {\"vocab\": {}}}"})
    void unusableTokenizerIsRefused(String text) throws IOException {
        Files.writeString(folder.resolve("tokenizer.json"), text);
        assertRefused(ChatOptions.USUAL, "tokenizer.json", "Fetch the file again");
    }

    @Test
    void unigramTokenizerWithByteFallbackIsDescribed() throws IOException {
        Files.writeString(folder.resolve("tokenizer.json"), """
                {"normalizer": {"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "\u2581"}]},
                 "decoder": {"type": "Sequence", "decoders": [{"type": "ByteFallback"},
                             {"type": "Strip", "content": " ", "start": 1, "stop": 0}]},
                 "model": {"type": "Unigram", "vocab": [["a", -1.5], ["b", -2.5], ["c", -3]]}}
                """);
        TokenizerFile tokenizer = TokenizerFile.read(folder.resolve("tokenizer.json"));
        assertEquals(3, tokenizer.size());
        assertEquals("byte_fallback", tokenizer.postProcessing());
        assertTrue(tokenizer.prependSpace());
        assertTrue(tokenizer.stripSpace());
    }

    @Test
    void contextAndChunkOutsideTheModelAreRefused() {
        assertRefused(new ChatOptions(257, null, null, null), "config.json, max_position_embeddings", "257",
                "1 to 256");
        assertRefused(new ChatOptions(0, null, null, null), "max_position_embeddings");
        assertRefused(new ChatOptions(128, 129, null, null), "prefill chunk", "129", "context window 128");
        assertRefused(new ChatOptions(128, 0, null, null), "prefill chunk");
        assertEquals(64, build(new ChatOptions(128, 64, null, null)).get("prefill_chunk_size").asInt());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"eos_token_id | 50", "eos_token_id | [45, -1]", "eos_token_id | \"45\"",
        "temperature | \"hot\"", "temperature | -1", "repetition_penalty | 0", "top_p | 0"})
    void unusableGenerationSettingIsRefusedByField(String field, String value) throws IOException {
        Files.writeString(folder.resolve("generation_config.json"), "{\"" + field + "\": " + value + "}");
        assertRefused(ChatOptions.USUAL, "generation_config.json, " + field);
    }

    private JsonNode build(ChatOptions options) {
        ModelConfig model = ModelConfig.read(folder.resolve("config.json"));
        TokenizerFile tokenizer = TokenizerFile.read(folder.resolve("tokenizer.json"));
        return new ChatConfig(folder, model, Quantization.Q4F32_1, tokenizer, options).build();
    }

    private void assertRefused(ChatOptions options, String... parts) {
        String message = assertThrows(InputException.class, () -> build(options)).getMessage();
        for (String part : parts) {
            assertTrue(message.contains(part), () -> "\"" + part + "\" is not in: " + message);
        }
    }
}
