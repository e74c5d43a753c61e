package org.recursivemas.pipeline.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.recursivemas.compiler.Architecture;
import org.recursivemas.compiler.ModelConfig;
import org.recursivemas.compiler.Rope;
import org.recursivemas.pipeline.InputException;
import org.recursivemas.pipeline.checkpoint.TensorSource;

/**
 * A language model as arrays of PyTorch, single precision, without gradients for its weights: gradients pass through it
 * to its inputs. Shared by threads, which only read it.
 */
final class FrozenModel implements AutoCloseable {
    /** Elements read from a checkpoint at a time. */
    private static final int CHUNK = 1 << 22;

    private final ModelConfig config;
    private final NDManager manager;
    /** [vocabulary, d]. */
    private final NDArray table;
    /** [vocabulary, d]. */
    private final NDArray head;
    private final RmsNorm finalNorm;
    private final List<DecoderLayer> layers = new ArrayList<>();
    /** By layer. */
    private final List<RotaryTable> tables = new ArrayList<>();

    /**
     * Reads the weights by their names in a Hugging Face checkpoint.
     *
     * @throws InputException when a tensor is missing or its shape is not the one that {@code config} asks for
     */
    FrozenModel(ModelConfig config, TensorSource source) {
        this.config = config;
        manager = TorchEngine.get().newManager();
        try {
            Reader reader = new Reader(source);
            int d = config.hiddenSize();
            table = reader.matrix("model.embed_tokens.weight", config.vocabSize(), d, manager);
            head = config.tiedEmbeddings() ? table : reader.matrix("lm_head.weight", config.vocabSize(), d, manager);
            Map<Rope, RotaryTable> byRope = new LinkedHashMap<>();
            for (int l = 0; l < config.layers(); l++) {
                layers.add(new DecoderLayer(config, reader.layer(l)));
                tables.add(byRope.computeIfAbsent(config.window(l) > 0 ? config.slidingRope() : config.rope(),
                        rope -> new RotaryTable(rope, config.headSize(), manager)));
            }
            finalNorm = reader.norm("model.norm.weight", d);
        } catch (RuntimeException e) {
            manager.close();
            throw e;
        }
    }

    ModelConfig config() {
        return config;
    }

    /** Input embeddings of tokens, indices int32 [...] to [..., d], as the first layer receives them. */
    NDArray embed(NDArray tokens) {
        NDArray rows = TorchEngine.rows(tokens, table);
        rows.attach(tokens.getManager());
        return config.embeddingScale() == 1 ? rows : rows.mul(config.embeddingScale());
    }

    /** Input embeddings of tokens, [n, d] row-major, on the heap. */
    float[] embeddings(int[] tokens) {
        try (NDManager scratch = manager.newSubManager()) {
            return embed(TorchEngine.array(scratch, tokens, tokens.length)).toFloatArray();
        }
    }

    /** Root mean square of the elements of the input embeddings. */
    double embeddingRms() {
        try (NDManager scratch = manager.newSubManager()) {
            NDArray squares = table.square();
            squares.attach(scratch);
            return Math.sqrt(squares.mean().toFloatArray()[0]) * config.embeddingScale();
        }
    }

    /** Logits [n, vocabulary] of hidden states [n, d]. */
    NDArray logits(NDArray hidden) {
        return TorchEngine.linear(hidden, head, null);
    }

    /** An empty cache for prompts of {@code length} positions, {@code pad[row]} of them padding on the left. */
    KvCache cache(int[] pad, int length, NDManager owner) {
        return new KvCache(config, tables, pad, length, owner);
    }

    /**
     * Appends positions: the whole prompt to an empty cache, then one at a time.
     *
     * @param inputs embeddings [batch, t, d]
     * @return hidden states after the final norm [batch, t, d], owned by the cache's manager
     */
    NDArray forward(NDArray inputs, KvCache cache) {
        cache.advance((int) inputs.getShape().get(1));
        NDArray x = inputs;
        for (int l = 0; l < layers.size(); l++) {
            // handles of intermediate results are given up at once; what a gradient needs lives on in its graph
            try (NDManager scratch = cache.manager().newSubManager()) {
                x.tempAttach(scratch);
                NDArray y = layers.get(l).forward(x, cache.layer(l));
                y.attach(cache.manager());
                if (x != inputs) {
                    x.close();
                }
                x = y;
            }
        }
        try (NDManager scratch = cache.manager().newSubManager()) {
            x.tempAttach(scratch);
            NDArray normed = finalNorm.apply(x);
            normed.attach(cache.manager());
            if (x != inputs) {
                x.close();
            }
            return normed;
        }
    }

    @Override
    public void close() {
        manager.close();
    }

    /** Reads tensors in pieces and multiplies norms' gains into the matrices behind them. */
    private final class Reader {
        private final TensorSource source;

        Reader(TensorSource source) {
            this.source = source;
        }

        DecoderLayer.Weights layer(int index) {
            try (NDManager scratch = manager.newSubManager()) {
                return layer(index, scratch);
            }
        }

        private DecoderLayer.Weights layer(int index, NDManager scratch) {
            ModelConfig c = config;
            Architecture family = c.architecture();
            String p = "model.layers." + index + ".";
            String a = p + "self_attn.";
            int d = c.hiddenSize();
            float scale = (float) c.attentionScale();
            float[] before = gain(p + "input_layernorm.weight", d);
            NDArray q = matrix(a + "q_proj.weight", c.attentionWidth(), d, scratch);
            NDArray attention = q.concat(matrix(a + "k_proj.weight", c.kvWidth(), d, scratch), 0)
                    .concat(matrix(a + "v_proj.weight", c.kvWidth(), d, scratch), 0);
            float[] bias = !c.attentionBias() ? null : joined(vector(a + "q_proj.bias", c.attentionWidth()),
                    vector(a + "k_proj.bias", c.kvWidth()), vector(a + "v_proj.bias", c.kvWidth()));
            RmsNorm queryNorm = null;
            RmsNorm keyNorm = null;
            float[] rows = new float[c.attentionRows()];
            Arrays.fill(rows, 1f);
            if (family.qkNorm()) {
                float[] gain = gain(a + "q_norm.weight", c.headSize());
                for (int i = 0; i < gain.length; i++) {
                    gain[i] *= scale;
                }
                queryNorm = new RmsNorm(array(gain), c.rmsNormEps());
                keyNorm = norm(a + "k_norm.weight", c.headSize());
            } else {
                Arrays.fill(rows, 0, c.attentionWidth(), scale);
                for (int i = 0; bias != null && i < c.attentionWidth(); i++) {
                    bias[i] *= scale;
                }
            }
            attention = attention.mul(array(before)).mul(TorchEngine.array(manager, rows, rows.length, 1));
            attention.attach(manager);
            NDArray output = matrix(a + "o_proj.weight", d, c.attentionWidth(), manager);
            NDArray outputBias = c.outputBias() ? array(vector(a + "o_proj.bias", d)) : null;
            boolean sandwich = family.sandwichNorms();
            float[] middle = gain(p + (sandwich ? "pre_feedforward_layernorm.weight"
                    : "post_attention_layernorm.weight"), d);
            NDArray gateUp = matrix(p + "mlp.gate_proj.weight", c.intermediateSize(), d, scratch)
                    .concat(matrix(p + "mlp.up_proj.weight", c.intermediateSize(), d, scratch), 0).mul(array(middle));
            gateUp.attach(manager);
            return new DecoderLayer.Weights(attention, bias == null ? null : array(bias), queryNorm, keyNorm, output,
                    outputBias, sandwich ? norm(p + "post_attention_layernorm.weight", d) : null, gateUp,
                    matrix(p + "mlp.down_proj.weight", d, c.intermediateSize(), manager),
                    sandwich ? norm(p + "post_feedforward_layernorm.weight", d) : null);
        }

        RmsNorm norm(String name, int width) {
            return new RmsNorm(array(gain(name, width)), config.rmsNormEps());
        }

        private float[] gain(String name, int width) {
            float[] gain = vector(name, width);
            for (int i = 0; i < width; i++) {
                gain[i] += config.architecture().normOffset();
            }
            return gain;
        }

        private NDArray array(float[] values) {
            return TorchEngine.array(manager, values, values.length);
        }

        private float[] vector(String name, int length) {
            String full = config.sourcePrefix() + name;
            check(full, List.of((long) length));
            return source.floats(full);
        }

        NDArray matrix(String name, int rows, int columns, NDManager owner) {
            String full = config.sourcePrefix() + name;
            check(full, List.of((long) rows, (long) columns));
            int step = Math.max(1, CHUNK / columns);
            if (step >= rows) {
                return TorchEngine.array(owner, source.floats(full), rows, columns);
            }
            NDArray all = owner.create(new Shape(rows, columns));
            for (int row = 0; row < rows; row += step) {
                int count = Math.min(step, rows - row);
                float[] part = new float[count * columns];
                source.read(full, (long) row * columns, part, 0, part.length);
                try (NDArray chunk = TorchEngine.array(owner, part, count, columns)) {
                    all.set(new NDIndex(row + ":" + (row + count)), chunk);
                }
            }
            return all;
        }

        private void check(String name, List<Long> expected) {
            List<Long> shape = source.shape(name);
            if (!shape.equals(expected)) {
                throw new InputException("tensor " + name, "its shape is " + shape + " but the model's config asks for "
                        + expected, "Check that config and weights belong to the same model", null);
            }
        }

        private float[] joined(float[]... parts) {
            int length = Arrays.stream(parts).mapToInt(part -> part.length).sum();
            float[] all = new float[length];
            int at = 0;
            for (float[] part : parts) {
                System.arraycopy(part, 0, all, at, part.length);
                at += part.length;
            }
            return all;
        }
    }
}
