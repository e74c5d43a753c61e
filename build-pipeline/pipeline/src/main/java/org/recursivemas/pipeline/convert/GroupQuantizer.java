package org.recursivemas.pipeline.convert;

import static org.recursivemas.compiler.Quantization.GROUP_SIZE;
import static org.recursivemas.compiler.Quantization.VALUES_PER_WORD;
import static org.recursivemas.compiler.Quantization.ZERO_POINT;

import java.util.Arrays;
import org.recursivemas.library.DType;
import org.recursivemas.pipeline.checkpoint.HalfFloats;

/**
 * Symmetric 4-bit group quantization, {@code q4f32_1} and {@code q4f16_1}: bit for bit MLC's arithmetic. Every
 * operation is rounded to the model type, because MLC computes in it: for float16 that can move a code by one compared
 * with exact arithmetic.
 */
final class GroupQuantizer {
    private static final int MAX_CODE = 2 * ZERO_POINT;
    /** From this scale on, a float16 scale is exact enough that quotients stay within 7.02. */
    private static final float SMALLEST_NORMAL = 0x1p-14f;
    /** By code, from 1 on, the largest quotient that gets the one below; found by the single operations. */
    private static final float[] BELOW = new float[MAX_CODE + 2];
    static final int WORDS_PER_GROUP = GROUP_SIZE / VALUES_PER_WORD;

    static {
        BELOW[0] = Float.NEGATIVE_INFINITY;
        BELOW[MAX_CODE + 1] = Float.POSITIVE_INFINITY;
        for (int code = 1; code <= MAX_CODE; code++) {
            float middle = code - 0.5f - ZERO_POINT;
            float below = middle - 0x1p-6f;
            float above = middle + 0x1p-6f;
            while (Math.nextUp(below) < above) {
                float half = below + (above - below) / 2;
                half = half > below && half < above ? half : Math.nextUp(below);
                if (nearestHalf(half) < code) {
                    below = half;
                } else {
                    above = half;
                }
            }
            BELOW[code] = below;
        }
    }

    private final boolean half;

    /** @param modelType float32 or float16 */
    GroupQuantizer(DType modelType) {
        this.half = modelType == DType.FLOAT16;
    }

    /** The value in the model type. */
    float cast(float value) {
        return half ? HalfFloats.roundToFloat16(value) : value;
    }

    /** The scale of a group whose largest magnitude, after the cast, is {@code largest}. */
    float scale(float largest) {
        return cast(largest / ZERO_POINT);
    }

    /** The code (0 to 14) of a cast value. Where the scale is zero every value is, so the code is that of zero. */
    int code(float value, float scale) {
        if (scale == 0) {
            return ZERO_POINT;
        }
        float code = cast(cast(value / scale) + ZERO_POINT);
        return (int) Math.max(0, Math.min(MAX_CODE, Math.rint(code)));
    }

    /**
     * {@link #code} of values[begin .. begin + count), count at most 32, two to a byte from bytes[at] on, the first in the
     * lower half; the rest of a short group's 16 bytes is 0. The same numbers as the single operations give, without
     * branches.
     *
     * @param scale of the group
     */
    void pack(float[] values, int begin, int count, float scale, byte[] bytes, int at) {
        int pairs = count / 2;
        if (scale == 0) {
            Arrays.fill(bytes, at, at + pairs, (byte) (ZERO_POINT | ZERO_POINT << 4));
        } else if (half && scale >= SMALLEST_NORMAL) {
            for (int i = 0; i < pairs; i++) {
                int low = byBounds(values[begin + 2 * i] / scale);
                int high = byBounds(values[begin + 2 * i + 1] / scale);
                bytes[at + i] = (byte) (low | high << 4);
            }
        } else if (half) {
            for (int i = 0; i < pairs; i++) {
                int low = nearestHalf(values[begin + 2 * i] / scale);
                int high = nearestHalf(values[begin + 2 * i + 1] / scale);
                bytes[at + i] = (byte) (low | high << 4);
            }
        } else {
            for (int i = 0; i < pairs; i++) {
                int low = nearest(values[begin + 2 * i] / scale + ZERO_POINT);
                int high = nearest(values[begin + 2 * i + 1] / scale + ZERO_POINT);
                bytes[at + i] = (byte) (low | high << 4);
            }
        }
        if (count < GROUP_SIZE) {
            Arrays.fill(bytes, at + pairs, at + GROUP_SIZE / 2, (byte) 0);
            if (count % 2 == 1) {
                bytes[at + pairs] = (byte) code(values[begin + count - 1], scale);
            }
        }
    }

    /** {@link #nearestHalf} of a quotient of at most 7.02: the nearest bound says which of two codes it is. */
    private static int byBounds(float quotient) {
        int bound = Float.floatToRawIntBits(quotient + (ZERO_POINT + 0.5f) + 12582912f) - 0x4B400000;
        return bound - 1 + (Float.floatToRawIntBits(BELOW[bound] - quotient) >>> 31);
    }

    /** A quotient too small for a normal float16 is rounded too coarsely here; added to 7 it vanishes either way. */
    private static int nearestHalf(float quotient) {
        return nearest(coarse(coarse(quotient) + ZERO_POINT));
    }

    /** Adding 1.5 * 2^23 leaves the nearest integer, ties to even, in the lowest bits. */
    private static int nearest(float code) {
        return Math.max(0, Math.min(MAX_CODE, Float.floatToRawIntBits(code + 12582912f) - 0x4B400000));
    }

    /**
     * No value of a group that {@link #pack} was given differs by more from its dequantized number; infinite where that
     * is not known.
     *
     * @param largest magnitude in the group, after the cast
     * @param scale   of the group
     * @param stored  what a loader reads for it
     */
    float errorBound(float largest, float scale, float stored) {
        if (scale < 0x1p-14f) { // in float16 such a scale itself is coarse
            return Float.POSITIVE_INFINITY;
        }
        // Half a step, the two roundings before it, the scale's own rounding, and that of the cast.
        return 0.52f * scale + 8 * Math.abs(stored - scale) + largest * 0x1p-9f + 0x1p-23f;
    }

    /** Rounded to float16's 11 significant bits, ties to even, as if its exponent had no lower end. */
    private static float coarse(float value) {
        int bits = Float.floatToRawIntBits(value);
        return Float.intBitsToFloat((bits + 0xFFF + ((bits >> 13) & 1)) & 0xFFFFE000);
    }

    /** The number that matrix kernels compute with: in float32, also where the scale is float16. */
    float dequantize(int code, float scale) {
        return (code - ZERO_POINT) * scale;
    }
}
