package org.recursivemas.pipeline.convert;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.function.Function;
import org.recursivemas.compiler.ModelConfig;
import org.recursivemas.compiler.ParamTable;
import org.recursivemas.compiler.Quantization;
import org.recursivemas.pipeline.checkpoint.ElementType;
import org.recursivemas.pipeline.checkpoint.SafetensorsWriter;

/** A random Qwen2 checkpoint of a few kilobytes; rows of 48 and 80 inputs end in a short quantization group. */
public final class TinyCheckpoint {
    public static final int VOCABULARY = 50;
    private static final String CONFIG = """
            {"architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2", "hidden_act": "silu", "hidden_size": 48,
             "intermediate_size": 80, "num_attention_heads": 2, "num_key_value_heads": 1, "num_hidden_layers": 2,
             "rms_norm_eps": 1e-06, "rope_theta": 10000.0, "vocab_size": 50, "max_position_embeddings": 256,
             "tie_word_embeddings": true, "bos_token_id": 43, "eos_token_id": 45}
            """;
    private static final String TOKENIZER = """
            {"version": "1.0", "truncation": null, "padding": null,
             "added_tokens": [{"id": 43, "content": "<|endoftext|>", "special": true},
                              {"id": 44, "content": "<|im_start|>", "special": true},
                              {"id": 45, "content": "<|im_end|>", "special": true}],
             "normalizer": null, "pre_tokenizer": {"type": "ByteLevel"}, "post_processor": null,
             "decoder": {"type": "ByteLevel"},
             "model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "ab": 42}, "merges": ["a b"]}}
            """;

    private final Path folder;
    private final SafetensorsWriter writer = new SafetensorsWriter();

    /** All tensors of {@code type}, normally distributed. */
    public TinyCheckpoint(Path folder, ElementType type, long seed) throws IOException {
        this(folder, name -> type, seed);
    }

    /** Tensors of the types that their names ask for. */
    public TinyCheckpoint(Path folder, Function<String, ElementType> types, long seed) throws IOException {
        this.folder = Files.createDirectories(folder);
        Random random = new Random(seed);
        ModelConfig config = ModelConfig.parse(CONFIG, "tiny");
        for (var param : new ParamTable(config, Quantization.Q0F32).params()) {
            for (var source : param.sources()) {
                long[] shape = source.shape().stream().mapToLong(Integer::longValue).toArray();
                float[] values = new float[source.shape().stream().reduce(1, (a, b) -> a * b)];
                for (int i = 0; i < values.length; i++) {
                    values[i] = (float) random.nextGaussian();
                }
                writer.add(source.name(), types.apply(source.name()), values, shape);
            }
        }
        Files.writeString(folder.resolve("config.json"), CONFIG);
        Files.writeString(folder.resolve("tokenizer.json"), TOKENIZER);
    }

    /** The tensors, to be changed before writing. */
    public SafetensorsWriter tensors() {
        return writer;
    }

    public Path folder() {
        return folder;
    }

    /** Writes one safetensors file. */
    public Path write() throws IOException {
        writer.write(folder.resolve("model.safetensors"));
        return folder;
    }

    /** Writes two shards and an index. */
    public Path writeSharded() throws IOException {
        writer.writeSharded(folder);
        return folder;
    }

    /** Replaces text in one of the JSON files. */
    public TinyCheckpoint edit(String file, String from, String to) throws IOException {
        Path path = folder.resolve(file);
        String text = Files.readString(path);
        if (!text.contains(from)) {
            throw new IllegalArgumentException(file + " does not contain " + from);
        }
        Files.writeString(path, text.replace(from, to));
        return this;
    }
}
