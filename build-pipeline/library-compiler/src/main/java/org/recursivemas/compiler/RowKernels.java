package org.recursivemas.compiler;

import java.util.List;
import org.recursivemas.library.LibraryPlan;

/** Kernels that work on whole rows: embedding lookup, norms with nothing to multiply behind them, heads before attention. */
final class RowKernels {
    private static final int WORKGROUP = 64;
    private static final int LARGE_WORKGROUP = 128;
    private static final int HEAD_WORKGROUP = 32;

    private final ModelConfig config;
    private final String type;
    private final boolean quantized;
    private final Scale scale;

    RowKernels(ModelConfig config, String type, boolean quantized, Scale scale) {
        this.config = config;
        this.type = type;
        this.quantized = quantized;
        this.scale = scale;
    }

    /** Elements that a workgroup of {@link #embed} writes. */
    static int elementsPerWorkgroup() {
        return WORKGROUP;
    }

    /**
     * {@code y [n, d] = scale * table[ids]}. Buffers: ids, table (and scale), y. Scalars: n, ids_offset. An id outside of the
     * table gives a row of NaN, so that the mistake shows wherever the row goes.
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
        if (config.embeddingScale() != 1) {
            value += "    v *= " + KernelSource.literal((float) config.embeddingScale()) + ";\n";
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
        KernelSource kernel = openNorm("norm");
        kernel.write("y", type);
        return buildNorm(kernel, type + "(v[j])");
    }

    /**
     * {@code y [n, d] f32 = residual + RMSNorm of x [n, d]} f32. Buffers: x, gain, residual, y. One workgroup a token. With
     * an offset the residual starts {@code p.residual_offset} elements in.
     */
    LibraryPlan.Kernel addNorm(String residualType, boolean hasOffset) {
        KernelSource kernel = openNorm(!hasOffset ? "add_norm" : residualType.equals("f16") ? "add_norm_offset_half"
                : "add_norm_offset");
        kernel.read("residual", residualType).write("y", "f32");
        if (hasOffset) {
            kernel.scalar("residual_offset");
        }
        return buildNorm(kernel, "f32(residual[" + (hasOffset ? "p.residual_offset + " : "") + "block * D + 4u * i + j]) + v[j]");
    }

    private KernelSource openNorm(String name) {
        MatrixReader reader = new MatrixReader(List.of(1), config.hiddenSize(), type, false);
        KernelSource kernel = new KernelSource(name).read("x", reader.activationType("f32", false));
        reader.bindGain(kernel, "gain");
        return kernel.constant("D", config.hiddenSize()).constant("QUADS", reader.quads())
                .constant("EPSILON", (float) config.rmsNormEps())
                .declare(reader.activationFunction(false)).declare(reader.gainFunction("gain"));
    }

    /** In a small model every invocation sums all of the squares: a row is short, and meeting at a barrier costs more. */
    private LibraryPlan.Kernel buildNorm(KernelSource kernel, String result) {
        int workgroup = scale == Scale.LARGE ? LARGE_WORKGROUP : WORKGROUP;
        kernel.constant("W", workgroup);
        String squares = """
                var squares = 0.0;
                for (var i = 0u; i < QUADS; i++) {
                    let v = input4(block, i);
                    squares += dot(v, v);
                }
                """;
        if (scale == Scale.LARGE) {
            kernel.declare("var<workgroup> tree : array<f32, " + workgroup + ">;");
            squares = """
                    var own = 0.0;
                    for (var i = t; i < QUADS; i += W) {
                        let v = input4(block, i);
                        own += dot(v, v);
                    }
                    tree[t] = own;
                    for (var half = W / 2u; half > 0u; half /= 2u) {
                        workgroupBarrier();
                        if (t < half) { tree[t] += tree[t + half]; }
                    }
                    workgroupBarrier();
                    let squares = tree[0];
                    """;
        }
        return kernel.build(workgroup, squares + """
                let factor = inverseSqrt(squares / f32(D) + EPSILON);
                for (var i = t; i < QUADS; i += W) {
                    let v = input4(block, i) * factor * gain4(i);
                    for (var j = 0u; j < min(4u, D - 4u * i); j++) { y[block * D + 4u * i + j] = RESULT; }
                }
                """.replace("RESULT", result));
    }

    /** Workgroups of {@link #heads} for a token. */
    int headsPerToken() {
        return config.heads() + 2 * config.kvHeads();
    }

    /**
     * Projected queries, keys and values {@code x [n, (heads + 2 kvHeads) * D]} f32 to where {@link HeadStore} puts them; if
     * the model norms its query and key heads, that first. Buffers: x, then q_gain and k_gain {@code [D]} if it does, then
     * the store's. Scalars: the store's. One workgroup a head.
     */
    LibraryPlan.Kernel heads(HeadStore store) {
        boolean norm = config.architecture().qkNorm();
        KernelSource kernel = new KernelSource("heads" + store.suffix()).read("x", "f32");
        if (norm) {
            kernel.read("q_gain", type, config.headSize()).read("k_gain", type, config.headSize());
        }
        store.bind(kernel);
        kernel.declare(store.declarations()).constant("W", HEAD_WORKGROUP).constant("EPSILON", (float) config.rmsNormEps());
        String body = """
                let token = block / (HEADS + 2u * KV_HEADS);
                let head = block % (HEADS + 2u * KV_HEADS);
                let first = block * 2u * HALF;
                """;
        String pair = """
                    let low = x[first + j];
                    let high = x[first + j + HALF];
                """;
        if (norm) {
            body += headFactor(kernel);
            pair = """
                        var low = x[first + j] * factor;
                        var high = x[first + j + HALF] * factor;
                        if (head < HEADS) {
                            low *= f32(q_gain[j]);
                            high *= f32(q_gain[j + HALF]);
                        } else if (head < HEADS + KV_HEADS) {
                            low *= f32(k_gain[j]);
                            high *= f32(k_gain[j + HALF]);
                        }
                    """;
        }
        return kernel.build(HEAD_WORKGROUP, body + "for (var j = t; j < HALF; j += W) {\n" + pair
                + "    store_pair(token, head * HALF + j, low, high);\n}\n");
    }

    /** {@code factor}, 1 / rms of a query or key head. In a small model every invocation sums all of the squares. */
    private String headFactor(KernelSource kernel) {
        if (scale == Scale.SMALL) {
            return """
                    var factor = 1.0;
                    if (head < HEADS + KV_HEADS) {
                        var squares = 0.0;
                        for (var i = first; i < first + 2u * HALF; i++) { squares += x[i] * x[i]; }
                        factor = inverseSqrt(squares / f32(2u * HALF) + EPSILON);
                    }
                    """;
        }
        kernel.declare("var<workgroup> part : array<f32, " + HEAD_WORKGROUP + ">;");
        return """
                var own = 0.0;
                for (var i = first + t; i < first + 2u * HALF; i += W) { own += x[i] * x[i]; }
                part[t] = own;
                workgroupBarrier();
                var squares = 0.0;
                for (var i = 0u; i < W; i++) { squares += part[i]; }
                let factor = select(1.0, inverseSqrt(squares / f32(2u * HALF) + EPSILON), head < HEADS + KV_HEADS);
                """;
    }
}
