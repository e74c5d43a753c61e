package org.recursivemas.links;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

class LinkMathTest {
    /** x, erf(x), erfc(x) from the C library of CPython 3. */
    private static final double[][] ERF = {
        {-6, -1.0, 2.0},
        {-3.3, -0.9999969422902035, 1.9999969422902035},
        {-1, -0.8427007929497149, 1.842700792949715},
        {-0.3, -0.3286267594591274, 1.3286267594591274},
        {0, 0.0, 1.0},
        {0.1, 0.1124629160182849, 0.8875370839817152},
        {0.46, 0.4846553900016797, 0.5153446099983203},
        {0.47, 0.4937450508860821, 0.5062549491139179},
        {1, 0.8427007929497149, 0.15729920705028513},
        {2, 0.9953222650189527, 0.004677734981047265},
        {3.99, 0.9999999832607886, 1.6739211364520814e-08},
        {4.01, 0.9999999858030606, 1.4196939421371052e-08},
        {5.5, 0.9999999999999927, 7.357847917974398e-15},
        {10, 1.0, 2.088487583762545e-45},
        {26, 1.0, 5.663192408856143e-296},
    };

    @Test
    void errorFunctionEqualsReferenceValues() {
        for (double[] row : ERF) {
            assertEquals(row[1], LinkMath.erf(row[0]), 1e-14, "erf(" + row[0] + ")");
            assertEquals(row[2], LinkMath.erfc(row[0]), 1e-13 * row[2], "erfc(" + row[0] + ")");
        }
    }

    @Test
    void geluIsTheErfFormNotTheTanhForm() {
        assertEquals(0.8413447460685429, LinkMath.gelu(1), 1e-14);
        assertEquals(-0.15865525393145707, LinkMath.gelu(-1), 1e-14);
        double x = 2.5;
        double tanhForm = 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
        assertTrue(Math.abs(LinkMath.gelu(x) - tanhForm) > 1e-4);
    }

    @Test
    void layerNormUsesBiasedVarianceAndTheEpsilon() {
        // mean 2.5, biased variance 1.25
        float[] y = LinkMath.layerNorm(new float[] {1, 2, 3, 4}, new float[] {1, 1, 2, 1}, new float[] {0, 0, 0, 10});
        double s = 1 / Math.sqrt(1.25 + 1e-5);
        assertEquals(-1.5 * s, y[0], 1e-6);
        assertEquals(-0.5 * s, y[1], 1e-6);
        assertEquals(2 * 0.5 * s, y[2], 1e-6);
        assertEquals(10 + 1.5 * s, y[3], 1e-6);
        float[] constant = LinkMath.layerNorm(new float[] {7, 7}, new float[] {3, 3}, new float[] {1, 2});
        assertEquals(1, constant[0], 0);
        assertEquals(2, constant[1], 0);
    }

    @Test
    void releasedInnerFormEqualsAnIndependentEvaluation() {
        check(LinkWeightsTest.random(7, 7, 7, false, true, new Random(1)));
    }

    @Test
    void releasedOuterFormEqualsAnIndependentEvaluation() {
        check(LinkWeightsTest.random(7, 10, 5, true, true, new Random(2)));
    }

    @Test
    void linearFormEqualsAnIndependentEvaluation() {
        check(LinkWeightsTest.random(6, 0, 9, true, false, new Random(3)));
    }

    @Test
    void mlpWithoutFinalNormEqualsAnIndependentEvaluation() {
        check(LinkWeightsTest.random(3, 4, 3, false, false, new Random(4)));
    }

    @Test
    void wrongWidthIsAnError() {
        LinkWeights link = LinkWeightsTest.random(3, 0, 2, true, false, new Random(5));
        String message = assertThrows(IllegalArgumentException.class,
                () -> LinkMath.apply(link, new float[4])).getMessage();
        assertTrue(message.contains("a->b") && message.contains("3") && message.contains("4"), message);
    }

    /**
     * Compares with matrices written out as nested double arrays, an erf by numerical integration and textbook norms.
     */
    private static void check(LinkWeights w) {
        Random random = new Random(42);
        float[][] x = new float[4][w.inWidth];
        for (float[] row : x) {
            for (int i = 0; i < row.length; i++) {
                row[i] = (float) random.nextGaussian() * 2;
            }
        }
        float[][] y = LinkMath.apply(w, x);
        for (int r = 0; r < x.length; r++) {
            double[] expected = reference(w, x[r]);
            double largest = 0;
            for (double v : expected) {
                largest = Math.max(largest, Math.abs(v));
            }
            for (int i = 0; i < expected.length; i++) {
                assertEquals(expected[i], y[r][i], 1e-6 * largest, "row " + r + ", column " + i);
            }
        }
    }

    private static double[] reference(LinkWeights w, float[] x) {
        double[] in = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            in[i] = x[i];
        }
        double[] sum = w.residual == null ? in.clone() : linear(w.residual, w.residualBias, in);
        if (w.hiddenWidth > 0) {
            double[] h = linear(w.proj1, w.proj1Bias, norm(in, w.preGain, w.preBias));
            for (int i = 0; i < h.length; i++) {
                h[i] = h[i] * normalDistribution(h[i]);
            }
            double[] branch = linear(w.proj2, w.proj2Bias, h);
            for (int i = 0; i < sum.length; i++) {
                sum[i] += branch[i];
            }
        }
        return w.postGain == null ? sum : norm(sum, w.postGain, w.postBias);
    }

    private static double[] linear(float[] weight, float[] bias, double[] x) {
        double[] y = new double[bias.length];
        for (int o = 0; o < y.length; o++) {
            y[o] = bias[o];
            for (int i = 0; i < x.length; i++) {
                y[o] += weight[o * x.length + i] * x[i];
            }
        }
        return y;
    }

    private static double[] norm(double[] x, float[] gain, float[] bias) {
        double mean = 0;
        double meanSquare = 0;
        for (double v : x) {
            mean += v / x.length;
            meanSquare += v * v / x.length;
        }
        double[] y = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            y[i] = (x[i] - mean) / Math.sqrt(meanSquare - mean * mean + 1e-5) * gain[i] + bias[i];
        }
        return y;
    }

    /** Phi(z) by Simpson's rule over the density from 0 to z. */
    private static double normalDistribution(double z) {
        int n = 2000;
        double step = z / n;
        double sum = density(0) + density(z);
        for (int i = 1; i < n; i++) {
            sum += density(i * step) * (i % 2 == 0 ? 2 : 4);
        }
        return 0.5 + sum * step / 3;
    }

    private static double density(double t) {
        return Math.exp(-t * t / 2) / Math.sqrt(2 * Math.PI);
    }
}
