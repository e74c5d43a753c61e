package org.recursivemas.pipeline.convert;

import java.util.Locale;

/**
 * The worst difference between a checkpoint's values and what a loader gets back for them.
 *
 * @param tensor  where it occurred: a parameter name, for quantized matrices that of the packed weights
 * @param worst   largest absolute difference
 * @param largest largest absolute value of that tensor in the checkpoint
 */
public record RoundingError(String tensor, float worst, float largest) {
    /** The one with the larger absolute difference; the first of equals. */
    static RoundingError worse(RoundingError a, RoundingError b) {
        return a == null || b.worst > a.worst ? b : a;
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%s: %.3g (largest value %.3g)", tensor, worst, largest);
    }
}
