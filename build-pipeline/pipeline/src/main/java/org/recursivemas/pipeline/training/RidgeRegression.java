package org.recursivemas.pipeline.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;

/**
 * A linear map with a constant term fitted by ridge regression: minimises the sum of w |W x + b - y|^2 plus lambda
 * (tr(S) / in) |W|^2, where S is the weighted scatter of x around its mean. The constant term is not shrunk. Only sums
 * are kept, in double precision on the device, so memory does not grow with the data: about 4 in^2 + 8 in out bytes, and
 * twice that while the map is solved for.
 */
final class RidgeRegression implements AutoCloseable {
    /** Rows of the symmetric sums that are kept and factored together. */
    private static final int STRIPE = 256;

    private final int in;
    private final int out;
    private final NDManager manager = TorchEngine.get().newManager();
    /**
     * Stripe k: sums of w x[i] times (x[j], y, 1) for its rows i and all j from its first row on, [rows, in - first + out
     * + 1].
     */
    private final NDArray[] sums;
    /** Sums of w (y, 1): [1, out + 1]. */
    private final NDArray last;

    RidgeRegression(int in, int out) {
        this.in = in;
        this.out = out;
        sums = new NDArray[(in + STRIPE - 1) / STRIPE];
        for (int k = 0; k < sums.length; k++) {
            sums[k] = manager.zeros(new Shape(rows(k), in - first(k) + out + 1), DataType.FLOAT64);
        }
        last = manager.zeros(new Shape(1, out + 1), DataType.FLOAT64);
    }

    /** The fitted map. */
    static final class Solution {
        /** W [out, in], row-major. */
        final float[] matrix;
        /** b [out]. */
        final float[] bias;

        private Solution(float[] matrix, float[] bias) {
            this.matrix = matrix;
            this.bias = bias;
        }
    }

    private static int first(int stripe) {
        return stripe * STRIPE;
    }

    private int rows(int stripe) {
        return Math.min(STRIPE, in - first(stripe));
    }

    /**
     * Adds examples.
     *
     * @param x [n, in]
     * @param y [n, out]
     * @param weights [n]; null for 1 each
     */
    void add(NDArray x, NDArray y, double[] weights) {
        try (NDManager scratch = manager.newSubManager()) {
            x.tempAttach(scratch);
            y.tempAttach(scratch);
            long n = x.getShape().get(0);
            NDArray one = scratch.ones(new Shape(n, 1), DataType.FLOAT64);
            NDArray all = x.toType(DataType.FLOAT64, true).concat(y.toType(DataType.FLOAT64, true), 1).concat(one, 1);
            NDArray weighted = weights == null ? all : all.mul(TorchEngine.array(scratch, weights, n, 1));
            for (int k = 0; k < sums.length; k++) {
                addProduct(weighted.get(":, " + first(k) + ":" + (first(k) + rows(k))), all.get(":, " + first(k) + ":"),
                        sums[k]);
            }
            NDArray count = weights == null ? one : TorchEngine.array(scratch, weights, n, 1);
            addProduct(count, all.get(":, " + in + ":"), last);
        }
    }

    /** target += left^T right. */
    private static void addProduct(NDArray left, NDArray right, NDArray target) {
        try (NDArray product = left.transpose().matMul(right)) {
            target.addi(product);
        }
    }

    /** Total weight of the examples. */
    double weight() {
        return last.toDoubleArray()[out];
    }

    /**
     * The best map for what has been added.
     *
     * @param lambda strength of the ridge relative to the mean variance of x; above 0
     * @throws IllegalStateException when nothing was added or the system is singular in double precision
     */
    Solution solve(double lambda) {
        double weight = weight();
        if (!(weight > 0)) {
            throw new IllegalStateException("no examples");
        }
        try (NDManager scratch = manager.newSubManager()) {
            NDArray means = means(weight, scratch); // [1, in + out]
            NDArray[] system = new NDArray[sums.length];
            double trace = 0;
            for (int k = 0; k < sums.length; k++) {
                int width = in - first(k) + out;
                sums[k].tempAttach(scratch);
                // w x sum: the mean outer product, which turns sums into scatter around the mean
                system[k] = sums[k].get(":, 0:" + width).sub(sums[k].get(":, " + width + ":").matMul(means.get(":, "
                        + first(k) + ":")));
                double[] block = system[k].get(":, 0:" + rows(k)).toDoubleArray();
                for (int i = 0; i < rows(k); i++) {
                    trace += block[i * rows(k) + i];
                }
            }
            // all x equal: the constant term says everything
            NDArray map = trace > 0 ? solved(system, lambda * trace / in, scratch)
                    : scratch.zeros(new Shape(in, out), DataType.FLOAT64); // W^T
            NDArray bias = means.get(":, " + in + ":").sub(means.get(":, 0:" + in).matMul(map));
            return new Solution(floats(map.transpose()), floats(bias));
        }
    }

    private static float[] floats(NDArray array) {
        double[] wide = array.toDoubleArray();
        float[] values = new float[wide.length];
        for (int i = 0; i < wide.length; i++) {
            values[i] = (float) wide[i];
        }
        return values;
    }

    /** Means of x and y, [1, in + out]. */
    private NDArray means(double weight, NDManager scratch) {
        double[] means = new double[in + out];
        for (int k = 0; k < sums.length; k++) {
            try (NDArray column = sums[k].get(":, " + (in - first(k) + out) + ":")) {
                System.arraycopy(column.toDoubleArray(), 0, means, first(k), rows(k));
            }
        }
        System.arraycopy(last.toDoubleArray(), 0, means, in, out);
        for (int i = 0; i < means.length; i++) {
            means[i] /= weight;
        }
        return TorchEngine.array(scratch, means, 1, means.length);
    }

    /**
     * Cholesky's method by stripes, the right side carried along.
     *
     * @param system stripes of the upper triangle with the right side behind it, which are used up
     * @param ridge added to the diagonal
     * @return [in, out]
     */
    private NDArray solved(NDArray[] system, double ridge, NDManager scratch) {
        NDArray[] inverses = new NDArray[system.length]; // of L, where L L^T is a block of the diagonal
        for (int k = 0; k < system.length; k++) {
            int rows = rows(k);
            double[] block;
            try (NDArray diagonal = system[k].get(":, 0:" + rows)) {
                block = diagonal.toDoubleArray();
            }
            for (int i = 0; i < rows; i++) {
                block[i * rows + i] += ridge;
            }
            inverses[k] = TorchEngine.array(scratch, inverseFactor(block, rows), rows, rows);
            try (NDArray raw = system[k]; NDArray rest = raw.get(":, " + rows + ":")) {
                system[k] = inverses[k].matMul(rest);
            }
            for (int j = k + 1; j < system.length; j++) {
                int from = first(j) - first(k) - rows;
                try (NDArray own = system[k].get(":, " + from + ":" + (from + rows(j)));
                        NDArray behind = system[k].get(":, " + from + ":");
                        NDArray turned = own.transpose();
                        NDArray product = turned.matMul(behind)) {
                    system[j].subi(product);
                }
            }
        }
        NDArray map = null; // rows from a stripe on
        for (int k = system.length - 1; k >= 0; k--) {
            int later = in - first(k) - rows(k);
            NDArray right = system[k].get(":, " + later + ":");
            NDArray rows = inverses[k].transpose().matMul(map == null ? right
                    : right.sub(system[k].get(":, 0:" + later).matMul(map)));
            map = map == null ? rows : rows.concat(map, 0);
        }
        return map;
    }

    /** L^-1 for the lower triangular L with L L^T = s, [n, n] row-major. */
    private static double[] inverseFactor(double[] s, int n) {
        double[][] factor = new double[n][n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j <= i; j++) {
                double sum = s[i * n + j];
                for (int k = 0; k < j; k++) {
                    sum -= factor[i][k] * factor[j][k];
                }
                if (i > j) {
                    factor[i][j] = sum / factor[j][j];
                } else if (sum > 0) {
                    factor[i][i] = Math.sqrt(sum);
                } else {
                    throw new IllegalStateException("the system is singular in double precision; use a larger lambda");
                }
            }
        }
        double[] inverse = new double[n * n];
        for (int i = 0; i < n; i++) {
            inverse[i * n + i] = 1;
            for (int k = 0; k < i; k++) {
                double a = factor[i][k];
                for (int j = 0; j <= k; j++) {
                    inverse[i * n + j] -= a * inverse[k * n + j];
                }
            }
            for (int j = 0; j <= i; j++) {
                inverse[i * n + j] /= factor[i][i];
            }
        }
        return inverse;
    }

    @Override
    public void close() {
        manager.close();
    }
}
