package org.recursivemas.compiler;

import java.util.List;
import java.util.function.UnaryOperator;

/**
 * WGSL functions that read rows of activations and weights in steps of four inputs, whatever the storage: vectors where the
 * row length allows it, else single elements with a check; group-quantized words unpacked on the way. Beyond the end of a
 * row activations read as 0, so that whatever a weight reads as there does not count.
 */
final class MatrixReader {
    /** Rows of the matrices that lie below each other as the weight, mostly one. */
    private final List<Integer> stack;
    private final int columns;
    private final String type;
    private final boolean quantized;

    /**
     * @param stack N of the weight; more than one where the rows of several parameters follow each other
     * @param columns K: inputs of a row
     * @param type WGSL type of the weights, or of their scales
     */
    MatrixReader(List<Integer> stack, int columns, String type, boolean quantized) {
        this.stack = stack;
        this.columns = columns;
        this.type = type;
        this.quantized = quantized;
    }

    /** Steps of four inputs that cover a row. */
    int quads() {
        return (columns + 3) / 4;
    }

    boolean aligned() {
        return columns % 4 == 0;
    }

    /** Element type under which activations of {@code storage} are bound. A byte offset rules vectors out. */
    String activationType(String storage, boolean hasOffset) {
        return aligned() && !hasOffset ? "vec4<" + storage + ">" : storage;
    }

    /** Declares {@code input4(token, k4) -> vec4f} over buffer {@code x}; with an offset it adds {@code p.x_offset} elements. */
    String activationFunction(boolean hasOffset) {
        if (aligned() && !hasOffset) {
            return "fn input4(token : u32, k4 : u32) -> vec4f {\n" + pastEnd()
                    + "    return vec4f(x[token * " + quads() + "u + k4]);\n}\n";
        }
        String base = (hasOffset ? "p.x_offset + " : "") + "token * " + columns + "u + k4 * 4u";
        return "fn input4(token : u32, k4 : u32) -> vec4f {\n" + pastEnd() + "    let at = " + base + ";\n" + elements("x") + "}\n";
    }

    /** Adds a buffer with the gains of a norm to the kernel. */
    void bindGain(KernelSource kernel, String gain) {
        kernel.read(gain, aligned() ? "vec4<" + type + ">" : type, aligned() ? columns / 4 : columns);
    }

    /** Declares {@code gain4(k4) -> vec4f} over buffer {@code gain}, or likewise for another buffer. */
    String gainFunction(String gain) {
        return rowFunction(gain, gain, "0u", aligned());
    }

    /**
     * Declares {@code name4(k4) -> vec4f} over one row of a buffer.
     *
     * @param first WGSL of the element with which the row begins, of the vector if there are vectors
     */
    String rowFunction(String name, String buffer, String first, boolean vectors) {
        String begin = "fn " + name + "4(k4 : u32) -> vec4f {\n" + pastEnd();
        if (vectors) {
            return begin + "    return vec4f(" + buffer + "[" + first + " + k4]);\n}\n";
        }
        return begin + "    let at = " + first + " + k4 * 4u;\n" + elements(buffer) + "}\n";
    }

    /** Kernels walk rows in steps of up to 32 inputs. */
    private String pastEnd() {
        return columns % 32 == 0 ? "" : "    if (k4 >= " + quads() + "u) { return vec4f(0.0); }\n";
    }

    private String elements(String buffer) {
        if (aligned()) {
            return "    return vec4f(f32(" + buffer + "[at]), f32(" + buffer + "[at + 1u]), f32(" + buffer
                    + "[at + 2u]), f32(" + buffer + "[at + 3u]));\n";
        }
        StringBuilder text = new StringBuilder("    var v = vec4f(0.0);\n");
        for (int i = 0; i < 4; i++) {
            text.append("    if (k4 * 4u + ").append(i).append("u < ").append(columns).append("u) { v[").append(i)
                    .append("] = f32(").append(buffer).append("[at + ").append(i).append("u]); }\n");
        }
        return text.append("    return v;\n").toString();
    }

    /** Names of the buffers of a matrix of the stack: {@code w} and {@code scale}, {@code w1} and {@code scale1}, ... */
    private static String numbered(String name, int matrix) {
        return matrix == 0 ? name : name + matrix;
    }

    /** Adds the weight's buffers, {@code w} and for a quantized one {@code scale}, to the kernel, matrix by matrix. */
    void bind(KernelSource kernel) {
        for (int i = 0; i < stack.size(); i++) {
            if (quantized) {
                long groups = (long) stack.get(i) * Quantization.groups(columns);
                kernel.read(numbered("w", i), "u32", 4 * groups).read(numbered("scale", i), type, groups);
            } else {
                kernel.read(numbered("w", i), aligned() ? "vec4<" + type + ">" : type,
                        (long) stack.get(i) * columns / (aligned() ? 4 : 1));
            }
        }
    }

    /**
     * Declares the weight's reader: {@code weight4(row, k4) -> vec4f}, or for a quantized weight {@code word(row, i) -> u32},
     * {@code scale_of(row, i) -> f32} (of that word's group), {@code low(word)} and {@code high(word) -> vec4f}, not yet
     * scaled.
     */
    String weightFunctions() {
        if (!quantized) {
            if (aligned()) {
                return "fn weight4(row : u32, k4 : u32) -> vec4f {\n" + pastEnd()
                        + stacked("w", buffer -> "return vec4f(" + buffer + "[ROW * " + quads() + "u + k4]);");
            }
            return "fn weight4(row : u32, k4 : u32) -> vec4f {\n" + pastEnd() + stacked("w",
                    buffer -> "let at = ROW * " + columns + "u + k4 * 4u;\n" + elements(buffer));
        }
        int groups = Quantization.groups(columns);
        return "fn word(row : u32, i : u32) -> u32 {\n"
                + stacked("w", buffer -> "return " + buffer + "[ROW * " + 4 * groups + "u + i];")
                + "fn scale_of(row : u32, i : u32) -> f32 {\n"
                + stacked("scale", buffer -> "return f32(" + buffer + "[ROW * " + groups + "u + i / 4u]);")
                + "fn low(word : u32) -> vec4f {\n"
                + "    return vec4f((vec4u(word) >> vec4u(0u, 4u, 8u, 12u)) & vec4u(15u)) - 7.0;\n}\n"
                + "fn high(word : u32) -> vec4f {\n"
                + "    return vec4f((vec4u(word) >> vec4u(16u, 20u, 24u, 28u)) & vec4u(15u)) - 7.0;\n}\n";
    }

    /** The end of a function of {@code row}: {@code body} for the matrix that has the row, {@code ROW} its number there. */
    private String stacked(String name, UnaryOperator<String> body) {
        StringBuilder text = new StringBuilder();
        int first = 0;
        for (int i = 0; i < stack.size(); i++) {
            String own = body.apply(numbered(name, i)).replace("ROW", first == 0 ? "row" : "(row - " + first + "u)");
            first += stack.get(i);
            text.append(i + 1 < stack.size() ? "    if (row < " + first + "u) {\n" + own + "\n}\n" : "    " + own + "\n");
        }
        return text.append("}\n").toString();
    }
}
