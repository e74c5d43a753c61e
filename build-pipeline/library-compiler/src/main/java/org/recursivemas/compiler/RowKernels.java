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
            kernel.read("w", "u32").read("scale", type);
        } else {
            kernel.read("w", type);
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

    /** {@code y [n, d]} = RMSNorm of {@code x [n, d]} f32. Buffers: x, gain, y. One workgroup a token. */
    LibraryPlan.Kernel norm() {
        KernelSource kernel = new KernelSource("norm").read("x", "f32").read("gain", type).write("y", type)
                .constant("D", config.hiddenSize()).constant("W", WORKGROUP)
                .constant("EPSILON", (float) config.rmsNormEps())
                .declare("var<workgroup> partial : array<f32, " + WORKGROUP + ">;");
        return kernel.build(WORKGROUP, """
                let row = block * D;
                var squares = 0.0;
                for (var i = t; i < D; i += W) {
                    let v = x[row + i];
                    squares += v * v;
                }
                partial[t] = squares;
                workgroupBarrier();
                var total = 0.0;
                for (var i = 0u; i < W; i++) { total += partial[i]; }
                let factor = inverseSqrt(total / f32(D) + EPSILON);
                for (var i = t; i < D; i += W) {
                    y[row + i] = TYPE(x[row + i] * factor * f32(gain[i]));
                }
                """.replace("TYPE", type));
    }
}
