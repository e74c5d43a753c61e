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
    private static final int LANES = 16;
    private static final int ROWS = 4;

    @Override
    int vectorGrid() {
        int rowsPerWorkgroup = VECTOR_WORKGROUP / LANES * ROWS;
        int unitsPerWorkgroup = epilogue.paired() ? rowsPerWorkgroup / 2 : rowsPerWorkgroup;
        return (epilogue.units() + unitsPerWorkgroup - 1) / unitsPerWorkgroup;
    }

    @Override
    LibraryPlan.Kernel vector() {
        KernelSource kernel = open("vector", false);
        boolean norm = epilogue.normalized();
        int groups = VECTOR_WORKGROUP / LANES;
        int units = epilogue.paired() ? ROWS / 2 : ROWS;
        kernel.declare("var<workgroup> partial : array<f32, " + VECTOR_WORKGROUP * (ROWS + (norm ? 1 : 0)) + ">;");
        StringBuilder body = new StringBuilder();
        body.append("let lane = t % ").append(LANES).append("u;\nlet first_unit = (block * ").append(groups).append("u + t / ")
                .append(LANES).append("u) * ").append(units).append("u;\n");
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
        int steps = (reader.quads() + quadsPerStep - 1) / quadsPerStep;
        body.append("for (var k = lane; k < ").append(steps).append("u; k += ").append(LANES).append("u) {\n");
        for (int quad = 0; quad < quadsPerStep; quad++) {
            String at = quantized ? "2u * k + " + quad + "u" : "k";
            body.append("    var x").append(quad).append(" = input4(").append(epilogue.inputRow()).append(", ").append(at).append(");\n");
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
        // Unit u of the workgroup belongs to lane group u / units and is that group's number u % units.
        body.append("let unit = block * ").append(groups * units).append("u + t;\n");
        body.append("if (t < ").append(groups * units).append("u && unit < UNITS) {\n");
        body.append("    let start = t / ").append(units).append("u * ").append(LANES).append("u;\n");
        body.append("    let own = t % ").append(units).append("u * ").append(epilogue.paired() ? 2 * VECTOR_WORKGROUP
                : VECTOR_WORKGROUP).append("u + start;\n");
        body.append("    var low_total = 0.0;\n");
        if (epilogue.paired()) {
            body.append("    var high_total = 0.0;\n");
        }
        if (norm) {
            body.append("    var square_total = 0.0;\n");
        }
        body.append("    for (var i = 0u; i < ").append(LANES).append("u; i++) {\n        low_total += partial[own + i];\n");
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

    // Many tokens: tiles of 32 tokens by 32 rows, 32 inputs at a time through workgroup memory.

    private static final int TILE = 32;
    private static final int MATRIX_WORKGROUP = 64;
    /** Vectors of a tile row, and the stride that keeps rows off the same memory bank. */
    private static final int QUADS = TILE / 4;
    private static final int STRIDE = QUADS + 1;

    @Override
    Expr matrixGrid(Expr n) {
        return n.ceilDividedBy(TILE).times(tilesAcross());
    }

    /** Tiles that cover the rows of the weight. */
    private int tilesAcross() {
        int unitsPerTile = epilogue.paired() ? TILE / 2 : TILE;
        return (epilogue.units() + unitsPerTile - 1) / unitsPerTile;
    }

    @Override
    LibraryPlan.Kernel matrix() {
        KernelSource kernel = open("matrix", true);
        boolean norm = epilogue.normalized();
        int unitsPerTile = epilogue.paired() ? TILE / 2 : TILE;
        kernel.declare("var<workgroup> x_tile : array<vec4f, " + TILE * STRIDE + ">;");
        kernel.declare("var<workgroup> w_tile : array<vec4f, " + TILE * STRIDE + ">;");
        if (norm) {
            kernel.declare("var<workgroup> squares : array<f32, " + TILE * QUADS + ">;");
        }
        StringBuilder body = new StringBuilder();
        body.append("let first_token = block / ").append(tilesAcross()).append("u * ").append(TILE).append("u;\n");
        body.append("let first_unit = block % ").append(tilesAcross()).append("u * ").append(unitsPerTile).append("u;\n");
        body.append("let load_row = t / ").append(QUADS).append("u;\nlet load_quad = t % ").append(QUADS).append("u;\n");
        body.append("let ty = t / 8u;\nlet tx = t % 8u;\n");
        for (int i = 0; i < 4; i++) {
            for (int j = 0; j < 4; j++) {
                body.append("var sum").append(i).append(j).append(" = 0.0;\n");
            }
            if (norm) {
                body.append("var square").append(i).append(" = 0.0;\n");
            }
            body.append("let token").append(i).append(" = min(first_token + load_row + ").append(8 * i).append("u, p.n - 1u);\n");
        }
        // Rows of the weight tile: for pairs, the first half holds first rows and the second half second rows.
        int loads = quantized ? 2 : 4;
        String weightRow = quantized ? "t / 4u" : "load_row";
        for (int i = 0; i < loads; i++) {
            int tileRow = i * (quantized ? 16 : 8);
            boolean second = epilogue.paired() && tileRow >= TILE / 2;
            int shift = second ? tileRow - TILE / 2 : tileRow;
            body.append("let row").append(i).append(" = ").append(rowOf("min(first_unit + " + weightRow + " + " + shift
                    + "u, UNITS - 1u)", second)).append(";\n");
        }
        body.append("for (var k = 0u; k < ").append((columns + TILE - 1) / TILE).append("u; k++) {\n");
        body.append("    let quad = k * ").append(QUADS).append("u + load_quad;\n");
        if (norm) {
            body.append("    let gain_here = gain4(quad);\n");
        }
        for (int i = 0; i < 4; i++) {
            body.append("    let x").append(i).append(" = input4(token").append(i).append(", quad);\n");
            if (norm) {
                body.append("    square").append(i).append(" += dot(x").append(i).append(", x").append(i).append(");\n");
            }
            body.append("    x_tile[(load_row + ").append(8 * i).append("u) * ").append(STRIDE).append("u + load_quad] = x")
                    .append(i).append(norm ? " * gain_here" : "").append(";\n");
        }
        for (int i = 0; i < loads; i++) {
            if (quantized) {
                body.append("    let scale").append(i).append(" = scale_of(row").append(i).append(", k * 4u);\n");
                body.append("    let word").append(i).append(" = word(row").append(i).append(", k * 4u + t % 4u);\n");
                String at = "(t / 4u + " + 16 * i + "u) * " + STRIDE + "u + 2u * (t % 4u)";
                body.append("    w_tile[").append(at).append("] = low(word").append(i).append(") * scale").append(i).append(";\n");
                body.append("    w_tile[").append(at).append(" + 1u] = high(word").append(i).append(") * scale").append(i)
                        .append(";\n");
            } else {
                body.append("    w_tile[(load_row + ").append(8 * i).append("u) * ").append(STRIDE)
                        .append("u + load_quad] = weight4(row").append(i).append(", quad);\n");
            }
        }
        body.append("    workgroupBarrier();\n");
        body.append("    for (var c = 0u; c < ").append(QUADS).append("u; c++) {\n");
        for (int i = 0; i < 4; i++) {
            body.append("        let a").append(i).append(" = x_tile[(ty + ").append(8 * i).append("u) * ").append(STRIDE)
                    .append("u + c];\n");
            body.append("        let b").append(i).append(" = w_tile[(tx + ").append(8 * i).append("u) * ").append(STRIDE)
                    .append("u + c];\n");
        }
        for (int i = 0; i < 4; i++) {
            for (int j = 0; j < 4; j++) {
                body.append("        sum").append(i).append(j).append(" += dot(a").append(i).append(", b").append(j).append(");\n");
            }
        }
        body.append("    }\n    workgroupBarrier();\n}\n");
        if (norm) {
            for (int i = 0; i < 4; i++) {
                body.append("squares[(load_row + ").append(8 * i).append("u) * ").append(QUADS).append("u + load_quad] = square")
                        .append(i).append(";\n");
            }
            body.append("workgroupBarrier();\n");
        }
        for (int i = 0; i < 4; i++) {
            body.append("if (first_token + ty + ").append(8 * i).append("u < p.n) {\n");
            body.append("    let token = first_token + ty + ").append(8 * i).append("u;\n");
            String factor = "";
            if (norm) {
                body.append("    var total = 0.0;\n    for (var c = 0u; c < ").append(QUADS)
                        .append("u; c++) { total += squares[(ty + ").append(8 * i).append("u) * ").append(QUADS)
                        .append("u + c]; }\n");
                body.append("    let factor = ").append(factor("total")).append(";\n");
                factor = " * factor";
            }
            for (int j = 0; j < (epilogue.paired() ? 2 : 4); j++) {
                body.append("    if (first_unit + tx + ").append(8 * j).append("u < UNITS) { ");
                if (epilogue.paired()) {
                    body.append("finish_pair(token, first_unit + tx + ").append(8 * j).append("u, sum").append(i).append(j)
                            .append(factor).append(", sum").append(i).append(j + 2).append(factor).append(");");
                } else {
                    body.append("finish(token, first_unit + tx + ").append(8 * j).append("u, sum").append(i).append(j)
                            .append(factor).append(");");
                }
                body.append(" }\n");
            }
            body.append("}\n");
        }
        return kernel.build(MATRIX_WORKGROUP, body.toString());
    }
}
