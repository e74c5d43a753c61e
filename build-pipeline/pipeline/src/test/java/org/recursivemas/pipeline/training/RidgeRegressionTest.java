package org.recursivemas.pipeline.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RidgeRegressionTest {
    private final List<RidgeRegression> opened = new ArrayList<>();

    private RidgeRegression ridge(int in, int out) {
        RidgeRegression ridge = new RidgeRegression(in, out);
        opened.add(ridge);
        return ridge;
    }

    @AfterEach
    void close() {
        opened.forEach(RidgeRegression::close);
    }

    private static void add(RidgeRegression ridge, float[] x, float[] y, double weight) {
        add(ridge, new float[][] {x}, new float[][] {y}, new double[] {weight});
    }

    private static void add(RidgeRegression ridge, float[][] x, float[][] y, double[] weights) {
        try (NDManager manager = TorchEngine.get().newManager()) {
            ridge.add(manager.create(x), manager.create(y), weights);
        }
    }

    @Test
    void equalsThePlainSolverOverSeveralStripes() {
        int in = 600; // three stripes, the last one short
        int out = 30;
        Random random = new Random(5);
        PlainRidge plain = new PlainRidge(in, out);
        RidgeRegression ridge = ridge(in, out);
        for (int batch = 0; batch < 9; batch++) {
            float[][] x = new float[100][in];
            float[][] y = new float[100][out];
            double[] weights = new double[100];
            for (int n = 0; n < 100; n++) {
                for (int i = 0; i < in; i++) {
                    x[n][i] = (float) (random.nextGaussian() + (i > 0 ? 0.9 * x[n][i - 1] : 3));
                }
                for (int j = 0; j < out; j++) {
                    y[n][j] = (float) (random.nextGaussian() + x[n][j] - x[n][in - 1 - j]);
                }
                weights[n] = batch % 2 == 0 ? 1 : 1 + n % 4;
                plain.add(x[n], y[n], weights[n]);
            }
            add(ridge, x, y, batch % 2 == 0 ? null : weights);
        }
        PlainRidge.Solution wanted = plain.solve(1e-4);
        RidgeRegression.Solution solution = ridge.solve(1e-4);
        assertEquals(in * out, solution.matrix.length);
        for (int i = 0; i < in * out; i++) {
            assertEquals(wanted.matrix[i], solution.matrix[i], 1e-6, "element " + i);
        }
        for (int j = 0; j < out; j++) {
            assertEquals(wanted.bias[j], solution.bias[j], 1e-5, "constant " + j);
        }
    }

    @Test
    void recoversALinearMapWithConstant() {
        int in = 12;
        int out = 7;
        Random random = new Random(1);
        double[][] w = new double[out][in];
        double[] b = new double[out];
        for (int j = 0; j < out; j++) {
            b[j] = random.nextGaussian();
            for (int i = 0; i < in; i++) {
                w[j][i] = random.nextGaussian();
            }
        }
        RidgeRegression ridge = ridge(in, out);
        for (int n = 0; n < 200; n++) {
            float[] x = new float[in];
            float[] y = new float[out];
            for (int i = 0; i < in; i++) {
                x[i] = (float) (random.nextGaussian() + 5);
            }
            for (int j = 0; j < out; j++) {
                double sum = b[j];
                for (int i = 0; i < in; i++) {
                    sum += w[j][i] * x[i];
                }
                y[j] = (float) sum;
            }
            add(ridge, x, y, 1 + n % 3);
        }
        RidgeRegression.Solution solution = ridge.solve(1e-12);
        for (int j = 0; j < out; j++) {
            assertEquals(b[j], solution.bias[j], 1e-4);
            for (int i = 0; i < in; i++) {
                assertEquals(w[j][i], solution.matrix[j * in + i], 1e-5);
            }
        }
    }

    @Test
    void equalsTheFormulaInOneDimension() {
        // x = 1, 2, 4 with weights 1, 1, 2: mean 11/4, scatter S = 1 + 4 + 32 - 4 (11/4)^2; ridge lambda S
        float[] x = {1, 2, 4};
        float[] y = {2, 3, 9};
        double[] weight = {1, 1, 2};
        RidgeRegression ridge = ridge(1, 1);
        for (int i = 0; i < 3; i++) {
            add(ridge, new float[] {x[i]}, new float[] {y[i]}, weight[i]);
        }
        double meanX = 11 / 4.0;
        double meanY = 23 / 4.0;
        double scatter = 37 - 4 * meanX * meanX;
        double cross = (2 + 6 + 72) - 4 * meanX * meanY;
        double slope = cross / (scatter * 1.5);
        RidgeRegression.Solution solution = ridge.solve(0.5);
        assertEquals(slope, solution.matrix[0], 1e-6);
        assertEquals(meanY - slope * meanX, solution.bias[0], 1e-6);
    }

    @Test
    void fewerExamplesThanDimensionsStillInterpolate() {
        Random random = new Random(2);
        RidgeRegression ridge = ridge(30, 2);
        float[][] x = new float[5][30];
        for (int n = 0; n < 5; n++) {
            for (int i = 0; i < 30; i++) {
                x[n][i] = (float) random.nextGaussian();
            }
            add(ridge, x[n], new float[] {n, -n}, 1);
        }
        RidgeRegression.Solution solution = ridge.solve(1e-9);
        for (int n = 0; n < 5; n++) {
            double y = solution.bias[0];
            for (int i = 0; i < 30; i++) {
                y += solution.matrix[i] * x[n][i];
            }
            assertEquals(n, y, 1e-4);
        }
    }

    @Test
    void equalInputsGiveTheMean() {
        RidgeRegression ridge = ridge(3, 1);
        add(ridge, new float[] {1, 2, 3}, new float[] {4}, 1);
        add(ridge, new float[] {1, 2, 3}, new float[] {8}, 1);
        RidgeRegression.Solution solution = ridge.solve(1e-4);
        assertEquals(6, solution.bias[0] + solution.matrix[0] + 2 * solution.matrix[1] + 3 * solution.matrix[2], 1e-5);
    }

    @Test
    void nothingAddedIsAnError() {
        assertTrue(assertThrows(IllegalStateException.class, () -> ridge(2, 2).solve(1)).getMessage()
                .contains("no examples"));
    }
}
