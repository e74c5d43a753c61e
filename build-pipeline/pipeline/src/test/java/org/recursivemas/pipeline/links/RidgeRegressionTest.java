package org.recursivemas.pipeline.links;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

class RidgeRegressionTest {
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
        RidgeRegression ridge = new RidgeRegression(in, out);
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
            ridge.add(x, y, 1 + n % 3);
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
        RidgeRegression ridge = new RidgeRegression(1, 1);
        for (int i = 0; i < 3; i++) {
            ridge.add(new float[] {x[i]}, new float[] {y[i]}, weight[i]);
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
        RidgeRegression ridge = new RidgeRegression(30, 2);
        float[][] x = new float[5][30];
        for (int n = 0; n < 5; n++) {
            for (int i = 0; i < 30; i++) {
                x[n][i] = (float) random.nextGaussian();
            }
            ridge.add(x[n], new float[] {n, -n}, 1);
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
        RidgeRegression ridge = new RidgeRegression(3, 1);
        ridge.add(new float[] {1, 2, 3}, new float[] {4}, 1);
        ridge.add(new float[] {1, 2, 3}, new float[] {8}, 1);
        RidgeRegression.Solution solution = ridge.solve(1e-4);
        assertEquals(6, solution.bias[0] + solution.matrix[0] + 2 * solution.matrix[1] + 3 * solution.matrix[2], 1e-5);
    }

    @Test
    void nothingAddedIsAnError() {
        assertTrue(assertThrows(IllegalStateException.class, () -> new RidgeRegression(2, 2).solve(1)).getMessage()
                .contains("no examples"));
    }
}
