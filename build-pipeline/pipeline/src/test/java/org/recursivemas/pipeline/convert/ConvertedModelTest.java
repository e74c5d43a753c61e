package org.recursivemas.pipeline.convert;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.recursivemas.compiler.ConfigException;
import org.recursivemas.compiler.Quantization;
import org.recursivemas.pipeline.InputException;
import org.recursivemas.pipeline.checkpoint.ElementType;

class ConvertedModelTest {
    @TempDir
    private Path folder;
    private Path model;
    private Path shard;

    @BeforeEach
    void convert() throws IOException {
        Path source = new TinyCheckpoint(folder.resolve("in"), ElementType.BF16, 1).write();
        model = folder.resolve("out");
        shard = model.resolve("params_shard_0.bin");
        new Converter(source, Quantization.Q4F32_1, Float32Codec.BF16, ChatOptions.USUAL)
                .convert(model, false, (error, done, total) -> { });
    }

    @Test
    void missingShardIsNamed() throws IOException {
        Files.delete(shard);
        assertRefused("params_shard_0.bin", "missing", "tensor-cache.json names this shard");
    }

    @Test
    void truncatedShardIsNamed() throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(shard.toFile(), "rw")) {
            file.setLength(file.length() - 1);
        }
        assertRefused("params_shard_0.bin", "truncated", "Convert the model again");
    }

    @Test
    void changedByteIsFoundByVerification() throws IOException {
        byte[] bytes = Files.readAllBytes(shard);
        bytes[bytes.length / 2] ^= 4;
        Files.write(shard, bytes);
        try (ConvertedModel opened = ConvertedModel.open(model)) {
            assertMessage(assertThrows(InputException.class, opened::verify), "params_shard_0.bin", "MD5",
                    "damaged or changed");
        }
    }

    @Test
    void changedDescriptionIsFoundByVerification() throws IOException {
        edit("mlc-chat-config.json", "You are a helpful assistant.", "You are a rude assistant.");
        try (ConvertedModel opened = ConvertedModel.open(model)) {
            assertMessage(assertThrows(InputException.class, opened::verify), "mlc-chat-config.json", "SHA-256");
        }
    }

    @Test
    void weightsOfAnotherSchemeAreRefused() throws IOException {
        edit("mlc-chat-config.json", "\"q4f32_1\"", "\"q4f16_1\"");
        assertRefused("tensor-cache.json", "tensor model.embed_tokens.q_scale", "float32", "float16",
                "converted for this model and quantization");
        edit("mlc-chat-config.json", "\"q4f16_1\"", "\"q0f32\"");
        assertRefused("tensor-cache.json", "tensor model.embed_tokens.weight", "lacks this tensor", "q0f32");
    }

    @Test
    void weightsOfAnotherModelAreRefused() throws IOException {
        edit("mlc-chat-config.json", "\"intermediate_size\": 80", "\"intermediate_size\": 96");
        assertRefused("tensor-cache.json", "tensor model.layers.0.mlp.gate_up_proj.q_weight", "the model needs");
    }

    @Test
    void unknownSchemeAndModelAreRefused() throws IOException {
        edit("mlc-chat-config.json", "\"q4f32_1\"", "\"q3f16_1\"");
        assertRefused("mlc-chat-config.json, quantization", "q3f16_1", "q4f32_1");
        edit("mlc-chat-config.json", "\"q3f16_1\"", "\"q4f32_1\"");
        edit("mlc-chat-config.json", "\"qwen2\"", "\"mamba\"");
        assertRefused("mlc-chat-config.json, model_type", "mamba", "Qwen2ForCausalLM");
        edit("mlc-chat-config.json", "\"mamba\"", "\"qwen2\"");
        edit("mlc-chat-config.json", "\"hidden_size\": 48,", "");
        assertMessage(assertThrows(ConfigException.class, () -> ConvertedModel.open(model)), "mlc-chat-config.json",
                "hidden_size");
    }

    @Test
    void wrongIndexIsRefusedByTensor() throws IOException {
        String name = "tensor model.norm.weight";
        byte[] good = Files.readAllBytes(model.resolve("tensor-cache.json"));
        edit("tensor-cache.json", "\"model.norm.weight\"", "\"model.layers.0.input_layernorm.weight\"");
        assertRefused("tensor-cache.json", "tensor model.layers.0.input_layernorm.weight", "twice");
        Files.write(model.resolve("tensor-cache.json"), good);
        edit("tensor-cache.json", "\"model.norm.weight\"", "\"renamed\"");
        assertRefused("tensor-cache.json", name, "lacks this tensor");
        Files.write(model.resolve("tensor-cache.json"), good);
        long offset = Files.size(shard) - 96;
        edit("tensor-cache.json", "\"byteOffset\": " + offset, "\"byteOffset\": " + (offset + 2));
        assertRefused("tensor-cache.json", name, "not inside params_shard_0.bin");
        Files.write(model.resolve("tensor-cache.json"), good);
        edit("tensor-cache.json", "\"params_shard_0.bin\"", "\"../out/params_shard_0.bin\"");
        assertRefused("tensor-cache.json", "records[].dataPath", "plain name");
        Files.writeString(model.resolve("tensor-cache.json"), "{\"metadata\": {}}");
        assertRefused("tensor-cache.json", "records", "missing");
        Files.writeString(model.resolve("tensor-cache.json"), "{");
        assertRefused("tensor-cache.json", "not valid");
    }

    @Test
    void folderThatIsNoConvertedModelIsRefused() {
        model = folder.resolve("in");
        assertRefused("mlc-chat-config.json", "missing", "Name a folder made by convert");
    }

    @Test
    void mlcsHabitOfNamingTheCodecOnEveryTensorIsUnderstood() throws IOException {
        float[] before;
        try (ConvertedModel opened = ConvertedModel.open(model)) {
            before = opened.floats("model.layers.0.self_attn.q_proj.weight");
        }
        Path index = model.resolve("tensor-cache.json");
        Files.writeString(index, Files.readString(index).replace("\"raw\"", "\"f32-to-bf16\""));
        try (ConvertedModel opened = ConvertedModel.open(model)) {
            assertArrayEquals(before, opened.floats("model.layers.0.self_attn.q_proj.weight"));
        }
    }

    @Test
    void unknownTensorAndRangesBeyondTheEndAreRefused() {
        try (ConvertedModel opened = ConvertedModel.open(model)) {
            assertMessage(assertThrows(InputException.class, () -> opened.floats("model.embed_tokens.q_weight")),
                    "tensor model.embed_tokens.q_weight", "X.weight");
            assertThrows(IndexOutOfBoundsException.class,
                    () -> opened.read("model.norm.weight", 47, new float[2], 0, 2));
            assertEquals(ConvertedModel.readConfig(model), opened.config());
            assertEquals(Quantization.Q4F32_1, ConvertedModel.readQuantization(model));
        }
    }

    private void edit(String file, String from, String to) throws IOException {
        Path path = model.resolve(file);
        String text = Files.readString(path);
        assertTrue(text.contains(from), file + " lacks " + from);
        Files.writeString(path, text.replace(from, to));
    }

    private void assertRefused(String... parts) {
        assertMessage(assertThrows(InputException.class, () -> ConvertedModel.open(model)), parts);
    }

    private static void assertMessage(Exception failure, String... parts) {
        for (String part : parts) {
            assertTrue(failure.getMessage().contains(part), () -> "\"" + part + "\" is not in: "
                    + failure.getMessage());
        }
    }
}
