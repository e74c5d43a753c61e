package org.recursivemas.toy;

/**
 * A tiny recurrent network with real numbers in place of a transformer: s_t = tanh(A s_(t-1) + B x_t + p_t), and the
 * hidden state "after the final norm" is s_t over its root mean square times a gain. Stateless: sequences in, vectors
 * out.
 */
public final class ToyNetwork {
    /** Token ids 0 to VOCABULARY - 1. */
    public static final int VOCABULARY = 320;

    private final int d;
    private final float[][] a;
    private final float[][] b;
    private final float[][] embeddings;
    private final float[] gain;

    public ToyNetwork(int d, int seed) {
        this.d = d;
        a = matrix(d, d, seed + 1, 0.9 / Math.sqrt(d));
        b = matrix(d, d, seed + 2, 1.3 / Math.sqrt(d));
        embeddings = matrix(VOCABULARY, d, seed + 3, 1);
        gain = matrix(1, d, seed + 4, 1)[0];
    }

    public int width() {
        return d;
    }

    /** Input embedding [d] of a token. */
    public float[] embedding(int token) {
        return embeddings[token].clone();
    }

    /** State before position 0. */
    public float[] start() {
        return new float[d];
    }

    /** State [d] after one more position with input {@code x} [d]. */
    public float[] next(float[] state, float[] x, int position) {
        float[] result = new float[d];
        for (int i = 0; i < d; i++) {
            double sum = 0.2 * Math.sin(0.7 * position + i);
            for (int k = 0; k < d; k++) {
                sum += a[i][k] * state[k] + b[i][k] * x[k];
            }
            result[i] = (float) Math.tanh(sum);
        }
        return result;
    }

    /** Hidden state after the final norm [d]. */
    public float[] hidden(float[] state) {
        double square = 0;
        for (float value : state) {
            square += (double) value * value;
        }
        double scale = 1 / Math.sqrt(square / d + 1e-6);
        float[] result = new float[d];
        for (int i = 0; i < d; i++) {
            result[i] = (float) (state[i] * scale * (1 + 0.5 * gain[i]));
        }
        return result;
    }

    /** F(X)[-1]: the hidden state [d] of the last position of a whole sequence [t][d]. */
    public float[] last(float[][] x) {
        float[] state = start();
        for (int t = 0; t < x.length; t++) {
            state = next(state, x[t], t);
        }
        return hidden(state);
    }

    /** The token among {@code candidates} whose embedding lies most in the direction of {@code h} [d]. */
    public int greedy(float[] h, int[] candidates) {
        int best = candidates[0];
        double bestScore = Double.NEGATIVE_INFINITY;
        for (int candidate : candidates) {
            double score = 0;
            for (int i = 0; i < d; i++) {
                score += h[i] * embeddings[candidate][i];
            }
            if (score > bestScore) {
                bestScore = score;
                best = candidate;
            }
        }
        return best;
    }

    /** Values in (-scale, scale) that depend on nothing but the arguments. */
    static float[][] matrix(int rows, int columns, int seed, double scale) {
        int state = seed * 0x9E3779B9 + 12345;
        float[][] result = new float[rows][columns];
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < columns; c++) {
                state ^= state << 13;
                state ^= state >>> 17;
                state ^= state << 5;
                result[r][c] = (float) (((state >>> 8) / (double) (1 << 24) * 2 - 1) * scale);
            }
        }
        return result;
    }
}
