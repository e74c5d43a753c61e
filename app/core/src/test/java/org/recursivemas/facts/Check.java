package org.recursivemas.facts;

import java.util.Objects;

/** Assertions that need nothing but the language. */
public final class Check {
    private Check() {
    }

    public static void that(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }

    public static void equal(Object expected, Object actual, String what) {
        if (!Objects.equals(expected, actual)) {
            throw new AssertionError(what + ": expected <" + expected + "> but was <" + actual + ">");
        }
    }

    /** Every number within {@code relative} of the expected one, measured against the largest expected magnitude. */
    public static void close(float[][] expected, float[][] actual, double relative, String what) {
        equal(expected.length, actual.length, what + ": rows");
        double scale = 0;
        for (float[] row : expected) {
            for (float value : row) {
                scale = Math.max(scale, Math.abs(value));
            }
        }
        that(scale > 0, what + ": the expected values are all 0, so nothing would be compared");
        for (int r = 0; r < expected.length; r++) {
            equal(expected[r].length, actual[r].length, what + ": width of row " + r);
            for (int c = 0; c < expected[r].length; c++) {
                double difference = Math.abs(expected[r][c] - actual[r][c]);
                if (!(difference <= relative * scale)) {
                    throw new AssertionError(what + " [" + r + "][" + c + "]: expected " + expected[r][c] + " but was "
                            + actual[r][c]);
                }
            }
        }
    }

    /** {@code action} throws a {@code type} whose message holds all of {@code parts}. */
    public static <T extends Throwable> T fails(Class<T> type, Fact action, String... parts) {
        Throwable thrown = null;
        try {
            action.check();
        } catch (Throwable t) {
            thrown = t;
        }
        that(thrown != null, "nothing was thrown; expected " + type.getName());
        if (!type.isInstance(thrown)) {
            throw new AssertionError("expected " + type.getName() + " but got " + thrown, thrown);
        }
        for (String part : parts) {
            that(thrown.getMessage().contains(part), "the message does not hold \"" + part + "\": "
                    + thrown.getMessage());
        }
        return type.cast(thrown);
    }
}
