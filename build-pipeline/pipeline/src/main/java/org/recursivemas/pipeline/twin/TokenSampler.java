package org.recursivemas.pipeline.twin;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Random;
import org.recursivemas.engine.DecodingOptions;

/** Picks the next token: greedy at temperature 0, else nucleus sampling. */
final class TokenSampler {
    private final DecodingOptions options;
    private final Random random;

    TokenSampler(DecodingOptions options) {
        this.options = options;
        this.random = new Random(options.seed());
    }

    /** A token drawn from {@code logits} [vocabulary]. */
    int pick(float[] logits) {
        if (options.temperature() == 0) {
            return Kernels.argmax(logits);
        }
        double max = logits[Kernels.argmax(logits)];
        double[] weights = new double[logits.length];
        double sum = 0;
        for (int i = 0; i < weights.length; i++) {
            weights[i] = Math.exp((logits[i] - max) / options.temperature());
            sum += weights[i];
        }
        Integer[] order = new Integer[weights.length];
        Arrays.setAll(order, i -> i);
        Arrays.sort(order, Comparator.comparingDouble(i -> -weights[i]));
        double kept = 0;
        int count = 0;
        while (count < order.length && (count == 0 || kept < options.topP() * sum)) {
            kept += weights[order[count++]];
        }
        double at = random.nextDouble() * kept;
        for (int i = 0; i < count - 1; i++) {
            at -= weights[order[i]];
            if (at < 0) {
                return order[i];
            }
        }
        return order[count - 1];
    }
}
