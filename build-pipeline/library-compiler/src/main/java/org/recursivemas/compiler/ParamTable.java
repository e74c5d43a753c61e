package org.recursivemas.compiler;

import java.util.ArrayList;
import java.util.List;
import org.recursivemas.library.DType;

/**
 * The parameters of a model library: MLC's names, shapes and types, in the order in which the packed parameter array holds
 * them ({@code _metadata.params}), and the checkpoint tensors each is made of.
 */
public final class ParamTable {
    /** How a parameter is computed from its source rows. */
    public enum Role {
        /** Values cast to the model type. */
        PLAIN,
        /** Packed nibbles, {@code [N, 4 * groups(K)]} uint32. */
        Q_WEIGHT,
        /** One scale a group, {@code [N, groups(K)]} in the model type. */
        Q_SCALE
    }

    /**
     * A tensor of the checkpoint.
     *
     * @param shape as the checkpoint must hold it: {@code [N, K]} or {@code [N]}
     */
    public record Source(String name, List<Integer> shape) {
        public Source {
            shape = List.copyOf(shape);
        }
    }

    /**
     * A parameter of the library.
     *
     * @param name e.g. {@code model.layers.0.self_attn.c_attn.q_weight}
     * @param shape as stored, after quantization
     * @param logicalShape before quantization: the sources' rows one after another, {@code [N, K]} or {@code [N]}
     * @param sources checkpoint tensors whose rows are concatenated, in order
     */
    public record Param(String name, DType dtype, List<Integer> shape, Role role, List<Integer> logicalShape,
            List<Source> sources) {
        public Param {
            shape = List.copyOf(shape);
            logicalShape = List.copyOf(logicalShape);
            sources = List.copyOf(sources);
        }

        public long elements() {
            long count = 1;
            for (int extent : shape) {
                count *= extent;
            }
            return count;
        }

        public long bytes() {
            return elements() * dtype.bytes();
        }
    }

    /** A weight as kernels see it: one parameter, or the two of a quantized matrix. */
    public record Weight(int index, int scaleIndex) {
        public boolean quantized() {
            return scaleIndex >= 0;
        }
    }

    private final Quantization quantization;
    private final List<Param> params = new ArrayList<>();

    public ParamTable(ModelConfig config, Quantization quantization) {
        this.quantization = quantization;
        int hidden = config.hiddenSize();
        Architecture architecture = config.architecture();
        matrix("model.embed_tokens", same("model.embed_tokens.weight", config.vocabSize(), hidden));
        for (int layer = 0; layer < config.layers(); layer++) {
            String prefix = "model.layers." + layer + ".";
            String attention = prefix + "self_attn.";
            String fused = prefix + architecture.fusedAttention();
            matrix(fused, List.of(
                    source(attention + "q_proj.weight", config.attentionWidth(), hidden),
                    source(attention + "k_proj.weight", config.kvWidth(), hidden),
                    source(attention + "v_proj.weight", config.kvWidth(), hidden)));
            if (architecture.attentionBias()) {
                plain(fused + ".bias", List.of(
                        source(attention + "q_proj.bias", config.attentionWidth()),
                        source(attention + "k_proj.bias", config.kvWidth()),
                        source(attention + "v_proj.bias", config.kvWidth())));
            }
            matrix(attention + "o_proj", same(attention + "o_proj.weight", hidden, config.attentionWidth()));
            matrix(prefix + "mlp.gate_up_proj", List.of(
                    source(prefix + "mlp.gate_proj.weight", config.intermediateSize(), hidden),
                    source(prefix + "mlp.up_proj.weight", config.intermediateSize(), hidden)));
            matrix(prefix + "mlp.down_proj", same(prefix + "mlp.down_proj.weight", hidden, config.intermediateSize()));
            vector(prefix + "input_layernorm.weight", hidden);
            vector(prefix + "post_attention_layernorm.weight", hidden);
        }
        vector("model.norm.weight", hidden);
        if (!config.tiedEmbeddings()) {
            matrix("lm_head", same("lm_head.weight", config.vocabSize(), hidden));
        }
    }

    /** All parameters in the order of the packed array. */
    public List<Param> params() {
        return List.copyOf(params);
    }

    /** Names in the order of the packed array. */
    public List<String> names() {
        List<String> names = new ArrayList<>();
        for (Param param : params) {
            names.add(param.name());
        }
        return names;
    }

    /** Index of the parameter of exactly this name. */
    public int indexOf(String name) {
        for (int i = 0; i < params.size(); i++) {
            if (params.get(i).name().equals(name)) {
                return i;
            }
        }
        throw new IllegalArgumentException("no parameter " + name);
    }

    /**
     * The matrix of a module.
     *
     * @param module e.g. {@code model.layers.0.mlp.down_proj}
     */
    public Weight weight(String module) {
        if (quantization.quantized()) {
            int index = indexOf(module + ".q_weight");
            return new Weight(index, index + 1);
        }
        return new Weight(indexOf(module + ".weight"), -1);
    }

    private static List<Source> same(String name, int... shape) {
        return List.of(source(name, shape));
    }

    private static Source source(String name, int... shape) {
        List<Integer> extents = new ArrayList<>();
        for (int extent : shape) {
            extents.add(extent);
        }
        return new Source(name, extents);
    }

    private void matrix(String module, List<Source> sources) {
        int columns = sources.get(0).shape().get(1);
        int rows = rows(sources);
        List<Integer> logical = List.of(rows, columns);
        if (!quantization.quantized()) {
            params.add(new Param(module + ".weight", quantization.modelType(), logical, Role.PLAIN, logical, sources));
            return;
        }
        int groups = Quantization.groups(columns);
        int wordsPerGroup = Quantization.GROUP_SIZE / Quantization.VALUES_PER_WORD;
        params.add(new Param(module + ".q_weight", DType.UINT32, List.of(rows, wordsPerGroup * groups), Role.Q_WEIGHT, logical,
                sources));
        params.add(new Param(module + ".q_scale", quantization.modelType(), List.of(rows, groups), Role.Q_SCALE, logical,
                sources));
    }

    private void vector(String name, int length) {
        plain(name, same(name, length));
    }

    private void plain(String name, List<Source> sources) {
        List<Integer> shape = List.of(rows(sources));
        params.add(new Param(name, quantization.modelType(), shape, Role.PLAIN, shape, sources));
    }

    private static int rows(List<Source> sources) {
        int rows = 0;
        for (Source source : sources) {
            rows += source.shape().get(0);
        }
        return rows;
    }
}
