package org.recursivemas.compiler;

import org.recursivemas.library.Expr;
import org.recursivemas.library.LibraryPlan;

/**
 * Products of small matrices: an invocation does all of the work on its rows, and nothing is shared. There is no barrier,
 * which a CPU adapter would pay for dearly (it keeps a stack for every few invocations of a workgroup that has one); a real
 * GPU is bound by the number of dispatches at these sizes, not by how it reads the weights.
 */
final class DirectProduct extends MatrixProduct {
    private static final int VECTOR_WORKGROUP = 32;
    private static final int MATRIX_WORKGROUP = 64;
    /** Rows from which an invocation of the one-token kernel takes four of them, not two, to read the inputs less often. */
    private static final int MANY_ROWS = 512;
    /** Tokens and rows of an invocation in the many-token kernel. */
    private static final int TOKENS = 8;
    private static final int ROWS = 4;

    DirectProduct(int columns, boolean quantized, String type, float epsilon, Inputs inputs, Epilogue epilogue) {
        super(columns, quantized, type, epsilon, inputs, epilogue);
    }

    @Override
    int vectorGrid() {
        int unitsPerWorkgroup = VECTOR_WORKGROUP * unitsOf(vectorRows());
        return (epilogue.units() + unitsPerWorkgroup - 1) / unitsPerWorkgroup;
    }

    private int vectorRows() {
        return epilogue.rows() > MANY_ROWS ? 4 : 2;
    }

    private int unitsOf(int rows) {
        return epilogue.paired() ? rows / 2 : rows;
    }

    @Override
    LibraryPlan.Kernel vector() {
        KernelSource kernel = open("vector", false);
        String sum = !summed() ? "" : """
                var sum_squares = 0.0;
                for (var k = 0u; k < QUADS; k++) {
                    let v = input4(0u, k);
                    sum_squares += dot(v, v);
                }
                sum_factor = FACTOR;
                if (block == 0u) {
                    for (var k = t; k < QUADS; k += 32u) { leave_sum(k); }
                }
                """.replace("QUADS", reader.quads() + "u").replace("FACTOR", factor("sum_squares"));
        String body = sum + "let first_unit = (block * " + VECTOR_WORKGROUP + "u + t) * " + unitsOf(vectorRows())
                + "u;\nif (first_unit >= UNITS) { return; }\n" + product(1, vectorRows(), epilogue.inputRow(), "first_unit");
        return kernel.build(VECTOR_WORKGROUP, body);
    }

    /** Invocations that cover the rows of the weight. */
    private int invocationsAcross() {
        return (epilogue.units() + unitsOf(ROWS) - 1) / unitsOf(ROWS);
    }

    @Override
    Expr matrixGrid(Expr n) {
        return n.ceilDividedBy(TOKENS).times(invocationsAcross()).ceilDividedBy(MATRIX_WORKGROUP);
    }

    @Override
    LibraryPlan.Kernel matrix() {
        KernelSource kernel = open("matrix", true);
        String body = "let place = block * " + MATRIX_WORKGROUP + "u + t;\nlet first_token = place / " + invocationsAcross()
                + "u * " + TOKENS + "u;\nlet first_unit = place % " + invocationsAcross() + "u * " + unitsOf(ROWS)
                + "u;\nif (first_token >= p.n) { return; }\n" + product(TOKENS, ROWS, "first_token", "first_unit");
        return kernel.build(MATRIX_WORKGROUP, body);
    }

    /** Sums over a row of inputs for every token and row of the invocation, then the epilogue. */
    private String product(int tokens, int rows, String firstToken, String firstUnit) {
        boolean many = tokens > 1;
        boolean norm = epilogue.normalized();
        StringBuilder body = new StringBuilder();
        for (int i = 0; i < tokens; i++) {
            body.append("let token").append(i).append(" = ").append(many ? "min(" + firstToken + " + " + i + "u, p.n - 1u)"
                    : firstToken).append(";\n");
            if (norm) {
                body.append("var squares").append(i).append(" = 0.0;\n");
            }
        }
        for (int j = 0; j < rows; j++) {
            int unit = epilogue.paired() ? j / 2 : j;
            String place = unit == 0 ? firstUnit : "min(" + firstUnit + " + " + unit + "u, UNITS - 1u)";
            body.append("let row").append(j).append(" = ").append(rowOf(place, j % 2 == 1)).append(";\n");
            for (int i = 0; i < tokens; i++) {
                body.append("var sum").append(i).append("_").append(j).append(" = 0.0;\n");
            }
        }
        if (quantized) {
            quantizedLoop(body, tokens, rows);
        } else {
            body.append("for (var k = 0u; k < ").append(reader.quads()).append("u; k++) {\n");
            inputs(body, tokens, "x", "k");
            for (int j = 0; j < rows; j++) {
                body.append("    let w").append(j).append(" = weight4(row").append(j).append(", k);\n");
                for (int i = 0; i < tokens; i++) {
                    body.append("    sum").append(i).append("_").append(j).append(" += dot(x").append(i).append(", w").append(j)
                            .append(");\n");
                }
            }
            body.append("}\n");
        }
        for (int i = 0; i < tokens; i++) {
            if (many) {
                body.append("if (").append(firstToken).append(" + ").append(i).append("u < p.n) {\n");
            } else {
                body.append("{\n");
            }
            if (norm) {
                body.append("    let factor = ").append(factor("squares" + i)).append(";\n");
            }
            finish(body, i, rows, many, firstUnit, norm ? " * factor" : "");
            body.append("}\n");
        }
        return body.toString();
    }

    private void finish(StringBuilder body, int token, int rows, boolean many, String firstUnit, String factor) {
        int step = epilogue.paired() ? 2 : 1;
        for (int j = 0; j < rows; j += step) {
            String unit = firstUnit + " + " + j / step + "u";
            String sums = "sum" + token + "_" + j + factor;
            if (epilogue.paired()) {
                sums += ", sum" + token + "_" + (j + 1) + factor;
            }
            String call = (epilogue.paired() ? "finish_pair(" : "finish(") + (many ? "token" + token : "0u") + ", " + unit + ", "
                    + sums + ");";
            body.append("    ").append(j > 0 ? "if (" + unit + " < UNITS) { " + call + " }" : call).append("\n");
        }
    }

    /** Reads a step of every token's inputs into {@code name0}, {@code name1}, ... and applies the norm's gain. */
    private void inputs(StringBuilder body, int tokens, String name, String step) {
        if (epilogue.normalized()) {
            body.append("    let ").append(name).append("_gain = gain4(").append(step).append(");\n");
        }
        for (int i = 0; i < tokens; i++) {
            body.append("    var ").append(name).append(i).append(" = ")
                    .append(tokens == 1 ? inputOf(step) : "input4(token" + i + ", " + step + ")").append(";\n");
            if (epilogue.normalized()) {
                body.append("    squares").append(i).append(" += dot(").append(name).append(i).append(", ").append(name).append(i)
                        .append(");\n    ").append(name).append(i).append(" *= ").append(name).append("_gain;\n");
            }
        }
    }

    /** A group of 32 inputs at a time, four words each, scaled once. */
    private void quantizedLoop(StringBuilder body, int tokens, int rows) {
        body.append("for (var g = 0u; g < ").append(Quantization.groups(columns)).append("u; g++) {\n");
        for (int j = 0; j < rows; j++) {
            for (int i = 0; i < tokens; i++) {
                body.append("    var part").append(i).append("_").append(j).append(" = 0.0;\n");
            }
        }
        body.append("    for (var k = 4u * g; k < 4u * g + 4u; k++) {\n");
        inputs(body, tokens, "a", "2u * k");
        inputs(body, tokens, "b", "2u * k + 1u");
        for (int j = 0; j < rows; j++) {
            body.append("    let word").append(j).append(" = word(row").append(j).append(", k);\n");
            body.append("    let low").append(j).append(" = low(word").append(j).append(");\n    let high").append(j)
                    .append(" = high(word").append(j).append(");\n");
            for (int i = 0; i < tokens; i++) {
                body.append("    part").append(i).append("_").append(j).append(" += dot(a").append(i).append(", low").append(j)
                        .append(") + dot(b").append(i).append(", high").append(j).append(");\n");
            }
        }
        body.append("    }\n");
        for (int j = 0; j < rows; j++) {
            body.append("    let scale").append(j).append(" = scale_of(row").append(j).append(", 4u * g);\n");
            for (int i = 0; i < tokens; i++) {
                body.append("    sum").append(i).append("_").append(j).append(" += scale").append(j).append(" * part").append(i)
                        .append("_").append(j).append(";\n");
            }
        }
        body.append("}\n");
    }
}
