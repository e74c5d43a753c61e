package org.recursivemas.inside;

import java.util.List;

/** Norms, angles and principal components of rows of numbers. */
public final class Geometry {
    private static final int MAX_ITERATIONS = 1000;
    private static final double CONVERGED = 1e-13;

    private Geometry() {
    }

    /** L2 norm. */
    public static double norm(float[] x) {
        return Math.sqrt(dot(x, x));
    }

    /** Cosine of the angle between two vectors of one length; 0 when one of them is 0. */
    public static double cosine(float[] x, float[] y) {
        double norms = norm(x) * norm(y);
        return norms == 0 ? 0 : Math.max(-1, Math.min(1, dot(x, y) / norms));
    }

    /**
     * Cosine of the angle between the means of two blocks of rows of one width; 0 when a block has no row or its mean is 0.
     * Means are summed in 64 bits.
     */
    public static double cosineOfMeans(float[][] one, float[][] other) {
        if (one.length == 0 || other.length == 0) {
            return 0;
        }
        double[] a = sum(one);   // in the direction of the mean
        double[] b = sum(other);
        double dot = 0;
        double squares = 0;
        double others = 0;
        for (int i = 0; i < a.length; i++) {
            dot += a[i] * b[i];
            squares += a[i] * a[i];
            others += b[i] * b[i];
        }
        double norms = Math.sqrt(squares) * Math.sqrt(others);
        return norms == 0 ? 0 : Math.max(-1, Math.min(1, dot / norms));
    }

    private static double[] sum(float[][] rows) {
        double[] sum = new double[rows[0].length];
        for (float[] row : rows) {
            for (int i = 0; i < sum.length; i++) {
                sum[i] += row[i];
            }
        }
        return sum;
    }

    private static double dot(float[] x, float[] y) {
        double sum = 0;
        for (int i = 0; i < x.length; i++) {
            sum += (double) x[i] * y[i];
        }
        return sum;
    }

    /** Rows seen from the two directions in which they vary most. */
    public static final class Projection {
        /** Coordinates [rows]. */
        public final double[] x;
        /** Coordinates [rows]. */
        public final double[] y;
        /** Share of the variance on each axis, 0 to 1; both 0 when all rows are the same. */
        public final double[] explained;

        Projection(double[] x, double[] y, double[] explained) {
            this.x = x;
            this.y = y;
            this.explained = explained;
        }
    }

    /**
     * Principal components of the rows around their mean, by power iteration on the matrix of their inner products. An
     * axis points to where the row farthest out lies.
     *
     * @param rows [n][width], n at least 1
     */
    public static Projection project(List<float[]> rows) {
        int n = rows.size();
        double[][] products = centredProducts(rows);
        double total = 0;
        for (int i = 0; i < n; i++) {
            total += products[i][i];
        }
        double[][] axes = new double[2][];
        double[] explained = new double[2];
        for (int axis = 0; axis < 2; axis++) {
            double[] vector = start(n, axis);
            double value = 0;
            for (int i = 0; i < MAX_ITERATIONS && total > 0; i++) {
                double[] next = multiply(products, vector);
                double norm = length(next);
                boolean settled = Math.abs(norm - value) <= CONVERGED * total;
                value = norm;
                if (norm <= 1e-12 * total) {   // nothing is left but rounding
                    value = 0;
                    break;
                }
                for (int k = 0; k < n; k++) {
                    vector[k] = next[k] / norm;
                }
                if (settled && i > 1) {
                    break;
                }
            }
            axes[axis] = new double[n];
            explained[axis] = total > 0 ? Math.min(1, value / total) : 0;
            double sign = value > 0 ? Math.signum(vector[farthest(vector)]) * Math.sqrt(value) : 0;
            for (int k = 0; k < n; k++) {
                axes[axis][k] = sign * vector[k];
                for (int j = 0; j < n; j++) {
                    products[k][j] -= value * vector[k] * vector[j];
                }
            }
        }
        return new Projection(axes[0], axes[1], explained);
    }

    private static double[][] centredProducts(List<float[]> rows) {
        int n = rows.size();
        int width = rows.get(0).length;
        double[] mean = new double[width];
        for (float[] row : rows) {
            for (int i = 0; i < width; i++) {
                mean[i] += row[i] / (double) n;
            }
        }
        double[][] centred = new double[n][width];
        for (int k = 0; k < n; k++) {
            for (int i = 0; i < width; i++) {
                centred[k][i] = rows.get(k)[i] - mean[i];
            }
        }
        double[][] products = new double[n][n];
        for (int k = 0; k < n; k++) {
            for (int j = 0; j <= k; j++) {
                double sum = 0;
                for (int i = 0; i < width; i++) {
                    sum += centred[k][i] * centred[j][i];
                }
                products[k][j] = sum;
                products[j][k] = sum;
            }
        }
        return products;
    }

    /** A vector that is not likely to stand at a right angle to what is sought. */
    private static double[] start(int n, int axis) {
        double[] vector = new double[n];
        for (int i = 0; i < n; i++) {
            vector[i] = 1 + ((i + 1) * (7 + 4 * axis)) % 13;
        }
        double length = length(vector);
        for (int i = 0; i < n; i++) {
            vector[i] /= length;
        }
        return vector;
    }

    private static double[] multiply(double[][] matrix, double[] vector) {
        double[] result = new double[vector.length];
        for (int k = 0; k < result.length; k++) {
            for (int j = 0; j < vector.length; j++) {
                result[k] += matrix[k][j] * vector[j];
            }
        }
        return result;
    }

    private static double length(double[] vector) {
        double sum = 0;
        for (double value : vector) {
            sum += value * value;
        }
        return Math.sqrt(sum);
    }

    private static int farthest(double[] vector) {
        int best = 0;
        for (int i = 1; i < vector.length; i++) {
            if (Math.abs(vector[i]) > Math.abs(vector[best]) + 1e-9) {
                best = i;
            }
        }
        return best;
    }
}
