package org.recursivemas.pipeline.twin;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.recursivemas.pipeline.InputException;

/**
 * A tokenizer.json, run by the Hugging Face tokenizers library. Adds no special tokens of its own; those written in a
 * text are recognised. Safe for use by several threads.
 */
public final class TwinTokenizer implements AutoCloseable {
    /** The file's usual name. */
    public static final String FILE = "tokenizer.json";

    static {
        // The library otherwise reports its use to its makers when it runs on a cloud machine.
        System.setProperty("OPT_OUT_TRACKING", "true");
        System.setProperty("ai.djl.offline", "true");
    }

    /** Ends a word, and with it every token that begins in it. */
    private static final String BEFORE = "a\n";

    private final Path file;
    private final HuggingFaceTokenizer tokenizer;
    /** {@link #BEFORE}, tokenized. */
    private final int[] before;
    private final boolean marksBeginning;

    private TwinTokenizer(Path file, HuggingFaceTokenizer tokenizer) {
        this.file = file;
        this.tokenizer = tokenizer;
        before = encode(BEFORE);
        int[] inside = encode(BEFORE + "a");
        marksBeginning = !Arrays.equals(encode("a"), Arrays.copyOfRange(inside, Math.min(before.length, inside.length),
                inside.length));
    }

    /**
     * Loads a tokenizer.
     *
     * @param file a tokenizer.json
     * @throws InputException when the file is missing or is not a tokenizer
     */
    public static TwinTokenizer load(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new InputException(file, null, "the tokenizer is missing",
                    "Put the model's tokenizer.json beside its config");
        }
        Map<String, String> options = new HashMap<>();
        options.put("addSpecialTokens", "false");
        options.put("truncation", "false");
        options.put("padding", "false");
        try {
            return new TwinTokenizer(file, HuggingFaceTokenizer.newInstance(file, options));
        } catch (IOException | RuntimeException e) {
            throw new InputException(file.toString(), "it is not a tokenizer (" + e.getMessage() + ")",
                    "Fetch the model's tokenizer.json again", e);
        }
    }

    /** Token ids of {@code text}; no text gives no ids. */
    public int[] encode(String text) {
        if (text.isEmpty()) {
            return new int[0];
        }
        long[] ids;
        synchronized (tokenizer) {
            ids = tokenizer.encode(text, false, false).getIds();
        }
        int[] tokens = new int[ids.length];
        for (int i = 0; i < ids.length; i++) {
            tokens[i] = (int) ids[i];
        }
        return tokens;
    }

    /** Text of {@code tokens}, special tokens left out. */
    public String decode(int[] tokens) {
        return decode(tokens, true);
    }

    /** The text that stands for one token, special or not. */
    public String text(int token) {
        return decode(new int[] {token}, false);
    }

    /**
     * Whether the tokenizer marks where a text begins as if a space stood there (Metaspace, as in Llama 2 and Mistral): a
     * text then has other tokens at the beginning than inside another, and decoding loses a leading space.
     */
    public boolean marksBeginning() {
        return marksBeginning;
    }

    /** The text that stands for one token inside a text, special or not: with its leading space. */
    public String textInside(int token) {
        if (!marksBeginning) {
            return text(token);
        }
        int[] both = Arrays.copyOf(before, before.length + 1);
        both[before.length] = token;
        String start = decode(before, false);
        String all = decode(both, false);
        return all.startsWith(start) ? all.substring(start.length()) : text(token);
    }

    /** Token ids of {@code text} where it stands inside another, so that only spaces that it has count. */
    public int[] encodeInside(String text) {
        if (!marksBeginning || text.isEmpty()) {
            return encode(text);
        }
        int[] all = encode(BEFORE + text);
        int same = Arrays.mismatch(before, all);
        return same < 0 || same == before.length ? Arrays.copyOfRange(all, before.length, all.length) : encode(text);
    }

    private String decode(int[] tokens, boolean skipSpecial) {
        if (tokens.length == 0) {
            return "";
        }
        long[] ids = new long[tokens.length];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = tokens[i];
        }
        synchronized (tokenizer) {
            return tokenizer.decode(ids, skipSpecial);
        }
    }

    /**
     * The id of a text that is one token.
     *
     * @throws InputException when the tokenizer cuts it into several
     */
    public int token(String text) {
        int[] ids = encode(text);
        if (ids.length != 1) {
            throw new InputException(file, "token \"" + text + "\"", "the tokenizer makes " + ids.length
                    + " tokens of it instead of one", "Name a token of this model");
        }
        return ids[0];
    }

    /** The file it came from. */
    public Path file() {
        return file;
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}
