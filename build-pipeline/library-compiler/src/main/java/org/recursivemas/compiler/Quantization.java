package org.recursivemas.compiler;

import java.util.ArrayList;
import java.util.List;
import org.recursivemas.library.DType;

/** How weights are stored and in which type activations travel between kernels. Sums are float32 in every scheme. */
public enum Quantization {
    Q0F32("q0f32", DType.FLOAT32, false),
    Q0F16("q0f16", DType.FLOAT16, false),
    /** Groups of 32 inputs share a scale; a weight is {@code (nibble - 7) * scale}. */
    Q4F32_1("q4f32_1", DType.FLOAT32, true),
    Q4F16_1("q4f16_1", DType.FLOAT16, true);

    /** Inputs that share a scale, along a row of the weight. */
    public static final int GROUP_SIZE = 32;
    /** Nibbles in a uint32 word, first element in the lowest bits. */
    public static final int VALUES_PER_WORD = 8;
    /** The code that stands for zero; codes run from 0 to 14. */
    public static final int ZERO_POINT = 7;

    private final String text;
    private final DType modelType;
    private final boolean quantized;

    Quantization(String text, DType modelType, boolean quantized) {
        this.text = text;
        this.modelType = modelType;
        this.quantized = quantized;
    }

    /** The name in MLC's files and on the command line. */
    public String text() {
        return text;
    }

    /** Type of embeddings, hidden states, norms, biases, scales and the KV cache. */
    public DType modelType() {
        return modelType;
    }

    /** Whether matrices are pairs of {@code q_weight} and {@code q_scale}. */
    public boolean quantized() {
        return quantized;
    }

    /** Groups along a row of {@code inputs} elements; the last one may be short. */
    public static int groups(int inputs) {
        return (inputs + GROUP_SIZE - 1) / GROUP_SIZE;
    }

    /** The scheme of that name; an {@link IllegalArgumentException} lists the known ones. */
    public static Quantization of(String text) {
        List<String> known = new ArrayList<>();
        for (Quantization quantization : values()) {
            if (quantization.text.equals(text)) {
                return quantization;
            }
            known.add(quantization.text);
        }
        throw new IllegalArgumentException("unknown quantization '" + text + "'; use one of " + String.join(", ", known));
    }
}
