package org.recursivemas.pipeline.convert;

import static org.recursivemas.compiler.Quantization.GROUP_SIZE;
import static org.recursivemas.compiler.Quantization.VALUES_PER_WORD;
import static org.recursivemas.compiler.Quantization.ZERO_POINT;

import org.recursivemas.library.DType;
import org.recursivemas.pipeline.checkpoint.HalfFloats;

/**
 * Symmetric 4-bit group quantization, {@code q4f32_1} and {@code q4f16_1}: bit for bit MLC's arithmetic. Every
 * operation is rounded to the model type, because MLC computes in it: for float16 that can move a code by one compared
 * with exact arithmetic.
 */
final class GroupQuantizer {
    private static final int MAX_CODE = 2 * ZERO_POINT;
    static final int WORDS_PER_GROUP = GROUP_SIZE / VALUES_PER_WORD;

    private final boolean half;

    /** @param modelType float32 or float16 */
    GroupQuantizer(DType modelType) {
        this.half = modelType == DType.FLOAT16;
    }

    /** The value in the model type. */
    float cast(float value) {
        return half ? HalfFloats.roundToFloat16(value) : value;
    }

    /** The scale of the group of {@code count} (at most 32) values at {@code offset}, which must have been cast. */
    float scale(float[] values, int offset, int count) {
        float largest = 0;
        for (int i = offset; i < offset + count; i++) {
            largest = Math.max(largest, Math.abs(values[i]));
        }
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

    /** The number that matrix kernels compute with: in float32, also where the scale is float16. */
    float dequantize(int code, float scale) {
        return (code - ZERO_POINT) * scale;
    }
}
