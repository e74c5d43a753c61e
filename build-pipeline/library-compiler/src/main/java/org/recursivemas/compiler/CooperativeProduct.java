package org.recursivemas.compiler;

import org.recursivemas.library.Expr;
import org.recursivemas.library.LibraryPlan;

/**
 * Products whose rows are long or many: invocations share the work on a row, or on a tile, through workgroup memory. Made
 * for real GPUs, where neighbours should read neighbouring addresses.
 */
final class CooperativeProduct extends MatrixProduct {
    CooperativeProduct(int columns, boolean quantized, String type, float epsilon, Inputs inputs, Epilogue epilogue) {
        super(columns, quantized, type, epsilon, inputs, epilogue);
    }

    // One token: every group of lanes walks the inputs of a few rows.

    private static final int VECTOR_WORKGROUP = 64;
    private static final int FEWEST_LANES = 16;
    private static final int ROWS = 4;
    /** Matrices of more rows fill a GPU with groups of {@link #FEWEST_LANES}; the others take more lanes a row, if it is long. */
    private static final int MANY_ROWS = 8192;
    /** Steps along a row for each lane, below which more lanes are not worth their part of the reduction. */
    private static final int STEPS_PER_LANE = 3;

    /** Steps along a row: words of eight weights, or vectors of four. */
    private int steps() {
        return quantized ? (reader.quads() + 1) / 2 : reader.quads();
    }

    /** Invocations that share a row. */
    private int lanes() {
        int lanes = FEWEST_LANES;
        while (epilogue.rows() <= MANY_ROWS && lanes < VECTOR_WORKGROUP && steps() >= 2 * lanes * STEPS_PER_LANE) {
            lanes *= 2;
        }
        return lanes;
    }

    @Override
    int vectorGrid() {
        int rowsPerWorkgroup = VECTOR_WORKGROUP / lanes() * ROWS;
        int unitsPerWorkgroup = epilogue.paired() ? rowsPerWorkgroup / 2 : rowsPerWorkgroup;
        return (epilogue.units() + unitsPerWorkgroup - 1) / unitsPerWorkgroup;
    }

    @Override
    LibraryPlan.Kernel vector() {
        KernelSource kernel = open("vector", false);
        boolean norm = epilogue.normalized();
        int lanes = lanes();
        int groups = VECTOR_WORKGROUP / lanes;
        int units = epilogue.paired() ? ROWS / 2 : ROWS;
        kernel.declare("var<workgroup> partial : array<f32, " + VECTOR_WORKGROUP * (ROWS + (norm ? 1 : 0)) + ">;");
        StringBuilder body = new StringBuilder();
        if (summed()) {
            body.append(sum());
        }
        body.append("let lane = t % ").append(lanes).append("u;\nlet first_unit = (block * ").append(groups).append("u + t / ")
                .append(lanes).append("u) * ").append(units).append("u;\n");
        for (int i = 0; i < ROWS; i++) {
            int unit = epilogue.paired() ? i / 2 : i;
            body.append("let row").append(i).append(" = ")
                    .append(rowOf("min(first_unit + " + unit + "u, UNITS - 1u)", i % 2 == 1)).append(";\n");
            body.append("var sum").append(i).append(" = 0.0;\n");
        }
        if (norm) {
            body.append("var squares = 0.0;\n");
        }
        int quadsPerStep = quantized ? 2 : 1;
        body.append("for (var k = lane; k < ").append(steps()).append("u; k += ").append(lanes).append("u) {\n");
        for (int quad = 0; quad < quadsPerStep; quad++) {
            String at = quantized ? "2u * k + " + quad + "u" : "k";
            body.append("    var x").append(quad).append(" = ").append(inputOf(at)).append(";\n");
            if (norm) {
                body.append("    squares += dot(x").append(quad).append(", x").append(quad).append(");\n");
                body.append("    x").append(quad).append(" *= gain4(").append(at).append(");\n");
            }
        }
        for (int i = 0; i < ROWS; i++) {
            if (quantized) {
                body.append("    let word").append(i).append(" = word(row").append(i).append(", k);\n");
                body.append("    sum").append(i).append(" += scale_of(row").append(i).append(", k) * (dot(x0, low(word").append(i)
                        .append(")) + dot(x1, high(word").append(i).append(")));\n");
            } else {
                body.append("    sum").append(i).append(" += dot(x0, weight4(row").append(i).append(", k));\n");
            }
        }
        body.append("}\n");
        for (int i = 0; i < ROWS; i++) {
            body.append("partial[").append(i * VECTOR_WORKGROUP).append("u + t] = sum").append(i).append(";\n");
        }
        if (norm) {
            body.append("partial[").append(ROWS * VECTOR_WORKGROUP).append("u + t] = squares;\n");
        }
        body.append("workgroupBarrier();\n");
        if (lanes > FEWEST_LANES) {
            body.append("if (lane < ").append(FEWEST_LANES).append("u) {\n    for (var i = t; i < ")
                    .append(VECTOR_WORKGROUP * (ROWS + (norm ? 1 : 0))).append("u; i += ").append(VECTOR_WORKGROUP)
                    .append("u) {\n        var s = partial[i];\n        for (var j = ").append(FEWEST_LANES).append("u; j < ")
                    .append(lanes).append("u; j += ").append(FEWEST_LANES)
                    .append("u) { s += partial[i + j]; }\n        partial[i] = s;\n    }\n}\nworkgroupBarrier();\n");
        }
        // Unit u of the workgroup belongs to lane group u / units and is that group's number u % units.
        body.append("let unit = block * ").append(groups * units).append("u + t;\n");
        body.append("if (t < ").append(groups * units).append("u && unit < UNITS) {\n");
        body.append("    let start = t / ").append(units).append("u * ").append(lanes).append("u;\n");
        body.append("    let own = t % ").append(units).append("u * ").append(epilogue.paired() ? 2 * VECTOR_WORKGROUP
                : VECTOR_WORKGROUP).append("u + start;\n");
        body.append("    var low_total = 0.0;\n");
        if (epilogue.paired()) {
            body.append("    var high_total = 0.0;\n");
        }
        if (norm) {
            body.append("    var square_total = 0.0;\n");
        }
        body.append("    for (var i = 0u; i < ").append(FEWEST_LANES)
                .append("u; i++) {\n        low_total += partial[own + i];\n");
        if (epilogue.paired()) {
            body.append("        high_total += partial[own + ").append(VECTOR_WORKGROUP).append("u + i];\n");
        }
        if (norm) {
            body.append("        square_total += partial[").append(ROWS * VECTOR_WORKGROUP).append("u + start + i];\n");
        }
        body.append("    }\n");
        String factor = "";
        if (norm) {
            body.append("    let factor = ").append(factor("square_total")).append(";\n");
            factor = " * factor";
        }
        body.append(epilogue.paired()
                ? "    finish_pair(0u, unit, low_total" + factor + ", high_total" + factor + ");\n"
                : "    finish(0u, unit, low_total" + factor + ");\n");
        body.append("}\n");
        return kernel.build(VECTOR_WORKGROUP, body.toString());
    }

    /** Every workgroup needs the sum whole; the first one leaves it for later launches. */
    private String sum() {
        return """
                var sum_squares = 0.0;
                for (var k = t; k < QUADS; k += 64u) {
                    let v = input4(0u, k);
                    sum_squares += dot(v, v);
                }
                partial[t] = sum_squares;
                workgroupBarrier();
                sum_squares = 0.0;
                for (var i = 0u; i < 64u; i++) { sum_squares += partial[i]; }
                sum_factor = FACTOR;
                workgroupBarrier();
                if (block == 0u) {
                    for (var k = t; k < QUADS; k += 64u) { leave_sum(k); }
                }
                """.replace("QUADS", reader.quads() + "u").replace("FACTOR", factor("sum_squares"));
    }

    // Many tokens: square tiles of tokens by rows, a few inputs at a time through workgroup memory. An invocation computes
    // a square of the tile, its tokens and rows eight apart.

    private static final int MATRIX_WORKGROUP = 64;
    private static final int APART = 8;
    /** Rows from which tiles of 64, which read the inputs half as often as tiles of 32, are numerous enough. */
    private static final int LARGE_TILE_ROWS = 4096;
    /** Vectors of a tile: what the workgroup loads at a time is the same for both sizes. */
    private static final int TILE_VECTORS = 256;

    private int tile() {
        return epilogue.rows() >= LARGE_TILE_ROWS ? 64 : 32;
    }

    @Override
    Expr matrixGrid(Expr n) {
        return n.ceilDividedBy(tile()).times(tilesAcross());
    }

    /** Tiles that cover the rows of the weight. */
    private int tilesAcross() {
        int unitsPerTile = epilogue.paired() ? tile() / 2 : tile();
        return (epilogue.units() + unitsPerTile - 1) / unitsPerTile;
    }

    @Override
    LibraryPlan.Kernel matrix() {
        int tile = tile();
        int side = tile / APART;
        int quads = TILE_VECTORS / tile;
        // One vector more than the quads, which keeps rows off the same memory bank.
        int stride = quads + 1;
        boolean norm = epilogue.normalized();
        KernelSource kernel = open("matrix", true);
        kernel.declare("var<workgroup> x_tile : array<vec4f, " + tile * stride + ">;");
        kernel.declare("var<workgroup> w_tile : array<vec4f, " + tile * stride + ">;");
        if (norm) {
            kernel.declare("var<workgroup> squares : array<f32, " + TILE_VECTORS + ">;");
        }
        StringBuilder body = new StringBuilder();
        body.append("let first_token = block / ").append(tilesAcross()).append("u * ").append(tile).append("u;\n");
        body.append("let first_unit = block % ").append(tilesAcross()).append("u * ").append(epilogue.paired() ? tile / 2 : tile)
                .append("u;\n");
        body.append("let load_row = t / ").append(quads).append("u;\nlet load_quad = t % ").append(quads).append("u;\n");
        body.append("let ty = t / 8u;\nlet tx = t % 8u;\n");
        for (int i = 0; i < side; i++) {
            for (int j = 0; j < side; j++) {
                body.append("var sum").append(i).append("_").append(j).append(" = 0.0;\n");
            }
        }
        int rowsPerLoad = MATRIX_WORKGROUP / quads;
        int loads = tile / rowsPerLoad;
        for (int i = 0; i < loads; i++) {
            body.append("let token").append(i).append(" = min(first_token + load_row + ").append(rowsPerLoad * i)
                    .append("u, p.n - 1u);\n");
            if (norm) {
                body.append("var square").append(i).append(" = 0.0;\n");
            }
        }
        weightRows(body, tile, quads);
        body.append("for (var k = 0u; k < ").append((reader.quads() + quads - 1) / quads).append("u; k++) {\n");
        body.append("    let quad = k * ").append(quads).append("u + load_quad;\n");
        if (norm) {
            body.append("    let gain_here = gain4(quad);\n");
        }
        for (int i = 0; i < loads; i++) {
            body.append("    let x").append(i).append(" = input4(token").append(i).append(", quad);\n");
            if (norm) {
                body.append("    square").append(i).append(" += dot(x").append(i).append(", x").append(i).append(");\n");
            }
            body.append("    x_tile[(load_row + ").append(rowsPerLoad * i).append("u) * ").append(stride)
                    .append("u + load_quad] = x").append(i).append(norm ? " * gain_here" : "").append(";\n");
        }
        loadWeights(body, tile, quads, stride);
        body.append("    workgroupBarrier();\n");
        products(body, side, quads, stride);
        body.append("    workgroupBarrier();\n}\n");
        if (norm) {
            for (int i = 0; i < loads; i++) {
                body.append("squares[(load_row + ").append(rowsPerLoad * i).append("u) * ").append(quads)
                        .append("u + load_quad] = square").append(i).append(";\n");
            }
            body.append("workgroupBarrier();\n");
        }
        finish(body, side, quads);
        return kernel.build(MATRIX_WORKGROUP, body.toString());
    }

    /** Invocations side by side on a row of the weight's tile: each takes a vector, or a word that makes two. */
    private int acrossWeightRow(int quads) {
        return quantized ? quads / 2 : quads;
    }

    /** Rows of the weight's tile that an invocation loads: for pairs, the first half of the tile holds first rows. */
    private void weightRows(StringBuilder body, int tile, int quads) {
        int across = acrossWeightRow(quads);
        int rowsPerLoad = MATRIX_WORKGROUP / across;
        body.append("let weight_row = t / ").append(across).append("u;\nlet weight_step = t % ").append(across).append("u;\n");
        for (int i = 0; i < tile / rowsPerLoad; i++) {
            int tileRow = i * rowsPerLoad;
            boolean second = epilogue.paired() && tileRow >= tile / 2;
            int shift = second ? tileRow - tile / 2 : tileRow;
            body.append("let row").append(i).append(" = ").append(rowOf("min(first_unit + weight_row + " + shift
                    + "u, UNITS - 1u)", second)).append(";\n");
        }
    }

    private void loadWeights(StringBuilder body, int tile, int quads, int stride) {
        int across = acrossWeightRow(quads);
        int rowsPerLoad = MATRIX_WORKGROUP / across;
        for (int i = 0; i < tile / rowsPerLoad; i++) {
            String row = "(weight_row + " + rowsPerLoad * i + "u) * " + stride + "u + ";
            if (quantized) {
                String step = "k * " + across + "u + weight_step";
                body.append("    let scale").append(i).append(" = scale_of(row").append(i).append(", ").append(step)
                        .append(");\n    let word").append(i).append(" = word(row").append(i).append(", ").append(step)
                        .append(");\n");
                body.append("    w_tile[").append(row).append("2u * weight_step] = low(word").append(i).append(") * scale")
                        .append(i).append(";\n    w_tile[").append(row).append("2u * weight_step + 1u] = high(word").append(i)
                        .append(") * scale").append(i).append(";\n");
            } else {
                body.append("    w_tile[").append(row).append("weight_step] = weight4(row").append(i).append(", quad);\n");
            }
        }
    }

    /** The sums of an invocation, over the inputs that lie in workgroup memory. */
    private static void products(StringBuilder body, int side, int quads, int stride) {
        body.append("    for (var c = 0u; c < ").append(quads).append("u; c++) {\n");
        for (int i = 0; i < side; i++) {
            body.append("        let a").append(i).append(" = x_tile[(ty + ").append(APART * i).append("u) * ").append(stride)
                    .append("u + c];\n");
        }
        for (int j = 0; j < side; j++) {
            body.append("        let b").append(j).append(" = w_tile[(tx + ").append(APART * j).append("u) * ").append(stride)
                    .append("u + c];\n");
            for (int i = 0; i < side; i++) {
                body.append("        sum").append(i).append("_").append(j).append(" += dot(a").append(i).append(", b").append(j)
                        .append(");\n");
            }
        }
        body.append("    }\n");
    }

    /** In loops, because an epilogue is long: written out for every sum it would take a driver seconds to compile. */
    private void finish(StringBuilder body, int side, int quads) {
        body.append("var sums = array<f32, ").append(side * side).append(">(");
        for (int i = 0; i < side; i++) {
            for (int j = 0; j < side; j++) {
                body.append(i + j == 0 ? "" : ", ").append("sum").append(i).append("_").append(j);
            }
        }
        body.append(");\nfor (var i = 0u; i < ").append(side).append("u; i++) {\n    let token = first_token + ty + ")
                .append(APART).append("u * i;\n    if (token >= p.n) { break; }\n");
        String factor = "";
        if (epilogue.normalized()) {
            body.append("    var total = 0.0;\n    for (var c = 0u; c < ").append(quads)
                    .append("u; c++) { total += squares[(ty + ").append(APART).append("u * i) * ").append(quads)
                    .append("u + c]; }\n    let factor = ").append(factor("total")).append(";\n");
            factor = " * factor";
        }
        body.append("    for (var j = 0u; j < ").append(epilogue.paired() ? side / 2 : side)
                .append("u; j++) {\n        let unit = first_unit + tx + ").append(APART)
                .append("u * j;\n        if (unit < UNITS) { ");
        String at = "sums[" + side + "u * i + j";
        if (epilogue.paired()) {
            body.append("finish_pair(token, unit, ").append(at).append("]").append(factor).append(", ").append(at).append(" + ")
                    .append(side / 2).append("u]").append(factor).append("); }\n");
        } else {
            body.append("finish(token, unit, ").append(at).append("]").append(factor).append("); }\n");
        }
        body.append("    }\n}\n");
    }
}
