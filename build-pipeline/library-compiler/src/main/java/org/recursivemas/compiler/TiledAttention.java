package org.recursivemas.compiler;

import org.recursivemas.library.Expr;
import org.recursivemas.library.LibraryPlan;

/**
 * Attention of many queries on a real GPU. A workgroup takes 32 rows of one head of keys, a row being a query of one of the
 * heads that share it, and walks the keys in blocks of 64: scores through tiles of both in workgroup memory, a running
 * softmax, then weighted values. An invocation has 4 rows by 4 keys of the scores, and 4 rows by every 16th vector of the
 * result. Buffers and scalars as in {@link AttentionKernel}.
 */
final class TiledAttention {
    private static final int ROWS = 32;
    private static final int KEYS = 64;
    /** Rows, and keys, of an invocation. */
    private static final int SIDE = 4;
    private static final int ACROSS = KEYS / SIDE;
    private static final int DOWN = ROWS / SIDE;
    private static final int WORKGROUP = ACROSS * DOWN;

    private final AttentionShape shape;
    /** Vectors of a row that lie in workgroup memory at a time, and what lies between rows: one more, for the banks. */
    private final int step;
    private final int stride;
    private final String vector;

    TiledAttention(AttentionShape shape) {
        this.shape = shape;
        this.step = 2 * shape.width();
        this.stride = step + 1;
        this.vector = shape.vector();
    }

    /** Workgroups for {@code n} queries. */
    Expr grid(Expr n) {
        return n.times(shape.group()).ceilDividedBy(ROWS).times(shape.kvHeads());
    }

    LibraryPlan.Kernel kernel() {
        KernelSource kernel = shape.open("attention_tiled").write("y", "vec" + shape.width() + "<f32>")
                .scalar("n").scalar("position").constant("GROUP", shape.group());
        // Where vectors have four elements, the weights take the place of the tiles once the scores are known.
        boolean shared = shape.width() == 4;
        kernel.declare("var<workgroup> tile : array<" + vector + ", " + (ROWS + KEYS) * stride + ">;");
        if (!shared) {
            kernel.declare("var<workgroup> weights : array<vec4f, " + ROWS * (ACROSS + 1) + ">;");
        }
        kernel.declare("var<workgroup> reduce : array<vec4f, " + WORKGROUP + ">;");
        StringBuilder body = new StringBuilder();
        body.append("""
                let kv_head = block % KV_HEADS;
                let rows = p.n * GROUP;
                // Tiles with the most keys first.
                let first_row = ((rows + 31u) / 32u - 1u - block / KV_HEADS) * 32u;
                let stop = p.position + min(first_row + 31u, rows - 1u) / GROUP + 1u;
                let ty = t / 16u;
                let tx = t % 16u;
                """);
        loadPlaces(body);
        for (int i = 0; i < SIDE; i++) {
            body.append("let row").append(i).append(" = min(first_row + ty + ").append(DOWN * i).append("u, rows - 1u);\nlet visible")
                    .append(i).append(" = p.position + row").append(i).append(" / GROUP;\n");
            for (int j = 0; j < vectorsOfInvocation(); j++) {
                body.append("var sum").append(i).append("_").append(j).append(" = ").append(vector).append("(0.0);\n");
            }
        }
        body.append("var highest = vec4f(LOWEST);\nvar total = vec4f(0.0);\n"
                + "for (var base = first_key(p.position + first_row / GROUP); base < stop; base += 64u) {\n");
        scores(body);
        softmax(body, shared ? "tile" : "weights");
        values(body, shared ? "tile" : "weights");
        body.append("    workgroupBarrier();\n}\n");
        finish(body);
        return kernel.build(WORKGROUP, body.toString());
    }

    private int vectorsOfInvocation() {
        return (shape.vectors() + ACROSS - 1) / ACROSS;
    }

    /** What an invocation loads into the tiles: a vector of some rows and keys. */
    private void loadPlaces(StringBuilder body) {
        int perLoad = WORKGROUP / step;
        body.append("let load_row = t / ").append(step).append("u;\nlet load_vector = t % ").append(step).append("u;\n");
        for (int i = 0; i < ROWS / perLoad; i++) {
            body.append("let load").append(i).append(" = min(first_row + load_row + ").append(perLoad * i)
                    .append("u, rows - 1u);\nlet query").append(i).append(" = (load").append(i)
                    .append(" / GROUP * HEADS + kv_head * GROUP + load").append(i).append(" % GROUP) * D;\n");
        }
    }

    private String within(String vectorIndex, String read) {
        return shape.vectors() % step == 0 ? read
                : "select(" + vector + "(0.0), " + read + ", " + vectorIndex + " < D)";
    }

    private void scores(StringBuilder body) {
        int perLoad = WORKGROUP / step;
        for (int i = 0; i < SIDE; i++) {
            for (int j = 0; j < SIDE; j++) {
                body.append("    var s").append(i).append("_").append(j).append(" = 0.0;\n");
            }
        }
        for (int i = 0; i < KEYS / perLoad; i++) {
            body.append("    let key").append(i).append(" = (min(base + load_row + ").append(perLoad * i)
                    .append("u, stop - 1u) * KV_HEADS + kv_head) * D;\n");
        }
        body.append("    for (var first = 0u; first < D; first += ").append(step).append("u) {\n        let d = ")
                .append(shape.vectors() % step == 0 ? "first + load_vector" : "min(first + load_vector, D - 1u)").append(";\n");
        for (int i = 0; i < ROWS / perLoad; i++) {
            body.append("        tile[(load_row + ").append(perLoad * i).append("u) * ").append(stride)
                    .append("u + load_vector] = ").append(within("first + load_vector", "q[query" + i + " + d]")).append(";\n");
        }
        // Key 4 x + j of the block lies in row x + 16 j: an invocation gets neighbours, and reads apart from the others.
        for (int i = 0; i < KEYS / perLoad; i++) {
            String key = "(load_row + " + perLoad * i + "u)";
            body.append("        tile[(").append(ROWS).append("u + ").append(key).append(" % 4u * ").append(ACROSS).append("u + ")
                    .append(key).append(" / 4u) * ").append(stride).append("u + load_vector] = ")
                    .append(within("first + load_vector", vector + "(keys[key" + i + " + d])")).append(";\n");
        }
        body.append("        workgroupBarrier();\n        for (var c = 0u; c < ").append(step).append("u; c++) {\n");
        for (int i = 0; i < SIDE; i++) {
            body.append("            let a").append(i).append(" = tile[(ty + ").append(DOWN * i).append("u) * ").append(stride)
                    .append("u + c];\n");
        }
        for (int j = 0; j < SIDE; j++) {
            body.append("            let b").append(j).append(" = tile[(").append(ROWS + ACROSS * j).append("u + tx) * ")
                    .append(stride).append("u + c];\n");
            for (int i = 0; i < SIDE; i++) {
                body.append("            s").append(i).append("_").append(j).append(" += dot(a").append(i).append(", b").append(j)
                        .append(");\n");
            }
        }
        body.append("        }\n        workgroupBarrier();\n    }\n");
    }

    /**
     * From scores to weights. What a row does not see gets the lowest score: in front of its first visible key such weights
     * count until that key's score fades them to nothing.
     */
    private void softmax(StringBuilder body, String weights) {
        for (int j = 0; j < SIDE; j++) {
            body.append("    let at").append(j).append(" = base + 4u * tx + ").append(j).append("u;\n");
        }
        for (int i = 0; i < SIDE; i++) {
            body.append("    let s").append(i).append(" = vec4f(");
            for (int j = 0; j < SIDE; j++) {
                body.append(j == 0 ? "" : ", ").append("select(s").append(i).append("_").append(j).append(", LOWEST, at").append(j)
                        .append(" > visible").append(i);
                if (shape.window() > 0) {
                    body.append(" || at").append(j).append(" < first_key(visible").append(i).append(")");
                }
                body.append(")");
            }
            body.append(");\n");
        }
        body.append("    reduce[t] = vec4f(");
        for (int i = 0; i < SIDE; i++) {
            String s = "s" + i;
            body.append(i == 0 ? "" : ", ").append("max(max(").append(s).append(".x, ").append(s).append(".y), max(").append(s)
                    .append(".z, ").append(s).append(".w))");
        }
        body.append(");\n").append("""
                    workgroupBarrier();
                    var m = highest;
                    for (var i = 0u; i < 16u; i++) { m = max(m, reduce[ty * 16u + i]); }
                    let fade = exp(highest - m);
                    highest = m;
                    total *= fade;
                """);
        for (int i = 0; i < SIDE; i++) {
            String e = "e" + i;
            body.append("    let ").append(e).append(" = exp(s").append(i).append(" - m[").append(i).append("]);\n    total[").append(i)
                    .append("] += (").append(e).append(".x + ").append(e).append(".y) + (").append(e).append(".z + ").append(e)
                    .append(".w);\n    ").append(weights).append("[(ty + ").append(DOWN * i).append("u) * ").append(ACROSS + 1)
                    .append("u + tx] = ").append(e).append(";\n");
            for (int j = 0; j < vectorsOfInvocation(); j++) {
                body.append("    sum").append(i).append("_").append(j).append(" *= fade[").append(i).append("];\n");
            }
        }
        body.append("    workgroupBarrier();\n");
    }

    /** Neighbouring invocations read neighbouring vectors of a value; that the rows read the same is up to the cache. */
    private void values(StringBuilder body, String weights) {
        String[] component = {"x", "y", "z", "w"};
        body.append("    for (var four = 0u; four < (min(64u, stop - base) + 3u) / 4u; four++) {\n");
        for (int i = 0; i < SIDE; i++) {
            body.append("        let w").append(i).append(" = ").append(weights).append("[(ty + ").append(DOWN * i).append("u) * ")
                    .append(ACROSS + 1).append("u + four];\n");
        }
        for (int k = 0; k < 4; k++) {
            body.append("        let value").append(k).append(" = (min(base + 4u * four + ").append(k)
                    .append("u, stop - 1u) * KV_HEADS + kv_head) * D;\n");
            for (int j = 0; j < vectorsOfInvocation(); j++) {
                String v = "v" + k + "_" + j;
                String place = (j + 1) * ACROSS <= shape.vectors() ? "tx + " + j * ACROSS + "u"
                        : "min(tx + " + j * ACROSS + "u, D - 1u)";
                body.append("        let ").append(v).append(" = ").append(vector).append("(values[value").append(k).append(" + ")
                        .append(place).append("]);\n");
                for (int i = 0; i < SIDE; i++) {
                    body.append("        sum").append(i).append("_").append(j).append(" += w").append(i).append(".")
                            .append(component[k]).append(" * ").append(v).append(";\n");
                }
            }
        }
        body.append("    }\n");
    }

    private void finish(StringBuilder body) {
        body.append("""
                reduce[t] = total;
                workgroupBarrier();
                var all = vec4f(0.0);
                for (var i = 0u; i < 16u; i++) { all += reduce[ty * 16u + i]; }
                """);
        for (int i = 0; i < SIDE; i++) {
            body.append("if (first_row + ty + ").append(DOWN * i).append("u < rows) {\n    let to = (row").append(i)
                    .append(" / GROUP * HEADS + kv_head * GROUP + row").append(i).append(" % GROUP) * D;\n");
            for (int j = 0; j < vectorsOfInvocation(); j++) {
                String place = "tx + " + j * ACROSS + "u";
                String store = "y[to + " + place + "] = sum" + i + "_" + j + " / all[" + i + "];";
                body.append("    ").append((j + 1) * ACROSS <= shape.vectors() ? store : "if (" + place + " < D) { " + store + " }")
                        .append("\n");
            }
            body.append("}\n");
        }
    }
}
