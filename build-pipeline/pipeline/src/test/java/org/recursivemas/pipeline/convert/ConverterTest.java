package org.recursivemas.pipeline.convert;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.recursivemas.compiler.ConfigException;
import org.recursivemas.compiler.Quantization;
import org.recursivemas.pipeline.InputException;
import org.recursivemas.pipeline.checkpoint.Checkpoint;
import org.recursivemas.pipeline.checkpoint.ElementType;
import org.recursivemas.pipeline.checkpoint.HalfFloats;

class ConverterTest {
    private static final Converter.Listener SILENT = (error, done, total) -> { };

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({"BF16, AUTO", "F16, AUTO", "F32, AUTO", "F32, RAW", "BF16, BF16", "F16, RAW"})
    void weightsConvertedWithQ0f32ComeBackBitForBit(ElementType type, Float32Codec codec) throws IOException {
        Path source = new TinyCheckpoint(folder.resolve("in"), type, 1).write();
        Converter.Result result = convert(source, "q0f32", codec);
        assertEquals(0, result.worst().worst());
        try (Checkpoint before = Checkpoint.open(source); ConvertedModel after = ConvertedModel.open(out())) {
            assertEquals(before.names(), new HashSet<>(after.names()));
            for (String name : before.names()) {
                assertEquals(before.shape(name), after.shape(name));
                assertBits(before.floats(name), after.floats(name));
            }
        }
    }

    @Test
    void tensorThatNoBufferHoldsIsRefusedBeforeWeightsAreRead() throws IOException {
        Path source = new TinyCheckpoint(folder.resolve("wide"), ElementType.BF16, 1).folder();
        ObjectMapper json = new ObjectMapper();
        ObjectNode config = (ObjectNode) json.readTree(source.resolve("config.json").toFile());
        config.put("vocab_size", 1 << 20).put("hidden_size", 6 * config.get("hidden_size").asInt());
        json.writeValue(source.resolve("config.json").toFile(), config);
        String message = assertThrows(InputException.class, () -> new Converter(source, Quantization.Q0F32,
                Float32Codec.AUTO, ChatOptions.USUAL).convert(folder.resolve("out"), false, SILENT))
                .getMessage();
        assertTrue(message.contains("config.json, quantization q0f32") && message.contains("embed_tokens")
                && message.contains("1073741824") && message.contains("q4f16_1"), message);
        // half the size fits, so that what is missed next are the weights, which this checkpoint does not have
        assertTrue(assertThrows(InputException.class, () -> new Converter(source, Quantization.Q0F16, Float32Codec.AUTO,
                ChatOptions.USUAL).convert(folder.resolve("out"), false, SILENT)).getMessage()
                .contains("safetensors"));
    }

    @Test
    void shardedCheckpointConvertsToTheSameBytesAsASingleFile() throws IOException {
        Path one = new TinyCheckpoint(folder.resolve("one"), ElementType.BF16, 2).write();
        Path two = new TinyCheckpoint(folder.resolve("two"), ElementType.BF16, 2).writeSharded();
        convert(one, "q4f32_1", Float32Codec.AUTO);
        byte[] single = Files.readAllBytes(out().resolve("params_shard_0.bin"));
        new Converter(two, Quantization.Q4F32_1, Float32Codec.AUTO, ChatOptions.USUAL).convert(out(), true, SILENT);
        assertArrayEquals(single, Files.readAllBytes(out().resolve("params_shard_0.bin")));
    }

    @Test
    void autoCodecStoresExactlyTheTensorsThatBfloat16HoldsAsBfloat16() throws IOException {
        Path source = new TinyCheckpoint(folder.resolve("in"),
                name -> name.endsWith("norm.weight") ? ElementType.F32 : ElementType.BF16, 3).write();
        convert(source, "q0f32", Float32Codec.AUTO);
        for (JsonNode entry : json("tensor-cache.json").at("/records/0/records")) {
            boolean norm = entry.get("name").asText().endsWith("norm.weight");
            assertEquals(norm ? "raw" : "f32-to-bf16", entry.get("format").asText(), entry::toString);
            int elements = 1;
            for (JsonNode extent : entry.get("shape")) {
                elements *= extent.asInt();
            }
            assertEquals(elements * (norm ? 4 : 2), entry.get("nbytes").asInt());
        }
    }

    @Test
    void forcedBfloat16RoundsAndReportsTheWorstDifference() throws IOException {
        Path source = new TinyCheckpoint(folder.resolve("in"), ElementType.F32, 4).write();
        Converter.Result result = convert(source, "q0f32", Float32Codec.BF16);
        float worst = 0;
        try (Checkpoint before = Checkpoint.open(source); ConvertedModel after = ConvertedModel.open(out())) {
            for (String name : before.names()) {
                float[] was = before.floats(name);
                float[] is = after.floats(name);
                for (int i = 0; i < was.length; i++) {
                    assertEquals(HalfFloats.fromBfloat16(HalfFloats.toBfloat16(was[i])), is[i]);
                    worst = Math.max(worst, Math.abs(is[i] - was[i]));
                }
            }
        }
        assertTrue(worst > 0);
        assertEquals(worst, result.worst().worst());
        assertEquals(worst, (float) json("manifest.json").at("/worst_rounding_error/absolute").asDouble());
    }

    @ParameterizedTest
    @CsvSource({"q4f32_1, BF16", "q4f32_1, F32", "q4f16_1, F32", "q4f16_1, BF16"})
    void quantizedMatricesComeBackWithinHalfAScale(String scheme, ElementType type) throws IOException {
        Path source = new TinyCheckpoint(folder.resolve("in"), type, 5).write();
        Converter.Result result = convert(source, scheme, Float32Codec.AUTO);
        float worst = 0;
        try (Checkpoint before = Checkpoint.open(source); ConvertedModel after = ConvertedModel.open(out())) {
            String module = "model.layers.1.self_attn.c_attn.";
            float[] scales = after.floats(module + "q_scale");
            float[] fused = after.floats(module + "weight");
            float[] queries = before.floats("model.layers.1.self_attn.q_proj.weight");
            float[] keys = before.floats("model.layers.1.self_attn.k_proj.weight");
            float[] values = before.floats("model.layers.1.self_attn.v_proj.weight");
            assertEquals(List.of(96L, 48L), after.shape(module + "weight"));
            assertBits(after.floats("model.layers.1.self_attn.k_proj.weight"),
                    Arrays.copyOfRange(fused, queries.length, queries.length + keys.length));
            // float16 rounds once more in the scale, the quotient, the sum and the product
            double slack = scheme.equals("q4f16_1") ? 1.02 : 1 + 1e-6;
            for (int i = 0; i < fused.length; i++) {
                float was = i < queries.length ? queries[i] : i < queries.length + keys.length
                        ? keys[i - queries.length]
                        : values[i - queries.length - keys.length];
                float scale = scales[i / 48 * 2 + i % 48 / 32];
                assertTrue(Math.abs(fused[i] - was) <= scale / 2 * slack, "element " + i + ": " + was + " became "
                        + fused[i]);
            }
            for (String name : before.names()) {
                float[] was = before.floats(name);
                float[] is = after.floats(name);
                for (int i = 0; i < was.length; i++) {
                    worst = Math.max(worst, Math.abs(is[i] - was[i]));
                }
            }
        }
        assertEquals(worst, result.worst().worst());
    }

    @Test
    void piecesOfAQuantizedMatrixReadLikeTheWhole() throws IOException {
        convert(new TinyCheckpoint(folder.resolve("in"), ElementType.F32, 6).write(), "q4f16_1", Float32Codec.AUTO);
        try (ConvertedModel model = ConvertedModel.open(out())) {
            for (String name : List.of("model.layers.0.mlp.up_proj.weight", "model.layers.0.mlp.down_proj.weight",
                    "model.norm.weight", "model.layers.0.self_attn.k_proj.bias")) {
                float[] whole = model.floats(name);
                float[] piece = new float[whole.length + 2];
                for (int cut : new int[] {0, 1, whole.length / 3, whole.length - 1}) {
                    model.read(name, 0, piece, 1, cut);
                    model.read(name, cut, piece, 1 + cut, whole.length - cut);
                    assertBits(whole, Arrays.copyOfRange(piece, 1, whole.length + 1));
                }
            }
        }
    }

    @Test
    void indexAndManifestDescribeTheFilesThatAreThere() throws IOException {
        Converter.Result result = convert(new TinyCheckpoint(folder.resolve("in"), ElementType.F16, 7).write(),
                "q4f16_1",
                Float32Codec.AUTO);
        JsonNode cache = json("tensor-cache.json");
        assertEquals(3 + 11 * 2, cache.at("/metadata/ParamSize").asInt());
        assertEquals(result.tensors(), cache.at("/metadata/ParamSize").asInt());
        assertEquals(result.shardBytes(), (long) cache.at("/metadata/ParamBytes").asDouble());
        assertEquals("raw-shard", cache.at("/records/0/format").asText());
        assertEquals(32, cache.at("/records/0/md5sum").asText().length());
        assertEquals(Files.size(out().resolve("params_shard_0.bin")), cache.at("/records/0/nbytes").asLong());
        long offset = 0;
        for (JsonNode entry : cache.at("/records/0/records")) {
            assertEquals(offset, entry.get("byteOffset").asLong());
            offset += entry.get("nbytes").asLong();
        }
        assertEquals(result.shardBytes(), offset);
        JsonNode manifest = json("manifest.json");
        List<String> listed = new ArrayList<>();
        manifest.get("files").forEach(file -> listed.add(file.get("name").asText()));
        listed.add("manifest.json");
        assertEquals(names(out()), listed.stream().sorted().toList());
        assertEquals("q4f16_1", manifest.get("quantization").asText());
        assertEquals("in", manifest.at("/source/name").asText());
        try (ConvertedModel model = ConvertedModel.open(out())) {
            long files = 0;
            for (JsonNode file : manifest.get("files")) {
                files += Files.size(out().resolve(file.get("name").asText()));
            }
            assertEquals(files, model.verify());
            assertEquals(Quantization.Q4F16_1, model.quantization());
            assertEquals(80, model.config().intermediateSize());
            assertEquals(256, model.config().maxPositions());
        }
    }

    @Test
    void tensorThatTheModelDoesNotNeedIsReported() throws IOException {
        TinyCheckpoint checkpoint = new TinyCheckpoint(folder.resolve("in"), ElementType.F32, 8);
        checkpoint.tensors().add("lm_head.weight", ElementType.F32, new float[50 * 48], 50, 48);
        assertEquals(List.of("lm_head.weight"), convert(checkpoint.write(), "q0f32", Float32Codec.AUTO).unused());
    }

    @Test
    void untiedOutputProjectionIsConverted() throws IOException {
        TinyCheckpoint checkpoint = new TinyCheckpoint(folder.resolve("in"), ElementType.F32, 8)
                .edit("config.json", "\"tie_word_embeddings\": true", "\"tie_word_embeddings\": false");
        assertRefused(checkpoint.write(), "q0f32", "tensor lm_head.weight", "does not hold this tensor");
        checkpoint.tensors().add("lm_head.weight", ElementType.F32, new float[50 * 48], 50, 48);
        assertEquals(List.of(), convert(checkpoint.write(), "q0f32", Float32Codec.AUTO).unused());
    }

    @Test
    void existingFolderIsReplacedOnlyOnRequestAndOnlyIfConvertMadeIt() throws IOException {
        Path source = new TinyCheckpoint(folder.resolve("in"), ElementType.F32, 9).write();
        Files.createDirectory(out());
        convert(source, "q0f32", Float32Codec.AUTO);                                    // an empty folder is no loss
        assertRefused(source, "q0f16", "out", "exists already", "--overwrite");
        Files.writeString(out().resolve("stale"), "x");
        new Converter(source, Quantization.Q0F16, Float32Codec.AUTO, ChatOptions.USUAL).convert(out(), true, SILENT);
        assertFalse(Files.exists(out().resolve("stale")));
        assertEquals("q0f16", json("manifest.json").get("quantization").asText());
        Files.delete(out().resolve("manifest.json"));
        InputException refused = assertThrows(InputException.class, () -> new Converter(source, Quantization.Q0F16,
                Float32Codec.AUTO, ChatOptions.USUAL).convert(out(), true, SILENT));
        assertTrue(refused.getMessage().contains("manifest.json"), refused.getMessage());
        assertTrue(Files.exists(out().resolve("params_shard_0.bin")));
        assertEquals(List.of("in", "out"), names(folder));
    }

    @Test
    void sourceFolderIsNeverTheOutput() throws IOException {
        Path source = new TinyCheckpoint(folder.resolve("in"), ElementType.F32, 9).write();
        assertThrows(InputException.class, () -> new Converter(source, Quantization.Q0F32, Float32Codec.AUTO,
                ChatOptions.USUAL).convert(source, true, SILENT));
        assertEquals(List.of("config.json", "model.safetensors", "tokenizer.json"), names(source));
    }

    @Test
    void diskThatRunsFullAtAnyPointLeavesNothingBehind() throws IOException {
        Path source = new TinyCheckpoint(folder.resolve("in"), ElementType.F32, 10).write();
        convert(source, "q0f32", Float32Codec.AUTO);
        long whole = 0;
        for (String name : names(out())) {
            whole += Files.size(out().resolve(name));
        }
        StagedFolder.delete(out());
        int refused = 0;
        for (long room = 0; room < whole; room += whole / 97) {
            FullDisk disk = new FullDisk(room);
            InputException failure = assertThrows(InputException.class, () -> new Converter(source, Quantization.Q0F32,
                    Float32Codec.AUTO, ChatOptions.USUAL, disk).convert(out(), false, SILENT));
            assertTrue(failure.getMessage().contains("No space left on device"), failure.getMessage());
            assertTrue(failure.getMessage().contains(disk.current), failure.getMessage());
            assertTrue(failure.getMessage().contains("Free space"), failure.getMessage());
            assertEquals(List.of("in"), names(folder));
            refused++;
        }
        assertTrue(refused > 90);
        new Converter(source, Quantization.Q0F32, Float32Codec.AUTO, ChatOptions.USUAL, new FullDisk(whole))
                .convert(out(), false, SILENT);
    }

    @Test
    void diskThatRunsFullWhileReplacingKeepsTheOldFolder() throws IOException {
        Path source = new TinyCheckpoint(folder.resolve("in"), ElementType.F32, 10).write();
        convert(source, "q0f32", Float32Codec.AUTO);
        assertThrows(InputException.class, () -> new Converter(source, Quantization.Q0F16, Float32Codec.AUTO,
                ChatOptions.USUAL,
                new FullDisk(1000)).convert(out(), true, SILENT));
        try (ConvertedModel model = ConvertedModel.open(out())) {
            assertEquals(Quantization.Q0F32, model.quantization());
            model.verify();
        }
        assertEquals(List.of("in", "out"), names(folder));
    }

    @Test
    void tooSmallADiskIsRefusedBeforeWriting() throws IOException {
        Path source = new TinyCheckpoint(folder.resolve("in"), ElementType.F32, 10).write();
        FullDisk disk = new FullDisk(Long.MAX_VALUE);
        disk.usable = 1000;
        String message = assertThrows(InputException.class, () -> new Converter(source, Quantization.Q0F32,
                Float32Codec.AUTO,
                ChatOptions.USUAL, disk).convert(out(), false, SILENT)).getMessage();
        assertTrue(message.contains("out") && message.contains("only 1000 free"), message);
        assertEquals(null, disk.current);
        assertEquals(List.of("in"), names(folder));
    }

    @Test
    void conversionThatFailsMidwayLeavesNothingBehind() throws IOException {
        Path source = new TinyCheckpoint(folder.resolve("in"), ElementType.F32, 11).write();
        assertThrows(IllegalStateException.class, () -> new Converter(source, Quantization.Q0F32, Float32Codec.AUTO,
                ChatOptions.USUAL).convert(out(), false, (error, done, total) -> {
                    throw new IllegalStateException("interrupted");
                }));
        assertEquals(List.of("in"), names(folder));
    }

    @Test
    void missingFilesAreNamed() throws IOException {
        Path source = new TinyCheckpoint(folder.resolve("in"), ElementType.F32, 12).write();
        assertRefused(folder.resolve("nowhere"), "q0f32", "nowhere", "no such folder", "Name a folder");
        Files.move(source.resolve("tokenizer.json"), folder.resolve("t"));
        assertRefused(source, "q0f32", "tokenizer.json", "the tokenizer is missing",
                "Put the model's tokenizer.json there");
        Files.move(folder.resolve("t"), source.resolve("tokenizer.json"));
        Files.delete(source.resolve("model.safetensors"));
        assertRefused(source, "q0f32", "model.safetensors", "neither", "Add the checkpoint's weights");
        Files.delete(source.resolve("config.json"));
        assertConfigRefused(source, "config.json", "cannot be read");
    }

    @Test
    void unknownArchitectureIsNamed() throws IOException {
        Path source = new TinyCheckpoint(folder.resolve("in"), ElementType.F32, 13)
                .edit("config.json", "Qwen2ForCausalLM", "MambaForCausalLM").write();
        assertConfigRefused(source, "config.json", "architectures", "MambaForCausalLM", "Qwen2ForCausalLM");
    }

    @Test
    void tensorOfTheWrongShapeIsNamed() throws IOException {
        TinyCheckpoint checkpoint = new TinyCheckpoint(folder.resolve("in"), ElementType.F32, 14);
        checkpoint.tensors().add("model.norm.weight", ElementType.F32, new float[47], 47);
        assertRefused(checkpoint.write(), "q0f32", "model.safetensors, tensor model.norm.weight", "its shape is [47]",
                "[48]",
                "same model");
    }

    @Test
    void tensorOfIntegersIsNamed() throws IOException {
        TinyCheckpoint checkpoint = new TinyCheckpoint(folder.resolve("in"), ElementType.F32, 14);
        checkpoint.tensors().add("model.norm.weight", ElementType.I64, new float[48], 48);
        assertRefused(checkpoint.write(), "q0f32", "tensor model.norm.weight", "its dtype is I64", "BF16");
    }

    @Test
    void missingTensorIsNamed() throws IOException {
        TinyCheckpoint checkpoint = new TinyCheckpoint(folder.resolve("in"), ElementType.F32, 15);
        checkpoint.tensors().remove("model.layers.1.mlp.up_proj.weight");
        assertRefused(checkpoint.write(), "q0f32", "tensor model.layers.1.mlp.up_proj.weight",
                "does not hold this tensor");
    }

    @ParameterizedTest
    @EnumSource(Quantization.class)
    void everySchemeConvertsAndVerifies(Quantization scheme) throws IOException {
        Path source = new TinyCheckpoint(folder.resolve("in"), ElementType.F16, 16).write();
        convert(source, scheme.text(), Float32Codec.AUTO);
        try (ConvertedModel model = ConvertedModel.open(out())) {
            model.verify();
            assertEquals(scheme, model.quantization());
        }
    }

    /** A device with room for so many bytes. */
    static final class FullDisk implements OutputDevice {
        private long room;
        private long usable = Long.MAX_VALUE;
        private String current;

        FullDisk(long room) {
            this.room = room;
        }

        @Override
        public OutputStream create(Path file) throws IOException {
            current = file.getFileName().toString();
            return new FilterOutputStream(DISK.create(file)) {
                @Override
                public void write(byte[] bytes, int offset, int count) throws IOException {
                    out.write(bytes, offset, (int) Math.min(count, room));
                    if (count > room) {
                        throw new IOException("No space left on device");
                    }
                    room -= count;
                }
            };
        }

        @Override
        public long usableSpace(Path folder) {
            return usable;
        }
    }

    private Path out() {
        return folder.resolve("out");
    }

    private Converter.Result convert(Path source, String scheme, Float32Codec codec) {
        return new Converter(source, Quantization.of(scheme), codec, ChatOptions.USUAL).convert(out(), false, SILENT);
    }

    private JsonNode json(String file) throws IOException {
        return new ObjectMapper().readTree(out().resolve(file).toFile());
    }

    private void assertRefused(Path source, String scheme, String... parts) throws IOException {
        List<String> before = names(folder);
        String message = assertThrows(InputException.class, () -> convert(source, scheme,
                Float32Codec.AUTO)).getMessage();
        assertContains(message, parts);
        assertEquals(before, names(folder));
    }

    private void assertConfigRefused(Path source, String... parts) {
        assertContains(assertThrows(ConfigException.class, () -> convert(source, "q0f32",
                Float32Codec.AUTO)).getMessage(),
                parts);
    }

    private static void assertContains(String message, String... parts) {
        for (String part : parts) {
            assertTrue(message.contains(part), () -> "\"" + part + "\" is not in: " + message);
        }
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    private static void assertBits(float[] expected, float[] actual) {
        assertEquals(expected.length, actual.length);
        for (int i = 0; i < expected.length; i++) {
            assertEquals(Float.floatToRawIntBits(expected[i]), Float.floatToRawIntBits(actual[i]), "element " + i);
        }
    }
}
