package org.recursivemas.bridge.kernels;

/** IEEE 754 binary16 in plain arithmetic. */
public final class Halves {
    private Halves() {
    }

    public static float toFloat(int half) {
        int sign = (half & 0x8000) << 16;
        int exponent = half >> 10 & 31;
        int fraction = half & 1023;
        if (exponent == 31) {
            return Float.intBitsToFloat(sign | 0x7f800000 | fraction << 13);
        }
        if (exponent == 0) {
            float magnitude = fraction * (1f / (1 << 24));
            return sign == 0 ? magnitude : -magnitude;
        }
        return Float.intBitsToFloat(sign | exponent + 112 << 23 | fraction << 13);
    }

    /** Rounded to nearest, ties to even; too large becomes infinite, NaN stays NaN. */
    public static int fromFloat(float value) {
        int bits = Float.floatToIntBits(value);
        int sign = bits >>> 16 & 0x8000;
        int magnitude = bits & 0x7fffffff;
        if (magnitude > 0x7f800000) {
            return sign | 0x7e00;
        }
        if (magnitude >= 0x477ff000) { // 65520 and above
            return sign | 0x7c00;
        }
        if (magnitude >= 0x38800000) { // 2^-14: normal
            int rounded = magnitude + 0xfff + (magnitude >> 13 & 1);
            return sign | rounded - 0x38000000 >> 13;
        }
        // Adding 0.5 leaves the half's subnormal steps (2^-24) as the float's last bits, rounded by the hardware.
        return sign | Float.floatToIntBits(Float.intBitsToFloat(magnitude) + 0.5f) - 0x3f000000;
    }
}
