package org.recursivemas.compiler;

import org.recursivemas.library.Expr;
import org.recursivemas.library.LibraryPlan;

/**
 * Causal grouped-query attention over the KV cache with a running softmax: keys are walked in order, and maximum, sum and
 * weighted values kept on the way, so any length of context fits. Query i of the call stands at {@code position + i} and
 * sees keys up to {@code position + i}, all of them or, in a layer with a window w, the last w. The cache keeps every key
 * whatever the window. Ways to share the work:
 * {@link #shortContext} for one query and a few hundred keys of a small model: one small workgroup a head and one barrier.
 * {@link #shared} for one query: the invocations of a workgroup share the keys of a head.
 * {@link SplitAttention} for one query and many keys on a real GPU: workgroups share the keys.
 * {@link #perQuery} for many queries of a small model: an invocation does one query of one head alone, without a barrier.
 * {@link TiledAttention} for many queries on a real GPU, or for wide heads: a workgroup does queries and heads together.
 *
 * <p>Buffers: {@code q [n, heads * D]} f32, already rotated and scaled; {@code keys} and {@code values
 * [capacity, kvHeads * D]}; {@code y [n, heads * D]} f32. Scalars: {@code n}, {@code position}.
 */
final class AttentionKernel {
    /** Widest head, in vectors, whose query and result an invocation keeps in registers. */
    private static final int REGISTER_VECTORS = 16;
    private static final int PER_QUERY_WORKGROUP = 32;
    /** Invocations of {@link #shared}, and keys that it takes at a time. */
    private static final int SHARED_WORKGROUP = 128;
    private static final int SHARED_KEYS = 1024;

    private final AttentionShape shape;
    private final Scale scale;
    private final int vectors;
    private final String vector;

    AttentionKernel(AttentionShape shape, Scale scale) {
        this.shape = shape;
        this.scale = scale;
        this.vectors = shape.vectors();
        this.vector = shape.vector();
    }

    /** Positions up to which a token step is one after few: those of a small model are bound by the number of launches. */
    static int fewPositions(Scale scale) {
        return scale == Scale.SMALL ? 512 : 256;
    }

    /** Whether one query after many positions takes the two launches of {@link SplitAttention}. */
    static boolean splits(Scale scale) {
        return scale == Scale.LARGE;
    }

    /** The launch's kernel for one query; {@code few}: at a position up to {@link #fewPositions}. */
    LibraryPlan.Kernel single(boolean few) {
        boolean fewKeys = few || shape.window() > 0 && shape.window() <= fewPositions(scale);
        return fewKeys && scale == Scale.SMALL ? shortContext() : shared();
    }

    private boolean tiled() {
        return scale == Scale.LARGE || vectors > REGISTER_VECTORS;
    }

    /** The kernel for many queries. */
    LibraryPlan.Kernel many() {
        return tiled() ? new TiledAttention(shape).kernel() : perQuery();
    }

    /** Workgroups of {@link #many}. */
    Expr manyGrid(Expr n) {
        return tiled() ? new TiledAttention(shape).grid(n) : n.times(shape.heads()).ceilDividedBy(PER_QUERY_WORKGROUP);
    }

    private KernelSource open(String name) {
        return shape.open(name).write("y", "vec" + shape.width() + "<f32>").scalar("n").scalar("position");
    }

    /** Scores by key, weighted values by vector of the head; the invocations meet once a block of keys. One workgroup a head. */
    private LibraryPlan.Kernel shortContext() {
        int workgroup = Math.max(vectors, 16);
        KernelSource kernel = open("attention_short").constant("W", workgroup).constant("BLOCK", 512)
                .declare("var<workgroup> score : array<f32, 512>;")
                .declare("var<workgroup> reduce : array<f32, " + workgroup + ">;");
        return kernel.build(workgroup, """
                let kv_head = block / (HEADS / KV_HEADS);
                let stop = p.position + 1u;
                var highest = LOWEST;
                var total = 0.0;
                var sum = VECTOR(0.0);
                for (var base = first_key(p.position); base < stop; base += BLOCK) {
                    let count = min(BLOCK, stop - base);
                    var own = LOWEST;
                    for (var i = t; i < count; i += W) {
                        let at = ((base + i) * KV_HEADS + kv_head) * D;
                        var s = 0.0;
                        for (var d = 0u; d < D; d++) { s += dot(q[block * D + d], VECTOR(keys[at + d])); }
                        score[i] = s;
                        own = max(own, s);
                    }
                    reduce[t] = own;
                    workgroupBarrier();
                    var m = highest;
                    for (var i = 0u; i < W; i++) { m = max(m, reduce[i]); }
                    let fade = exp(highest - m);
                    highest = m;
                    total *= fade;
                    sum *= fade;
                    if (t < D) {
                        for (var i = 0u; i < count; i++) {
                            let e = exp(score[i] - m);
                            total += e;
                            sum += e * VECTOR(values[((base + i) * KV_HEADS + kv_head) * D + t]);
                        }
                    }
                    if (base + BLOCK < stop) { workgroupBarrier(); }
                }
                if (t < D) { y[block * D + t] = sum / total; }
                """.replace("VECTOR", vector));
    }

    /** Invocations of neighbouring queries of a head walk the keys together, so that what one loads the others find cached. */
    private LibraryPlan.Kernel perQuery() {
        StringBuilder body = new StringBuilder();
        body.append("let place = block * ").append(PER_QUERY_WORKGROUP).append("u + t;\nif (place >= p.n * HEADS) { return; }\n");
        body.append("""
                let head = place / p.n;
                let own = (place % p.n * HEADS + head) * D;
                let stop = p.position + place % p.n;
                var highest = LOWEST;
                var total = 0.0;
                """);
        for (int d = 0; d < vectors; d++) {
            body.append("let q").append(d).append(" = q[own + ").append(d).append("u];\nvar sum").append(d).append(" = ")
                    .append(vector).append("(0.0);\n");
        }
        body.append("for (var key = first_key(stop); key <= stop; key++) {\n"
                + "    let at = (key * KV_HEADS + head / (HEADS / KV_HEADS)) * D;\n    var s = 0.0;\n");
        for (int d = 0; d < vectors; d++) {
            body.append("    s += dot(q").append(d).append(", ").append(vector).append("(keys[at + ").append(d).append("u]));\n");
        }
        body.append("    if (s > highest) {\n        let fade = exp(highest - s);\n        highest = s;\n        total *= fade;\n");
        for (int d = 0; d < vectors; d++) {
            body.append("        sum").append(d).append(" *= fade;\n");
        }
        body.append("    }\n    let e = exp(s - highest);\n    total += e;\n");
        for (int d = 0; d < vectors; d++) {
            body.append("    sum").append(d).append(" += e * ").append(vector).append("(values[at + ").append(d).append("u]);\n");
        }
        body.append("}\n");
        for (int d = 0; d < vectors; d++) {
            body.append("y[own + ").append(d).append("u] = sum").append(d).append(" / total;\n");
        }
        return open("attention_per_query").build(PER_QUERY_WORKGROUP, body.toString());
    }

    /** A workgroup takes a head: scores of its query, an invocation taking whole keys, then weighted values in slices. */
    private LibraryPlan.Kernel shared() {
        KernelSource kernel = open("attention_shared")
                .constant("W", SHARED_WORKGROUP).constant("BLOCK", SHARED_KEYS)
                .constant("SLICES", SHARED_WORKGROUP / vectors).constant("PARTS", 8)
                .declare("var<workgroup> query : array<" + vector + ", " + vectors + ">;")
                .declare("var<workgroup> score : array<f32, " + SHARED_KEYS + ">;")
                .declare("var<workgroup> reduce : array<f32, " + SHARED_WORKGROUP + ">;")
                .declare("var<workgroup> part : array<f32, 8>;")
                .declare("var<workgroup> sums : array<" + vector + ", " + SHARED_WORKGROUP + ">;");
        return kernel.build(SHARED_WORKGROUP, """
                let kv_head = block / (HEADS / KV_HEADS);
                let stop = p.position + 1u;
                for (var i = t; i < D; i += W) { query[i] = q[block * D + i]; }
                let dim = t % D;
                let slice = t / D;
                var highest = LOWEST;
                var total = 0.0;
                var sum = VECTOR(0.0);
                workgroupBarrier();
                for (var base = first_key(p.position); base < stop; base += BLOCK) {
                    let count = min(BLOCK, stop - base);
                    var own = LOWEST;
                    for (var i = t; i < count; i += W) {
                        let at = ((base + i) * KV_HEADS + kv_head) * D;
                        var s = 0.0;
                        for (var d = 0u; d < D; d++) { s += dot(query[d], VECTOR(keys[at + d])); }
                        score[i] = s;
                        own = max(own, s);
                    }
                    reduce[t] = own;
                    workgroupBarrier();
                    if (t < PARTS) {
                        let start = t * (W / PARTS);
                        var m = reduce[start];
                        for (var i = 1u; i < W / PARTS; i++) { m = max(m, reduce[start + i]); }
                        part[t] = m;
                    }
                    workgroupBarrier();
                    var m = highest;
                    for (var i = 0u; i < PARTS; i++) { m = max(m, part[i]); }
                    let fade = exp(highest - m);
                    highest = m;
                    total *= fade;
                    sum *= fade;
                    for (var i = t; i < count; i += W) {
                        let e = exp(score[i] - m);
                        score[i] = e;
                        total += e;
                    }
                    workgroupBarrier();
                    if (slice < SLICES) {
                        for (var i = slice; i < count; i += SLICES) {
                            sum += score[i] * VECTOR(values[((base + i) * KV_HEADS + kv_head) * D + dim]);
                        }
                    }
                    workgroupBarrier();
                }
                reduce[t] = total;
                sums[t] = sum;
                workgroupBarrier();
                if (t < PARTS) {
                    let start = t * (W / PARTS);
                    var s = 0.0;
                    for (var i = 0u; i < W / PARTS; i++) { s += reduce[start + i]; }
                    part[t] = s;
                }
                workgroupBarrier();
                if (t < D) {
                    var weight = 0.0;
                    for (var i = 0u; i < PARTS; i++) { weight += part[i]; }
                    var s = VECTOR(0.0);
                    for (var i = 0u; i < SLICES; i++) { s += sums[i * D + t]; }
                    y[block * D + t] = s / weight;
                }
                """.replace("VECTOR", vector));
    }
}
