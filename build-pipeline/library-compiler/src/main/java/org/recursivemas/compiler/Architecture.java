package org.recursivemas.compiler;

import java.util.ArrayList;
import java.util.List;

/**
 * What distinguishes one family of decoder-only transformers from another. All of them are RMSNorm, rotate-half RoPE,
 * grouped-query attention and SwiGLU; the differences are data, so a further family is a further constant.
 */
public enum Architecture {
    QWEN2("Qwen2ForCausalLM", "qwen2", "self_attn.c_attn", true);

    private final String className;
    private final String modelType;
    private final String fusedAttention;
    private final boolean attentionBias;

    Architecture(String className, String modelType, String fusedAttention, boolean attentionBias) {
        this.className = className;
        this.modelType = modelType;
        this.fusedAttention = fusedAttention;
        this.attentionBias = attentionBias;
    }

    /** The entry of {@code architectures} in config.json. */
    public String className() {
        return className;
    }

    /** {@code model_type}, in config.json as well as in MLC's files. */
    public String modelType() {
        return modelType;
    }

    /** MLC's module name of the fused query/key/value projection inside a layer. */
    public String fusedAttention() {
        return fusedAttention;
    }

    /** Whether the query, key and value projections have a bias. */
    public boolean attentionBias() {
        return attentionBias;
    }

    /** The architecture whose class is named so, or null. */
    public static Architecture ofClassName(String name) {
        for (Architecture architecture : values()) {
            if (architecture.className.equals(name)) {
                return architecture;
            }
        }
        return null;
    }

    /** The class names that can be compiled, for messages. */
    public static List<String> supportedClassNames() {
        List<String> names = new ArrayList<>();
        for (Architecture architecture : values()) {
            names.add(architecture.className);
        }
        return names;
    }
}
