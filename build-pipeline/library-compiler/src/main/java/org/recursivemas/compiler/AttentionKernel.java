package org.recursivemas.compiler;

import org.recursivemas.library.LibraryPlan;

/**
 * Causal grouped-query attention over the KV cache with a running softmax: a workgroup takes one query head and a few
 * neighbouring queries, walks their keys in blocks, and keeps maximum, sum and weighted values as it goes, so any length of
 * context fits. Query i of the call stands at {@code position + i} and sees keys 0 to {@code position + i}.
 *
 * <p>Buffers: {@code q [n, heads * D]} f32, already rotated and scaled; {@code keys} and {@code values
 * [capacity, kvHeads * D]}; {@code y [n, heads * D]} f32. Scalars: {@code n}, {@code position}.
 */
final class AttentionKernel {
    private final ModelConfig config;
    private final String type;
    private final int queries;
    private final int workgroup;
    private final int blockKeys;

    /**
     * @param type WGSL type of the cache
     * @param queries queries that share a walk over the keys
     */
    AttentionKernel(ModelConfig config, String type, int queries) {
        this.config = config;
        this.type = type;
        this.queries = queries;
        this.workgroup = config.headSize() > 128 ? 128 : 64;
        this.blockKeys = queries == 1 ? 1024 : 256;
    }

    /** Queries of one workgroup. */
    int queries() {
        return queries;
    }

    LibraryPlan.Kernel build() {
        int width = config.headSize() % 4 == 0 ? 4 : 2;
        int vectors = config.headSize() / width;
        int slices = workgroup / vectors;
        int parts = 8;
        String vector = "vec" + width + "f";
        String zero = vector + "(0.0)";
        String stored = "vec" + width + "<" + type + ">";
        KernelSource kernel = new KernelSource("attention_" + queries)
                .read("q", "vec" + width + "<f32>").read("keys", stored).read("values", stored)
                .write("y", "vec" + width + "<f32>")
                .scalar("n").scalar("position")
                .constant("HEADS", config.heads()).constant("KV_HEADS", config.kvHeads())
                .constant("D", vectors).constant("QUERIES", queries).constant("W", workgroup)
                .constant("BLOCK", blockKeys).constant("SLICES", slices).constant("PARTS", parts)
                .declare("const LOWEST : f32 = -3.0e38f;")
                .declare("var<workgroup> query : array<" + vector + ", " + queries * vectors + ">;")
                .declare("var<workgroup> score : array<f32, " + queries * blockKeys + ">;")
                .declare("var<workgroup> reduce : array<f32, " + queries * workgroup + ">;")
                .declare("var<workgroup> part : array<f32, " + queries * parts + ">;")
                .declare("var<workgroup> sums : array<" + vector + ", " + workgroup + ">;");
        StringBuilder body = new StringBuilder();
        body.append("""
                let head = block % HEADS;
                let first = block / HEADS * QUERIES;
                let kv_head = head / (HEADS / KV_HEADS);
                let stop = p.position + min(first + QUERIES, p.n);
                for (var i = t; i < QUERIES * D; i += W) {
                    query[i] = q[(min(first + i / D, p.n - 1u) * HEADS + head) * D + i % D];
                }
                let dim = t % D;
                let slice = t / D;
                workgroupBarrier();
                """);
        for (int i = 0; i < queries; i++) {
            body.append("let visible").append(i).append(" = p.position + first + ").append(i).append("u;\n");
            body.append("var highest").append(i).append(" = LOWEST;\nvar total").append(i).append(" = 0.0;\nvar sum").append(i)
                    .append(" = ").append(zero).append(";\n");
        }
        body.append("for (var base = 0u; base < stop; base += BLOCK) {\n    let count = min(BLOCK, stop - base);\n");
        for (int i = 0; i < queries; i++) {
            body.append("    var own").append(i).append(" = LOWEST;\n");
        }
        // Scores of this block: an invocation takes whole keys.
        body.append("    for (var i = t; i < count; i += W) {\n        let key = base + i;\n"
                + "        let at = (key * KV_HEADS + kv_head) * D;\n");
        for (int i = 0; i < queries; i++) {
            body.append("        var s").append(i).append(" = 0.0;\n");
        }
        body.append("        for (var d = 0u; d < D; d++) {\n            let k = ").append(vector).append("(keys[at + d]);\n");
        for (int i = 0; i < queries; i++) {
            body.append("            s").append(i).append(" += dot(query[").append(i).append("u * D + d], k);\n");
        }
        body.append("        }\n");
        for (int i = 0; i < queries; i++) {
            if (queries > 1) {
                body.append("        if (key > visible").append(i).append(") { s").append(i).append(" = LOWEST; }\n");
            }
            body.append("        score[").append(i).append("u * BLOCK + i] = s").append(i).append(";\n");
            body.append("        own").append(i).append(" = max(own").append(i).append(", s").append(i).append(");\n");
        }
        body.append("    }\n");
        for (int i = 0; i < queries; i++) {
            body.append("    reduce[").append(i).append("u * W + t] = own").append(i).append(";\n");
        }
        body.append("    workgroupBarrier();\n    if (t < QUERIES * PARTS) {\n        let start = t * (W / PARTS);\n"
                + "        var m = reduce[start];\n"
                + "        for (var i = 1u; i < W / PARTS; i++) { m = max(m, reduce[start + i]); }\n"
                + "        part[t] = m;\n    }\n    workgroupBarrier();\n");
        for (int i = 0; i < queries; i++) {
            body.append("    var m").append(i).append(" = highest").append(i).append(";\n");
        }
        body.append("    for (var i = 0u; i < PARTS; i++) {\n");
        for (int i = 0; i < queries; i++) {
            body.append("        m").append(i).append(" = max(m").append(i).append(", part[").append(i).append("u * PARTS + i]);\n");
        }
        body.append("    }\n");
        for (int i = 0; i < queries; i++) {
            body.append("    let fade").append(i).append(" = exp(highest").append(i).append(" - m").append(i).append(");\n");
            body.append("    highest").append(i).append(" = m").append(i).append(";\n");
            body.append("    total").append(i).append(" *= fade").append(i).append(";\n    sum").append(i).append(" *= fade")
                    .append(i).append(";\n");
        }
        body.append("    for (var i = t; i < count; i += W) {\n");
        for (int i = 0; i < queries; i++) {
            body.append("        let e").append(i).append(" = exp(score[").append(i).append("u * BLOCK + i] - m").append(i)
                    .append(");\n        score[").append(i).append("u * BLOCK + i] = e").append(i).append(";\n        total")
                    .append(i).append(" += e").append(i).append(";\n");
        }
        body.append("    }\n    workgroupBarrier();\n");
        // Weighted values: an invocation takes one vector of the head and every SLICES-th key.
        body.append("    if (slice < SLICES) {\n        for (var i = slice; i < count; i += SLICES) {\n            let v = ")
                .append(vector).append("(values[((base + i) * KV_HEADS + kv_head) * D + dim]);\n");
        for (int i = 0; i < queries; i++) {
            body.append("            sum").append(i).append(" += score[").append(i).append("u * BLOCK + i] * v;\n");
        }
        body.append("        }\n    }\n    workgroupBarrier();\n}\n");
        for (int i = 0; i < queries; i++) {
            body.append("reduce[").append(i).append("u * W + t] = total").append(i).append(";\n");
        }
        body.append("workgroupBarrier();\nif (t < QUERIES * PARTS) {\n    let start = t * (W / PARTS);\n    var s = 0.0;\n"
                + "    for (var i = 0u; i < W / PARTS; i++) { s += reduce[start + i]; }\n    part[t] = s;\n}\n");
        for (int i = 0; i < queries; i++) {
            body.append("sums[t] = sum").append(i).append(";\nworkgroupBarrier();\n");
            body.append("if (t < D && first + ").append(i).append("u < p.n) {\n    var weight = 0.0;\n"
                    + "    for (var i = 0u; i < PARTS; i++) { weight += part[").append(i).append("u * PARTS + i]; }\n    var s = ")
                    .append(zero).append(";\n    for (var i = 0u; i < SLICES; i++) { s += sums[i * D + t]; }\n    y[((first + ")
                    .append(i).append("u) * HEADS + head) * D + t] = s / weight;\n}\n");
            if (i + 1 < queries) {
                body.append("workgroupBarrier();\n");
            }
        }
        return kernel.build(workgroup, body.toString());
    }
}
