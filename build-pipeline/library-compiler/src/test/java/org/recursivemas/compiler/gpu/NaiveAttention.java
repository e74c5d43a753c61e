package org.recursivemas.compiler.gpu;

/** Causal grouped-query attention as its definition says, in double precision. */
public final class NaiveAttention {
    private NaiveAttention() {
    }

    /**
     * Result {@code [n, heads * headSize]} for queries {@code q} of that shape at {@code position} and following.
     *
     * @param q with the scale of the scores
     * @param keys {@code [position + n, kvHeads * headSize]}, and so {@code values}; longer ones are cut
     * @param window keys that a query sees at most, its own position included; 0 for all
     */
    public static float[] attend(float[] q, float[] keys, float[] values, int n, int position, int heads, int kvHeads,
            int headSize, int window) {
        float[] result = new float[n * heads * headSize];
        for (int i = 0; i < n; i++) {
            int stop = position + i + 1;
            int start = window > 0 ? Math.max(0, stop - window) : 0;
            for (int head = 0; head < heads; head++) {
                row(q, keys, values, start, stop, (i * heads + head) * headSize, headSize,
                        head / (heads / kvHeads) * headSize, kvHeads * headSize, result);
            }
        }
        return result;
    }

    /** A query and head at {@code at}, whose keys and values lie {@code column} elements into rows of {@code width}. */
    private static void row(float[] q, float[] keys, float[] values, int start, int stop, int at, int headSize, int column,
            int width, float[] result) {
        double[] scores = new double[stop - start];
        double highest = Double.NEGATIVE_INFINITY;
        for (int key = start; key < stop; key++) {
            double score = 0;
            for (int d = 0; d < headSize; d++) {
                score += (double) q[at + d] * keys[key * width + column + d];
            }
            scores[key - start] = score;
            highest = Math.max(highest, score);
        }
        double total = 0;
        double[] sum = new double[headSize];
        for (int key = start; key < stop; key++) {
            double weight = Math.exp(scores[key - start] - highest);
            total += weight;
            for (int d = 0; d < headSize; d++) {
                sum[d] += weight * values[key * width + column + d];
            }
        }
        for (int d = 0; d < headSize; d++) {
            result[at + d] = (float) (sum[d] / total);
        }
    }
}
