package org.recursivemas.compiler.gpu;

/** IEEE half precision on a JDK without conversions of its own. */
public final class Half {
    private Half() {
    }

    public static float toFloat(short bits) {
        int sign = (bits & 0x8000) == 0 ? 1 : -1;
        int exponent = bits >> 10 & 31;
        int fraction = bits & 1023;
        if (exponent == 31) {
            return fraction != 0 ? Float.NaN : sign * Float.POSITIVE_INFINITY;
        }
        return sign * (exponent == 0 ? Math.scalb((float) fraction, -24) : Math.scalb((float) (1024 + fraction), exponent - 25));
    }

    /** Nearest half, ties to even. */
    public static short of(float value) {
        int sign = Float.floatToIntBits(value) >>> 16 & 0x8000;
        float magnitude = Math.abs(value);
        if (Float.isNaN(value)) {
            return (short) (sign | 0x7e00);
        }
        if (magnitude >= 65520f) {
            return (short) (sign | 0x7c00);
        }
        int exponent = Math.max(Math.getExponent(magnitude), -14);
        double units = Math.rint(Math.scalb((double) magnitude, 10 - exponent));
        // Below the normal range the exponent field is 0; a carry out of the fraction lands in it by itself.
        return (short) (sign | (exponent + 14 << 10) + (int) units);
    }
}
