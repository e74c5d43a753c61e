package org.recursivemas.pipeline.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.Arrays;
import org.recursivemas.links.LinkMath;

/**
 * First layer of a link's MLP branch that recognises tokens: for each token that occurs in messages, how far the token's
 * score (its embedding times the normalised hidden state) is above each of a few thresholds. A linear map alone blends
 * the embeddings of tokens; on top of these features it can tell them apart.
 */
final class TokenFeatures {
    /** Thresholds as fractions of the mean score of the token that comes next. */
    private static final double[] THRESHOLDS = {0.35, 0.5, 0.65, 0.8};

    private final int width;
    private final int count;
    private final float[] gain;
    /** P1 [count, width]. */
    private final float[] scores;
    /** b1 [count]. */
    private final float[] offsets;

    /**
     * @param tokens ids of the tokens that occur in the agent's messages
     * @param meanScore mean of {@link #score} over positions and the tokens that come next there
     */
    TokenFeatures(FrozenModel model, int[] tokens, double meanScore) {
        width = model.config().hiddenSize();
        count = tokens.length * THRESHOLDS.length;
        gain = ones(width);
        scores = new float[count * width];
        offsets = new float[count];
        float[] embeddings = model.embeddings(tokens);
        for (int t = 0, row = 0; t < tokens.length; t++) {
            for (double threshold : THRESHOLDS) {
                System.arraycopy(embeddings, t * width, scores, row * width, width);
                offsets[row++] = (float) (-threshold * meanScore);
            }
        }
    }

    private static float[] ones(int count) {
        float[] ones = new float[count];
        Arrays.fill(ones, 1f);
        return ones;
    }

    /** Sum of the scores of tokens with these embeddings in these hidden states, both [n, d]. */
    static double score(NDArray hidden, NDArray embeddings) {
        float[] each = normalised(hidden).mul(embeddings).sum(new int[] {1}).toFloatArray();
        double sum = 0;
        for (float score : each) {
            sum += score;
        }
        return sum;
    }

    private static NDArray normalised(NDArray hidden) {
        NDManager manager = hidden.getManager();
        int width = (int) hidden.getShape().get(1);
        return TorchEngine.layerNorm(hidden, TorchEngine.array(manager, ones(width), width), TorchEngine.array(manager,
                new float[width], width), LinkMath.LAYER_NORM_EPSILON);
    }

    /** Number of features. */
    int count() {
        return count;
    }

    /** pre_ln.weight [width]. */
    float[] gain() {
        return gain;
    }

    /** proj1.weight [count, width]. */
    float[] scores() {
        return scores;
    }

    /** proj1.bias [count]. */
    float[] offsets() {
        return offsets;
    }

    /** The features of hidden states [n, width], each followed by the state itself: [n, count + width]. */
    NDArray of(NDArray hidden) {
        NDManager manager = hidden.getManager();
        NDArray features = TorchEngine.linear(normalised(hidden), TorchEngine.array(manager, scores, count, width),
                TorchEngine.array(manager, offsets, count)).getNDArrayInternal().gelu();
        return features.concat(hidden, 1);
    }
}
