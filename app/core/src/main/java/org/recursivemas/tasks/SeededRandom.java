package org.recursivemas.tasks;

/**
 * The linear congruential generator that the Java platform documents for {@link java.util.Random}, so that a seed gives
 * the same problems everywhere: TeaVM's own {@code Random} draws other numbers.
 */
public final class SeededRandom {
    private static final long MULTIPLIER = 0x5DEECE66DL;
    private static final long MASK = (1L << 48) - 1;

    private long state;

    public SeededRandom(long seed) {
        state = (seed ^ MULTIPLIER) & MASK;
    }

    /** The upper {@code bits} bits of the next state. */
    private int next(int bits) {
        state = (state * MULTIPLIER + 0xBL) & MASK;
        return (int) (state >>> (48 - bits));
    }

    /** Uniform in 0 to {@code bound} - 1; {@code bound} is at least 1. */
    public int nextInt(int bound) {
        if (bound < 1) {
            throw new IllegalArgumentException("bound must be at least 1, is " + bound);
        }
        int bits = next(31);
        if ((bound & (bound - 1)) == 0) {
            return (int) ((bound * (long) bits) >> 31);
        }
        int value = bits % bound;
        while (bits - value + (bound - 1) < 0) {   // the last, incomplete stretch would favour small values
            bits = next(31);
            value = bits % bound;
        }
        return value;
    }
}
