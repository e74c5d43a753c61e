package org.recursivemas.compiler;

import org.recursivemas.library.LibraryPlan;

/** Kernels that work on whole rows of the hidden size: embedding lookup and the last RMSNorm. */
final class RowKernels {
    private static final int WORKGROUP = 64;

    private final ModelConfig config;
    private final String type;
    private final boolean quantized;

    RowKernels(ModelConfig config, String type, boolean quantized) {
        this.config = config;
        this.type = type;
        this.quantized = quantized;
    }

    /** Elements that a workgroup of {@link #embed} writes. */
    static int elementsPerWorkgroup() {
        return WORKGROUP;
    }

    /**
     * {@code y [n, d] = table[ids]}. Buffers: ids, table (and scale), y. Scalars: n, ids_offset. An id outside of the table
     * gives a row of NaN, so that the mistake shows wherever the row goes.
     */
    LibraryPlan.Kernel embed() {
        int d = config.hiddenSize();
        KernelSource kernel = new KernelSource("embed").read("ids", "i32");
        if (quantized) {
            long groups = (long) config.vocabSize() * Quantization.groups(d);
            kernel.read("w", "u32", 4 * groups).read("scale", type, groups);
        } else {
            kernel.read("w", type, (long) config.vocabSize() * d);
        }
        kernel.write("y", type).scalar("n").scalar("ids_offset").constant("D", d).constant("V", config.vocabSize());
        String value;
        if (quantized) {
            int groups = Quantization.groups(d);
            kernel.constant("GROUPS", groups);
            value = """
                        let word = w[u32(id) * (4u * GROUPS) + column / 8u];
                        let code = (word >> (4u * (column % 8u))) & 15u;
                        v = (f32(code) - 7.0) * f32(scale[u32(id) * GROUPS + column / 32u]);
                    """;
        } else {
            value = "    v = f32(w[u32(id) * D + column]);\n";
        }
        return kernel.build(WORKGROUP, """
                let i = block * %du + t;
                if (i >= p.n * D) { return; }
                let column = i %% D;
                let id = ids[p.ids_offset + i / D];
                // Not a constant: WGSL refuses to evaluate one to NaN.
                var v = bitcast<f32>(0x7fc00000u + min(p.n, 1u));
                if (id >= 0 && id < i32(V)) {
                """.formatted(WORKGROUP) + value + "}\ny[i] = " + type + "(v);\n");
    }

    /**
     * {@code y [n, d]} = RMSNorm of {@code x [n, d]} f32. Buffers: x, gain, y. One workgroup a token. Every invocation sums
     * all of the squares: a row is short, and meeting at a barrier costs more.
     */
    LibraryPlan.Kernel norm() {
        MatrixReader reader = new MatrixReader(1, config.hiddenSize(), type, false);
        KernelSource kernel = new KernelSource("norm").read("x", reader.activationType("f32", false));
        reader.bindGain(kernel);
        kernel.write("y", type)
                .constant("D", config.hiddenSize()).constant("QUADS", reader.quads())
                .constant("W", WORKGROUP).constant("EPSILON", (float) config.rmsNormEps())
                .declare(reader.activationFunction(false)).declare(reader.gainFunction());
        return kernel.build(WORKGROUP, """
                var squares = 0.0;
                for (var i = 0u; i < QUADS; i++) {
                    let v = input4(block, i);
                    squares += dot(v, v);
                }
                let factor = inverseSqrt(squares / f32(D) + EPSILON);
                for (var i = t; i < QUADS; i += W) {
                    let v = input4(block, i) * factor * gain4(i);
                    for (var j = 0u; j < min(4u, D - 4u * i); j++) { y[block * D + 4u * i + j] = TYPE(v[j]); }
                }
                """.replace("TYPE", type));
    }
}
