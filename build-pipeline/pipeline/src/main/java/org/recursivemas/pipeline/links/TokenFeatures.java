package org.recursivemas.pipeline.links;

import java.util.Arrays;
import org.recursivemas.links.LinkMath;
import org.recursivemas.pipeline.twin.TwinWeights;

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
    TokenFeatures(TwinWeights weights, int[] tokens, double meanScore) {
        width = weights.config().hiddenSize();
        count = tokens.length * THRESHOLDS.length;
        gain = new float[width];
        Arrays.fill(gain, 1f);
        scores = new float[count * width];
        offsets = new float[count];
        for (int t = 0, row = 0; t < tokens.length; t++) {
            float[] embedding = weights.embed(tokens[t]);
            for (double threshold : THRESHOLDS) {
                System.arraycopy(embedding, 0, scores, row * width, width);
                offsets[row++] = (float) (-threshold * meanScore);
            }
        }
    }

    /** Score of a token in hidden state {@code hidden}: its embedding times LayerNorm(hidden). */
    static double score(float[] hidden, float[] embedding) {
        float[] gain = new float[hidden.length];
        Arrays.fill(gain, 1f);
        return dot(LinkMath.layerNorm(hidden, gain, new float[hidden.length]), embedding, 0);
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

    /** The features of a hidden state [width], followed by the state itself: [count + width]. */
    float[] of(float[] hidden) {
        float[] normalised = LinkMath.layerNorm(hidden, gain, new float[width]);
        float[] features = new float[count + width];
        for (int i = 0; i < count; i++) {
            features[i] = (float) LinkMath.gelu(dot(normalised, scores, i * width) + offsets[i]);
        }
        System.arraycopy(hidden, 0, features, count, width);
        return features;
    }

    private static double dot(float[] x, float[] rows, int at) {
        double sum = 0;
        for (int i = 0; i < x.length; i++) {
            sum += (double) x[i] * rows[at + i];
        }
        return sum;
    }
}
