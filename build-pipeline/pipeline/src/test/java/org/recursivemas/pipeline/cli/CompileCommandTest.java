package org.recursivemas.pipeline.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.recursivemas.pipeline.checkpoint.ElementType;
import org.recursivemas.pipeline.convert.TinyCheckpoint;

class CompileCommandTest {
    @TempDir
    private Path folder;
    private TinyCheckpoint checkpoint;
    private Path library;
    private String out;
    private String err;

    @BeforeEach
    void create() throws IOException {
        checkpoint = new TinyCheckpoint(folder.resolve("in"), ElementType.BF16, 1);
        library = folder.resolve("libs/model.wasm");
    }

    @Test
    void checkpointFolderNeedsNoWeightsToCompile() throws IOException {
        assertEquals(0, run(checkpoint.folder().toString(), library.toString(), "-q", "q4f32_1"), () -> err);
        byte[] bytes = Files.readAllBytes(library);
        assertArrayEquals(new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0}, Arrays.copyOf(bytes, 8));
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        assertTrue(text.contains("model.layers.1.self_attn.c_attn.q_weight"));
        assertTrue(text.contains("\"active_vocab_size\":46"), "the tokenizer's size is not in the metadata");
        assertTrue(out.contains("context 256, prefill chunk 256, 25 parameters"), out);
        assertTrue(out.matches("(?s).*\\R  decode_last_hidden +\\d+\\R.*"), out);
        assertEquals(1, Files.list(library.getParent()).count());
    }

    @Test
    void configFileAloneCompilesWithEveryTokenActive() throws IOException {
        Path alone = Files.createDirectories(folder.resolve("alone")).resolve("config.json");
        Files.copy(checkpoint.folder().resolve("config.json"), alone);
        assertEquals(0, run(alone.toString(), library.toString(), "-q", "q0f32",
                "--context", "64", "--prefill-chunk", "32"), () -> err);
        assertTrue(out.contains("context 64, prefill chunk 32"), out);
        String text = Files.readString(library, StandardCharsets.ISO_8859_1);
        assertTrue(text.contains("\"active_vocab_size\":50"));
    }

    @Test
    void convertedFolderStatesQuantizationAndWindows() throws IOException {
        Path converted = folder.resolve("out");
        checkpoint.write();
        assertEquals(0, Main.commandLine().setOut(new PrintWriter(new StringWriter())).execute("convert",
                checkpoint.folder().toString(), converted.toString(), "-q", "q4f16_1", "--context", "128",
                "--prefill-chunk", "16"));
        assertEquals(0, run(converted.toString(), library.toString()), () -> err);
        assertTrue(out.contains("q4f16_1, context 128, prefill chunk 16"), out);
        assertEquals(1, run(converted.toString(), library.toString(), "--overwrite", "-q", "q0f32"));
        assertTrue(err.contains("mlc-chat-config.json, quantization") && err.contains("q4f16_1"), err);
        Path again = folder.resolve("again.wasm");
        assertEquals(0, run(converted.toString(), again.toString()));
        assertArrayEquals(Files.readAllBytes(library), Files.readAllBytes(again));
    }

    @Test
    void moreLayersTakeMoreDispatchesForAToken() throws IOException {
        assertEquals(0, run(checkpoint.folder().toString(), library.toString(), "-q", "q0f32"));
        int two = dispatches("decode_last_hidden");
        checkpoint.edit("config.json", "\"num_hidden_layers\": 2", "\"num_hidden_layers\": 3");
        assertEquals(0, run(checkpoint.folder().toString(), library.toString(), "-q", "q0f32", "--overwrite"));
        int three = dispatches("decode_last_hidden");
        int layer = three - two;
        assertTrue(layer >= 1 && two - 2 * layer >= 1, two + " and " + three);
    }

    @Test
    void existingLibraryIsReplacedOnlyOnRequest() throws IOException {
        Files.createDirectories(library.getParent());
        Files.writeString(library, "old");
        assertEquals(1, run(checkpoint.folder().toString(), library.toString(), "-q", "q0f32"));
        assertTrue(err.contains("model.wasm") && err.contains("--overwrite"), err);
        assertEquals("old", Files.readString(library));
        assertEquals(0, run(checkpoint.folder().toString(), library.toString(), "-q", "q0f32", "--overwrite"));
        assertTrue(Files.size(library) > 10_000);
    }

    @Test
    void badInputIsRefusedWithoutALibrary() throws IOException {
        assertEquals(2, run(checkpoint.folder().toString(), library.toString()));
        assertTrue(err.contains("--quantization is needed"), err);
        assertEquals(1, run(checkpoint.folder().toString(), library.toString(), "-q", "q0f32", "--context", "257"));
        assertTrue(err.contains("context window 257") && err.contains("256"), err);
        assertEquals(1, run(checkpoint.folder().toString(), library.toString(), "-q", "q0f32", "--prefill-chunk", "0"));
        assertTrue(err.contains("prefill chunk 0"), err);
        assertEquals(1, run(folder.resolve("nowhere").toString(), library.toString(), "-q", "q0f32"));
        assertTrue(err.contains("nowhere"), err);
        checkpoint.edit("config.json", "Qwen2ForCausalLM", "MambaForCausalLM");
        assertEquals(1, run(checkpoint.folder().toString(), library.toString(), "-q", "q0f32"));
        assertTrue(err.contains("config.json") && err.contains("architectures") && err.contains("MambaForCausalLM"),
                err);
        assertEquals(1, err.lines().count());
        assertFalse(Files.exists(library));
    }

    private int dispatches(String function) {
        return out.lines().filter(line -> line.strip().startsWith(function + " "))
                .mapToInt(line -> Integer.parseInt(line.substring(line.lastIndexOf(' ')
                + 1))).findFirst().orElseThrow();
    }

    private int run(String... arguments) {
        StringWriter outText = new StringWriter();
        StringWriter errText = new StringWriter();
        String[] all = new String[arguments.length + 1];
        all[0] = "compile";
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        int code = Main.commandLine().setOut(new PrintWriter(outText)).setErr(new PrintWriter(errText)).execute(all);
        out = outText.toString();
        err = errText.toString();
        return code;
    }
}
