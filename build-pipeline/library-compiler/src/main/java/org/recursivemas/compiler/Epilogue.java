package org.recursivemas.compiler;

import java.util.List;
import java.util.function.Consumer;

/**
 * What happens to the rows of a matrix product once their sums are known, as WGSL functions that both the one-token and the
 * many-token kernels call. A paired epilogue is {@code finish_pair(token, pair, low, high)}, where {@code first_row(pair)}
 * and {@code second_row(pair)} name the two rows; a single one is {@code finish(token, row, sum)}.
 */
final class Epilogue {
    private final String name;
    private final boolean paired;
    /** Pairs or rows. */
    private final int units;
    /** Inputs pass an RMSNorm on their way in. */
    private final boolean normalized;
    private final String declarations;
    private final Consumer<KernelSource> binding;
    /** Rows of the parameters that the weight is made of. */
    private final List<Integer> stack;

    private Epilogue(String name, boolean paired, int units, boolean normalized, String declarations,
            Consumer<KernelSource> binding, List<Integer> stack) {
        this.name = name;
        this.paired = paired;
        this.units = units;
        this.normalized = normalized;
        this.declarations = declarations;
        this.binding = binding;
        this.stack = stack;
    }

    /** Bias if the model has one, then rotation and storage as {@link HeadStore} says. */
    static Epilogue attentionInput(ModelConfig config, String type, HeadStore store) {
        boolean bias = config.attentionBias();
        String low = "low" + (bias ? " + f32(bias[first_row(pair)])" : "");
        String high = "high" + (bias ? " + f32(bias[second_row(pair)])" : "");
        String text = store.declarations() + "fn finish_pair(token : u32, pair : u32, low : f32, high : f32) {\n"
                + "    store_pair(token, pair, " + low + ", " + high + ");\n}\n";
        return new Epilogue("qkv" + store.suffix(), true, config.attentionRows() / 2, true, text, kernel -> {
            if (bias) {
                kernel.read("bias", type, config.attentionRows());
            }
            store.bind(kernel);
        }, List.of(config.attentionRows()));
    }

    /**
     * {@code y = W x + bias} as columns {@code column} and following of {@code y [n, width]} f32.
     *
     * @param stack rows of the parameters that the weight is made of
     * @param normalized whether the inputs pass an RMSNorm on their way in
     * @param biasType WGSL type of the bias, or null for none
     */
    static Epilogue project(String module, List<Integer> stack, int column, int width, boolean normalized, String biasType) {
        String text = "fn finish(token : u32, row : u32, sum : f32) {\n    y[token * " + width + "u + " + column
                + "u + row] = sum" + biasTerm(biasType) + ";\n}\n";
        int rows = stack.stream().mapToInt(Integer::intValue).sum();
        return new Epilogue(module, false, rows, normalized, text, kernel -> {
            bindBias(kernel, biasType, rows);
            kernel.write("y", "f32");
        }, stack);
    }

    /**
     * {@code y = residual + W x + bias}, {@code [n, rows]}; with an offset the residual starts {@code p.residual_offset}
     * elements in.
     *
     * @param biasType WGSL type of the bias, or null for none
     */
    static Epilogue residual(String module, int rows, String residualType, boolean hasOffset, String biasType) {
        String text = "fn finish(token : u32, row : u32, sum : f32) {\n    let at = token * " + rows + "u + row;\n"
                + "    y[at] = f32(residual[" + (hasOffset ? "p.residual_offset + " : "") + "at]) + sum" + biasTerm(biasType)
                + ";\n}\n";
        return new Epilogue(module, false, rows, false, text, kernel -> {
            bindBias(kernel, biasType, rows);
            kernel.read("residual", residualType).write("y", "f32");
            if (hasOffset) {
                kernel.scalar("residual_offset");
            }
        }, List.of(rows));
    }

    private static String biasTerm(String biasType) {
        return biasType == null ? "" : " + f32(bias[row])";
    }

    private static void bindBias(KernelSource kernel, String biasType, int rows) {
        if (biasType != null) {
            kernel.read("bias", biasType, rows);
        }
    }

    /** {@code y = activation(gate) * up}, {@code [n, inner]}; a pair is row i of the gate and row i of up. */
    static Epilogue gateUp(int inner, Activation activation) {
        String text = "const INNER = " + inner + "u;\n" + """
                fn first_row(pair : u32) -> u32 {
                    return pair;
                }
                fn second_row(pair : u32) -> u32 {
                    return pair + INNER;
                }
                fn finish_pair(token : u32, pair : u32, gate : f32, up : f32) {
                    y[token * INNER + pair] = GATED * up;
                }
                """.replace("GATED", gated(activation));
        return new Epilogue("gate_up", true, inner, true, text, kernel -> kernel.write("y", "f32"),
                List.of(2 * inner));
    }

    /** WGSL of the activation of {@code gate}. The half of 1 + tanh(u) is the sigmoid of 2 u, which cannot overflow to NaN. */
    private static String gated(Activation activation) {
        return switch (activation) {
            case SILU -> "gate / (1.0 + exp(-gate))";
            case GELU_TANH -> "gate / (1.0 + exp(-1.5957691216f * (gate + 0.044715f * gate * gate * gate)))";
        };
    }

    /** {@code y = W x}, {@code [1, vocabulary]} float32, where x is row {@code p.token} of the inputs. */
    static Epilogue logits(int vocabulary) {
        String text = "fn finish(token : u32, row : u32, sum : f32) {\n    y[row] = sum;\n}\n";
        return new Epilogue("logits", false, vocabulary, true, text, kernel -> kernel.write("y", "f32").scalar("token"),
                List.of(vocabulary));
    }

    String name() {
        return name;
    }

    boolean paired() {
        return paired;
    }

    int units() {
        return units;
    }

    /** Rows of the weight. */
    int rows() {
        return paired ? 2 * units : units;
    }

    List<Integer> stack() {
        return stack;
    }

    boolean normalized() {
        return normalized;
    }

    /** WGSL for the row of the inputs that the one-token kernel reads. */
    String inputRow() {
        return name.equals("logits") ? "p.token" : "0u";
    }

    String declarations() {
        return declarations;
    }

    /** Adds the epilogue's buffers and scalars, after those of the product. */
    void bind(KernelSource kernel) {
        binding.accept(kernel);
    }
}
