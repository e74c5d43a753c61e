package org.recursivemas.compiler;

import org.recursivemas.library.Expr;
import org.recursivemas.library.LibraryPlan;

/**
 * Matrix products {@code y = W x} with everything around them in the same dispatch: RMSNorm of the inputs before, an
 * {@link Epilogue} after. The norm's factor 1 / rms is the same for every row, so the kernels sum the squares beside the
 * products and scale at the end, without a pass of their own. All sums are float32.
 *
 * <p>Buffers in order: {@code x} (inputs; for a {@link NormedSum} also {@code residual}, if it has a buffer of its own, and
 * {@code sum_gain}), {@code gain} (of the norm, if any), {@code w} and, for a quantized weight,
 * {@code scale}, then those of the epilogue. Scalars: {@code n} (tokens; many-token kernel only), {@code x_offset} (in
 * elements, if the inputs have one), {@code residual_offset} (likewise), then those of the epilogue.
 */
abstract class MatrixProduct {
    /**
     * Inputs of the product.
     *
     * @param storage WGSL type of an element
     * @param hasOffset whether they start {@code p.x_offset} elements into their buffer
     * @param sum what the one-token kernel does to get them, or null
     */
    record Inputs(String storage, boolean hasOffset, NormedSum sum) {
        Inputs(String storage, boolean hasOffset) {
            this(storage, hasOffset, null);
        }

        String suffix() {
            return sum != null ? sum.suffix() : hasOffset ? "_input" : "";
        }
    }

    /**
     * The inputs of a one-token product are {@code residual + RMSNorm(x)}, which the kernel also leaves for later ones. All
     * three are rows of one buffer {@code x [rows, K]} f32, because a kernel can have 10 buffers at most; x is row 0.
     *
     * @param residual row of the residual, or -1 for a buffer of its own
     * @param result row of the result
     * @param residualType WGSL type of the residual's own buffer, which has an offset; null if it is a row
     */
    record NormedSum(int residual, int result, String residualType) {
        String suffix() {
            return residualType != null ? "_sum_input" : "_sum";
        }
    }

    /** Elements of the largest matrix that suits {@link DirectProduct}; longer rows than 1,024 do not in any case. */
    private static final int DIRECT_ELEMENTS = 1 << 20;
    private static final int DIRECT_COLUMNS = 1024;

    final int columns;
    final boolean quantized;
    final MatrixReader reader;
    final Epilogue epilogue;
    private final float epsilon;
    private final Inputs inputs;

    MatrixProduct(int columns, boolean quantized, String type, float epsilon, Inputs inputs, Epilogue epilogue) {
        this.columns = columns;
        this.quantized = quantized;
        this.epsilon = epsilon;
        this.reader = new MatrixReader(epilogue.stack(), columns, type, quantized);
        this.inputs = inputs;
        this.epilogue = epilogue;
    }

    /**
     * The kernels that suit the size.
     *
     * @param columns K of the weight
     * @param type WGSL type of parameters
     * @param epsilon of the norm
     * @param scale of the model
     */
    static MatrixProduct of(int columns, boolean quantized, String type, float epsilon, Inputs inputs, Epilogue epilogue,
            Scale scale) {
        boolean direct = scale == Scale.SMALL && columns <= DIRECT_COLUMNS
                && (long) columns * epilogue.rows() <= DIRECT_ELEMENTS;
        return direct ? new DirectProduct(columns, quantized, type, epsilon, inputs, epilogue)
                : new CooperativeProduct(columns, quantized, type, epsilon, inputs, epilogue);
    }

    /** The kernel for one token; {@code x} is one row {@code [K]}. */
    abstract LibraryPlan.Kernel vector();

    /** Workgroups of the kernel for one token. */
    abstract int vectorGrid();

    /** The kernel for many tokens; {@code x} is {@code [n, K]}. */
    abstract LibraryPlan.Kernel matrix();

    /** Workgroups of the kernel for {@code n} tokens. */
    abstract Expr matrixGrid(Expr n);

    /** The kernel with its buffers and scalars bound, and functions to read inputs and weights and to finish rows. */
    final KernelSource open(String prefix, boolean many) {
        KernelSource kernel = new KernelSource(prefix + "_" + epilogue.name() + inputs.suffix());
        if (summed()) {
            kernel.write("x", reader.activationType("f32", false));
            if (inputs.sum().residualType() != null) {
                kernel.read("residual", inputs.sum().residualType());
            }
            reader.bindGain(kernel, "sum_gain");
        } else {
            kernel.read("x", reader.activationType(inputs.storage(), inputs.hasOffset()));
        }
        if (epilogue.normalized()) {
            reader.bindGain(kernel, "gain");
        }
        reader.bind(kernel);
        if (many) {
            kernel.scalar("n");
        }
        if (inputs.hasOffset()) {
            kernel.scalar("x_offset");
        }
        if (summed() && inputs.sum().residualType() != null) {
            kernel.scalar("residual_offset");
        }
        epilogue.bind(kernel);
        kernel.declare(reader.activationFunction(inputs.hasOffset()));
        if (epilogue.normalized()) {
            kernel.declare(reader.gainFunction("gain"));
        }
        if (summed()) {
            declareSum(kernel);
        }
        kernel.declare(reader.weightFunctions());
        kernel.declare(epilogue.declarations());
        kernel.constant("UNITS", epilogue.units());
        return kernel;
    }

    /** Whether the inputs are a {@link NormedSum}. */
    final boolean summed() {
        return inputs.sum() != null;
    }

    private void declareSum(KernelSource kernel) {
        NormedSum sum = inputs.sum();
        boolean own = sum.residualType() != null;
        int width = reader.aligned() ? reader.quads() : columns;
        kernel.declare("var<private> sum_factor : f32;");
        kernel.declare(own ? reader.rowFunction("residual", "residual", "p.residual_offset", false)
                : reader.rowFunction("residual", "x", sum.residual() * width + "u", reader.aligned()));
        kernel.declare(reader.gainFunction("sum_gain"));
        kernel.declare("fn summed4(k4 : u32) -> vec4f {\n"
                + "    return residual4(k4) + input4(0u, k4) * sum_factor * sum_gain4(k4);\n}");
        String result = sum.result() * width + "u + ";
        kernel.declare("fn leave_sum(k4 : u32) {\n    let v = summed4(k4);\n" + (reader.aligned()
                ? "    x[" + result + "k4] = v;\n"
                : "    for (var i = 0u; i < min(4u, " + columns + "u - 4u * k4); i++) { x[" + result + "4u * k4 + i] = v[i]; }\n")
                + "}");
    }

    /** WGSL of a step of the inputs in a one-token kernel. */
    final String inputOf(String step) {
        return summed() ? "summed4(" + step + ")" : "input4(" + epilogue.inputRow() + ", " + step + ")";
    }

    final String rowOf(String unit, boolean second) {
        if (!epilogue.paired()) {
            return unit;
        }
        return (second ? "second_row(" : "first_row(") + unit + ")";
    }

    /** WGSL of 1 / rms, given the sum of squares of a row of inputs. */
    final String factor(String squares) {
        return "inverseSqrt(" + squares + " / " + columns + ".0 + " + KernelSource.literal(epsilon) + ")";
    }
}
