package org.recursivemas.pipeline.twin;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokenizers whose spaces are part of the word that follows, as SentencePiece makes them. */
class MetaspaceTokenizerTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<String> WORDS = List.of("\u2581", "a", "b", "\u2581a", "ab", "\u2581ab");

    @TempDir
    private Path folder;

    /** Three ways in which such tokenizers are written: Llama 2, Mistral's newer form, Gemma. */
    private TwinTokenizer tokenizer(String kind) throws IOException {
        ObjectNode root = JSON.createObjectNode();
        root.putArray("added_tokens").addObject().put("id", 0).put("content", "<unk>").put("special", true)
                .put("single_word", false).put("lstrip", false).put("rstrip", false).put("normalized", false);
        ObjectNode model = root.putObject("model").put("type", "BPE").put("unk_token", "<unk>").put("fuse_unk", true)
                .put("byte_fallback", true);
        ObjectNode vocabulary = model.putObject("vocab").put("<unk>", 0);
        for (int i = 0; i < 256; i++) {
            vocabulary.put(String.format(Locale.ROOT, "<0x%02X>", i), i + 1);
        }
        for (String word : WORDS) {
            vocabulary.put(word, vocabulary.size());
        }
        ArrayNode merges = model.putArray("merges");
        merges.add("a b").add("\u2581 ab").add("\u2581 a");
        ArrayNode decoders = JSON.createArrayNode();
        if (kind.equals("metaspace")) {
            root.putObject("pre_tokenizer").put("type", "Metaspace").put("replacement", "\u2581").put("prepend_scheme", "first")
                    .put("split", false);
        } else {
            ArrayNode steps = root.putObject("normalizer").put("type", "Sequence").putArray("normalizers");
            if (kind.equals("prepend")) {
                steps.addObject().put("type", "Prepend").put("prepend", "\u2581");
            }
            steps.addObject().put("type", "Replace").put("content", "\u2581").putObject("pattern").put("String", " ");
        }
        decoders.addObject().put("type", "Replace").put("content", " ").putObject("pattern").put("String", "\u2581");
        decoders.addObject().put("type", "ByteFallback");
        decoders.addObject().put("type", "Fuse");
        if (!kind.equals("plain")) {
            decoders.addObject().put("type", "Strip").put("content", " ").put("start", 1).put("stop", 0);
        }
        root.putObject("decoder").put("type", "Sequence").set("decoders", decoders);
        return TwinTokenizer.load(Files.writeString(folder.resolve(kind + ".json"), root.toString()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"prepend", "metaspace", "plain"})
    void tokensKeepTheirLeadingSpaceInsideAText(String kind) throws IOException {
        try (TwinTokenizer tokenizer = tokenizer(kind)) {
            assertEquals(!kind.equals("plain"), tokenizer.marksBeginning());
            int first = 257;
            for (int i = 0; i < WORDS.size(); i++) {
                assertEquals(WORDS.get(i).replace('\u2581', ' '), tokenizer.textInside(first + i));
            }
            assertEquals("\n", tokenizer.textInside(1 + '\n'));
            // whatever two tokenizers of these kinds spell alike is one token on both sides, with its space or without
            for (String other : List.of("prepend", "metaspace", "plain")) {
                try (TwinTokenizer receiver = tokenizer(other)) {
                    for (int token = first; token < first + WORDS.size(); token++) {
                        assertArrayEquals(new int[] {token}, receiver.encodeInside(tokenizer.textInside(token)),
                                kind + " to " + other + ", token " + token);
                    }
                }
            }
        }
    }

    @Test
    void byteLevelTokenizersAreAskedDirectly() throws IOException {
        try (TwinTokenizer tokenizer = TwinTokenizer.load(new TinyCheckpoint(8, 1, 1, 1, 8, true, 1)
                .write(folder.resolve("bytes")).resolve("tokenizer.json"))) {
            assertFalse(tokenizer.marksBeginning());
            assertArrayEquals(tokenizer.encode(" a"), tokenizer.encodeInside(" a"));
            assertTrue(tokenizer.textInside(' ').equals(" ") && tokenizer.textInside(257).equals("<|im_start|>"));
        }
    }
}
