package org.recursivemas.pipeline.twin;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A checkpoint folder made from random numbers: config.json, model.safetensors (f32), tokenizer.json. The vocabulary is
 * the 256 bytes and the ChatML tokens, so every text is one token a byte.
 */
public final class TinyCheckpoint {
    /** Tokens: bytes 0 to 255, then these. */
    public static final List<String> SPECIAL = List.of("<|endoftext|>", "<|im_start|>", "<|im_end|>");
    public static final int VOCABULARY = 256 + SPECIAL.size();
    private static final ObjectMapper JSON = new ObjectMapper();

    private final int hidden;
    private final int layers;
    private final int heads;
    private final int kvHeads;
    private final int intermediate;
    private final boolean tied;
    private final Random random;
    private final Map<String, float[]> tensors = new LinkedHashMap<>();
    private final Map<String, int[]> shapes = new LinkedHashMap<>();

    public TinyCheckpoint(int hidden, int layers, int heads, int kvHeads, int intermediate, boolean tied, long seed) {
        this.hidden = hidden;
        this.layers = layers;
        this.heads = heads;
        this.kvHeads = kvHeads;
        this.intermediate = intermediate;
        this.tied = tied;
        this.random = new Random(seed);
        int head = hidden / heads;
        matrix("model.embed_tokens.weight", VOCABULARY, hidden, 1);
        for (int l = 0; l < layers; l++) {
            String p = "model.layers." + l + ".";
            matrix(p + "self_attn.q_proj.weight", heads * head, hidden, 1.5 / Math.sqrt(hidden));
            matrix(p + "self_attn.k_proj.weight", kvHeads * head, hidden, 1.5 / Math.sqrt(hidden));
            matrix(p + "self_attn.v_proj.weight", kvHeads * head, hidden, 1 / Math.sqrt(hidden));
            vector(p + "self_attn.q_proj.bias", heads * head, 0, 0.5);
            vector(p + "self_attn.k_proj.bias", kvHeads * head, 0, 0.5);
            vector(p + "self_attn.v_proj.bias", kvHeads * head, 0, 0.5);
            matrix(p + "self_attn.o_proj.weight", hidden, heads * head, 1 / Math.sqrt(hidden));
            matrix(p + "mlp.gate_proj.weight", intermediate, hidden, 1 / Math.sqrt(hidden));
            matrix(p + "mlp.up_proj.weight", intermediate, hidden, 1 / Math.sqrt(hidden));
            matrix(p + "mlp.down_proj.weight", hidden, intermediate, 1 / Math.sqrt(intermediate));
            vector(p + "input_layernorm.weight", hidden, 1, 0.2);
            vector(p + "post_attention_layernorm.weight", hidden, 1, 0.2);
        }
        vector("model.norm.weight", hidden, 1, 0.2);
        if (!tied) {
            matrix("lm_head.weight", VOCABULARY, hidden, 1 / Math.sqrt(hidden));
        }
    }

    private void matrix(String name, int rows, int columns, double scale) {
        shapes.put(name, new int[] {rows, columns});
        tensors.put(name, values(rows * columns, 0, scale));
    }

    private void vector(String name, int length, double mean, double scale) {
        shapes.put(name, new int[] {length});
        tensors.put(name, values(length, mean, scale));
    }

    private float[] values(int count, double mean, double scale) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (mean + random.nextGaussian() * scale);
        }
        return values;
    }

    /** A tensor to look at or to change before {@link #write}. */
    public float[] tensor(String name) {
        return tensors.get(name);
    }

    /** Writes the folder and returns it. */
    public Path write(Path folder) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("config.json"), config().toPrettyString());
        Files.write(folder.resolve("model.safetensors"), safetensors());
        Files.writeString(folder.resolve("tokenizer.json"), tokenizer().toPrettyString());
        return folder;
    }

    private ObjectNode config() {
        ObjectNode node = JSON.createObjectNode();
        node.putArray("architectures").add("Qwen2ForCausalLM");
        node.put("model_type", "qwen2").put("hidden_act", "silu").put("hidden_size", hidden)
                .put("intermediate_size", intermediate).put("num_hidden_layers", layers).put("num_attention_heads",
                heads).put("num_key_value_heads", kvHeads).put("vocab_size", VOCABULARY).put("max_position_embeddings",
                512).put("rms_norm_eps", 1e-6).put("rope_theta", 10000.0).put("tie_word_embeddings", tied)
                .put("eos_token_id", 256 + SPECIAL.indexOf("<|im_end|>"));
        return node;
    }

    private byte[] safetensors() throws IOException {
        ObjectNode header = JSON.createObjectNode();
        int offset = 0;
        for (Map.Entry<String, float[]> tensor : tensors.entrySet()) {
            ObjectNode entry = header.putObject(tensor.getKey()).put("dtype", "F32");
            ArrayNode shape = entry.putArray("shape");
            for (int n : shapes.get(tensor.getKey())) {
                shape.add(n);
            }
            int end = offset + tensor.getValue().length * 4;
            entry.putArray("data_offsets").add(offset).add(end);
            offset = end;
        }
        byte[] text = JSON.writeValueAsBytes(header);
        ByteBuffer bytes = ByteBuffer.allocate(8 + text.length + offset).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(text.length).put(text);
        for (float[] values : tensors.values()) {
            for (float value : values) {
                bytes.putFloat(value);
            }
        }
        return bytes.array();
    }

    private static ObjectNode tokenizer() {
        ObjectNode node = JSON.createObjectNode();
        node.put("version", "1.0").putNull("truncation").putNull("padding");
        ArrayNode added = node.putArray("added_tokens");
        for (int i = 0; i < SPECIAL.size(); i++) {
            added.addObject().put("id", 256 + i).put("content", SPECIAL.get(i)).put("single_word", false)
                    .put("lstrip", false).put("rstrip", false).put("normalized", false).put("special", true);
        }
        node.putNull("normalizer");
        node.putObject("pre_tokenizer").put("type", "ByteLevel").put("add_prefix_space", false)
                .put("trim_offsets", false).put("use_regex", true);
        node.putNull("post_processor");
        node.putObject("decoder").put("type", "ByteLevel").put("add_prefix_space", false)
                .put("trim_offsets", false).put("use_regex", true);
        ObjectNode model = node.putObject("model").put("type", "BPE");
        model.putNull("dropout").putNull("unk_token").putNull("continuing_subword_prefix")
                .putNull("end_of_word_suffix").put("fuse_unk", false).put("byte_fallback", false);
        ObjectNode vocabulary = model.putObject("vocab");
        int next = 256;
        for (int b = 0; b < 256; b++) {
            boolean printable = b >= 0x21 && b <= 0x7e || b >= 0xa1 && b <= 0xac || b >= 0xae;
            vocabulary.put(new String(Character.toChars(printable ? b : next++)), b);
        }
        for (int i = 0; i < SPECIAL.size(); i++) {
            vocabulary.put(SPECIAL.get(i), 256 + i);
        }
        model.putArray("merges");
        return node;
    }

    /** The tokens of a text without special tokens: its bytes. */
    public static int[] bytesOf(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int[] ids = new int[bytes.length];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = bytes[i] & 0xff;
        }
        return ids;
    }
}
