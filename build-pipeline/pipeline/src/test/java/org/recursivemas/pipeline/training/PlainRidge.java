package org.recursivemas.pipeline.training;

/** What {@link RidgeRegression} computes, in plain Java, one example at a time. */
final class PlainRidge {
    private final int in;
    private final int out;
    private double weight;
    private final double[] sumX;
    private final double[] sumY;
    /** Sums of w x[i] x[j] for j <= i: row i has i + 1 elements. */
    private final double[][] sumXX;
    /** Sums of w x[i] y[j], [in][out]. */
    private final double[][] sumXY;

    PlainRidge(int in, int out) {
        this.in = in;
        this.out = out;
        sumX = new double[in];
        sumY = new double[out];
        sumXX = new double[in][];
        for (int i = 0; i < in; i++) {
            sumXX[i] = new double[i + 1];
        }
        sumXY = new double[in][out];
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

    /** Adds one example x [in], y [out] with weight {@code w}. */
    void add(float[] x, float[] y, double w) {
        double[] wide = new double[out];
        for (int j = 0; j < out; j++) {
            wide[j] = y[j];
            sumY[j] += w * y[j];
        }
        double[] left = new double[in];
        for (int i = 0; i < in; i++) {
            left[i] = x[i];
        }
        for (int i = 0; i < in; i++) {
            double a = w * left[i];
            sumX[i] += a;
            addScaled(a, left, i + 1, sumXX[i]);
            addScaled(a, wide, out, sumXY[i]);
        }
        weight += w;
    }

    private static void addScaled(double a, double[] x, int n, double[] sum) {
        for (int j = 0; j < n; j++) {
            sum[j] += a * x[j];
        }
    }

    /** Total weight of the examples. */
    double weight() {
        return weight;
    }

    /**
     * The best map for what has been added.
     *
     * @param lambda strength of the ridge relative to the mean variance of x; above 0
     * @throws IllegalStateException when nothing was added or the system is singular in double precision
     */
    Solution solve(double lambda) {
        if (!(weight > 0)) {
            throw new IllegalStateException("no examples");
        }
        double[][] s = new double[in][];
        double trace = 0;
        for (int i = 0; i < in; i++) {
            s[i] = sumXX[i].clone();
            for (int j = 0; j <= i; j++) {
                s[i][j] -= sumX[i] * sumX[j] / weight;
            }
            trace += s[i][i];
        }
        double ridge = lambda * trace / in;
        for (int i = 0; i < in; i++) {
            s[i][i] += ridge;
        }
        double[][] c = new double[in][out]; // becomes the transposed W
        for (int i = 0; i < in; i++) {
            for (int j = 0; j < out; j++) {
                c[i][j] = sumXY[i][j] - sumX[i] * sumY[j] / weight;
            }
        }
        if (trace > 0) { // else all x are equal and the constant term says everything
            factor(s);
            substitute(s, c);
        }
        float[] matrix = new float[out * in];
        float[] bias = new float[out];
        for (int j = 0; j < out; j++) {
            double constant = sumY[j] / weight;
            for (int i = 0; i < in; i++) {
                matrix[j * in + i] = (float) c[i][j];
                constant -= c[i][j] * sumX[i] / weight;
            }
            bias[j] = (float) constant;
        }
        return new Solution(matrix, bias);
    }

    /** Cholesky: the lower triangle of s becomes L with L L^T = s. */
    private static void factor(double[][] s) {
        for (int i = 0; i < s.length; i++) {
            for (int j = 0; j <= i; j++) {
                double sum = s[i][j];
                for (int k = 0; k < j; k++) {
                    sum -= s[i][k] * s[j][k];
                }
                if (i > j) {
                    s[i][j] = sum / s[j][j];
                } else if (sum > 0) {
                    s[i][i] = Math.sqrt(sum);
                } else {
                    throw new IllegalStateException("the system is singular in double precision; use a larger lambda");
                }
            }
        }
    }

    /** Solves L L^T w = c in place, all columns together. */
    private static void substitute(double[][] l, double[][] c) {
        int n = l.length;
        int columns = c[0].length;
        for (int i = 0; i < n; i++) {
            for (int k = 0; k < i; k++) {
                addScaled(-l[i][k], c[k], columns, c[i]);
            }
            divide(c[i], l[i][i]);
        }
        for (int i = n - 1; i >= 0; i--) {
            for (int k = i + 1; k < n; k++) {
                addScaled(-l[k][i], c[k], columns, c[i]);
            }
            divide(c[i], l[i][i]);
        }
    }

    private static void divide(double[] row, double by) {
        for (int j = 0; j < row.length; j++) {
            row[j] /= by;
        }
    }
}
