package org.recursivemas.compiler;

import org.recursivemas.library.Expr;
import org.recursivemas.library.LibraryPlan;

/**
 * Attention of one query after many positions on a real GPU, in two launches: {@link #part}, where a workgroup takes some
 * of the keys and the query heads that share them, and {@link #combine}, which weighs the parts.
 */
final class SplitAttention {
    private static final int WORKGROUP = 256;
    /** Invocations that share a key. */
    private static final int LANES = 4;
    /** Keys at a time. */
    private static final int BLOCK = WORKGROUP / LANES;
    private static final int MOST_PARTS = 128;
    private static final int MOST_HEADS = 8;
    private static final int COMBINE_WORKGROUP = 128;

    private final AttentionShape shape;
    /** Query heads of a workgroup. */
    private final int together;

    SplitAttention(AttentionShape shape) {
        this.shape = shape;
        int most = Math.max(1, Math.min(MOST_HEADS, WORKGROUP / shape.vectors()));
        int together = 1;
        for (int heads = 2; heads <= most; heads++) {
            together = shape.group() % heads == 0 ? heads : together;
        }
        this.together = together;
    }

    /** Bytes of the parts' weighted values: {@code partial [parts, heads, D]} f32. */
    static int partialBytes(AttentionShape shape) {
        return 4 * MOST_PARTS * shape.heads() * shape.headSize();
    }

    /** Bytes of the parts' highest score and sum of weights: {@code stats [parts, heads, 2]} f32. */
    static int statsBytes(AttentionShape shape) {
        return 4 * MOST_PARTS * shape.heads() * 2;
    }

    private Expr keys() {
        Expr all = Expr.position().plus(1);
        return shape.window() > 0 ? Expr.binary(Expr.Op.MIN, all, Expr.constant(shape.window())) : all;
    }

    /** Keys of a part: a block, or more of them when the parts would be too many. */
    Expr partKeys() {
        return keys().ceilDividedBy(BLOCK * MOST_PARTS).times(BLOCK);
    }

    Expr parts() {
        return Expr.binary(Expr.Op.CEIL_DIV, keys(), partKeys());
    }

    Expr partGrid() {
        return parts().times(shape.heads() / together);
    }

    /** Buffers: q, keys, values, partial, stats. Scalars: position, part_keys. */
    LibraryPlan.Kernel part() {
        int items = together * shape.vectors();
        int slices = WORKGROUP / items;
        KernelSource kernel = shape.open("attention_part").write("partial", "vec" + shape.width() + "<f32>")
                .write("stats", "f32").scalar("position").scalar("part_keys")
                .constant("TOGETHER", together).constant("ITEMS", items).constant("SLICES", slices)
                .declare("var<workgroup> query : array<" + shape.vector() + ", " + items + ">;")
                .declare("var<workgroup> work : array<f32, " + Math.max(together, shape.width() + 1) * WORKGROUP + ">;")
                .declare("var<workgroup> score : array<f32, " + together * BLOCK + ">;");
        StringBuilder body = new StringBuilder("""
                let first_head = block % (HEADS / TOGETHER) * TOGETHER;
                let part = block / (HEADS / TOGETHER);
                let kv_head = first_head / (HEADS / KV_HEADS);
                let start = first_key(p.position) + part * p.part_keys;
                let stop = min(start + p.part_keys, p.position + 1u);
                for (var i = t; i < ITEMS; i += 256u) { query[i] = q[first_head * D + i]; }
                let head = t % ITEMS / D;
                let d = t % D;
                let slice = t / ITEMS;
                var highest = LOWEST;
                var total = 0.0;
                var sum = VECTOR(0.0);
                workgroupBarrier();
                for (var base = start; base < stop; base += 64u) {
                    let at = (min(base + t / 4u, stop - 1u) * KV_HEADS + kv_head) * D;
                """);
        for (int h = 0; h < together; h++) {
            body.append("    var s").append(h).append(" = 0.0;\n");
        }
        body.append("    for (var i = t % 4u; i < D; i += 4u) {\n        let k = VECTOR(keys[at + i]);\n");
        for (int h = 0; h < together; h++) {
            body.append("        s").append(h).append(" += dot(query[").append(h).append("u * D + i], k);\n");
        }
        body.append("    }\n");
        for (int h = 0; h < together; h++) {
            body.append("    work[").append(h * WORKGROUP).append("u + t] = s").append(h).append(";\n");
        }
        body.append("""
                    workgroupBarrier();
                    for (var i = t; i < TOGETHER * 64u; i += 256u) {
                        let s = (work[4u * i] + work[4u * i + 1u]) + (work[4u * i + 2u] + work[4u * i + 3u]);
                        score[i] = select(s, LOWEST, base + i % 64u >= stop);
                    }
                    workgroupBarrier();
                    var m = highest;
                    for (var i = 0u; i < 64u; i++) { m = max(m, score[head * 64u + i]); }
                    let fade = exp(highest - m);
                    highest = m;
                    total *= fade;
                    sum *= fade;
                    if (slice < SLICES) {
                        for (var i = slice; i < min(64u, stop - base); i += SLICES) {
                            let e = exp(score[head * 64u + i] - m);
                            total += e;
                            sum += e * VECTOR(values[((base + i) * KV_HEADS + kv_head) * D + d]);
                        }
                    }
                }
                """);
        if (slices > 1) {
            reduceSlices(body);
        }
        body.append("""
                if (slice == 0u) {
                    let to = part * HEADS + first_head + head;
                    partial[to * D + d] = sum;
                    if (d == 0u) {
                        stats[2u * to] = highest;
                        stats[2u * to + 1u] = total;
                    }
                }
                """);
        return kernel.build(WORKGROUP, body.toString().replace("VECTOR", shape.vector()));
    }

    private void reduceSlices(StringBuilder body) {
        body.append("workgroupBarrier();\nwork[t] = total;\n");
        for (int i = 0; i < shape.width(); i++) {
            body.append("work[").append((i + 1) * WORKGROUP).append("u + t] = sum[").append(i).append("];\n");
        }
        body.append("workgroupBarrier();\nif (slice == 0u) {\n    for (var i = 1u; i < SLICES; i++) {\n"
                + "        total += work[i * ITEMS + t];\n");
        for (int i = 0; i < shape.width(); i++) {
            body.append("        sum[").append(i).append("] += work[").append((i + 1) * WORKGROUP).append("u + i * ITEMS + t];\n");
        }
        body.append("    }\n}\n");
    }

    /** One workgroup a head. Buffers: partial, stats, y. Scalar: parts. */
    LibraryPlan.Kernel combine() {
        int slices = COMBINE_WORKGROUP / shape.vectors();
        String vectors = "vec" + shape.width() + "<f32>";
        KernelSource kernel = shape.constants(new KernelSource("attention_combine").read("partial", vectors)
                .read("stats", "f32").write("y", vectors)).scalar("parts").constant("SLICES", slices)
                .declare("var<workgroup> sums : array<" + shape.vector() + ", " + COMBINE_WORKGROUP + ">;")
                .declare("var<workgroup> totals : array<f32, " + COMBINE_WORKGROUP + ">;");
        return kernel.build(COMBINE_WORKGROUP, """
                let d = t % D;
                let slice = t / D;
                var m = LOWEST;
                for (var i = 0u; i < p.parts; i++) { m = max(m, stats[2u * (i * HEADS + block)]); }
                var total = 0.0;
                var sum = VECTOR(0.0);
                if (slice < SLICES) {
                    for (var i = slice; i < p.parts; i += SLICES) {
                        let one = i * HEADS + block;
                        let weight = exp(stats[2u * one] - m);
                        total += weight * stats[2u * one + 1u];
                        sum += weight * partial[one * D + d];
                    }
                }
                sums[t] = sum;
                totals[t] = total;
                workgroupBarrier();
                if (slice == 0u) {
                    for (var i = 1u; i < SLICES; i++) {
                        total += totals[i * D + t];
                        sum += sums[i * D + t];
                    }
                    y[block * D + d] = sum / total;
                }
                """.replace("VECTOR", shape.vector()));
    }
}
