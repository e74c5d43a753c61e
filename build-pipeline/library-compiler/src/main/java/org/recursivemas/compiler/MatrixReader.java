package org.recursivemas.compiler;

/**
 * WGSL functions that read rows of activations and weights in steps of four inputs, whatever the storage: vectors where the
 * row length allows it, else single elements with a check; group-quantized words unpacked on the way. Beyond the end of a
 * row activations read as 0, so that whatever a weight reads as there does not count.
 */
final class MatrixReader {
    private final int rows;
    private final int columns;
    private final String type;
    private final boolean quantized;

    /**
     * @param rows N of the weight
     * @param columns K: inputs of a row
     * @param type WGSL type of the weights, or of their scales
     */
    MatrixReader(int rows, int columns, String type, boolean quantized) {
        this.rows = rows;
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

    /** Adds the buffer {@code gain} to the kernel. */
    void bindGain(KernelSource kernel) {
        kernel.read("gain", aligned() ? "vec4<" + type + ">" : type, aligned() ? columns / 4 : columns);
    }

    /** Declares {@code gain4(k4) -> vec4f} over buffer {@code gain}. */
    String gainFunction() {
        if (aligned()) {
            return "fn gain4(k4 : u32) -> vec4f {\n" + pastEnd() + "    return vec4f(gain[k4]);\n}\n";
        }
        return "fn gain4(k4 : u32) -> vec4f {\n" + pastEnd() + "    let at = k4 * 4u;\n" + elements("gain") + "}\n";
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

    /** Adds the weight's buffers, {@code w} and for a quantized one {@code scale}, to the kernel. */
    void bind(KernelSource kernel) {
        if (quantized) {
            long groups = (long) rows * Quantization.groups(columns);
            kernel.read("w", "u32", 4 * groups).read("scale", type, groups);
        } else {
            kernel.read("w", aligned() ? "vec4<" + type + ">" : type, (long) rows * columns / (aligned() ? 4 : 1));
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
                        + "    return vec4f(w[row * " + quads() + "u + k4]);\n}\n";
            }
            return "fn weight4(row : u32, k4 : u32) -> vec4f {\n" + pastEnd()
                    + "    let at = row * " + columns + "u + k4 * 4u;\n" + elements("w") + "}\n";
        }
        int groups = Quantization.groups(columns);
        return "fn word(row : u32, i : u32) -> u32 {\n    return w[row * " + 4 * groups + "u + i];\n}\n"
                + "fn scale_of(row : u32, i : u32) -> f32 {\n    return f32(scale[row * " + groups + "u + i / 4u]);\n}\n"
                + "fn low(word : u32) -> vec4f {\n"
                + "    return vec4f((vec4u(word) >> vec4u(0u, 4u, 8u, 12u)) & vec4u(15u)) - 7.0;\n}\n"
                + "fn high(word : u32) -> vec4f {\n"
                + "    return vec4f((vec4u(word) >> vec4u(16u, 20u, 24u, 28u)) & vec4u(15u)) - 7.0;\n}\n";
    }
}
