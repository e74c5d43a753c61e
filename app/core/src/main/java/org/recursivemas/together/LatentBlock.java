package org.recursivemas.together;

import java.util.Arrays;

/** Latent vectors on the heap: {@code values} is [rows, width], row-major. Not to be changed. */
public record LatentBlock(int rows, int width, float[] values) {
    public LatentBlock {
        if (rows < 0 || width < 1 || (long) rows * width != values.length) {
            throw new IllegalArgumentException(values.length + " values are no block of " + rows + " rows of " + width);
        }
    }

    /** A block of the given vectors [rows][width]. */
    public static LatentBlock of(float[][] rows, int width) {
        float[] values = new float[rows.length * width];
        for (int r = 0; r < rows.length; r++) {
            System.arraycopy(rows[r], 0, values, r * width, width);
        }
        return new LatentBlock(rows.length, width, values);
    }

    /** The vectors [rows][width]. */
    public float[][] toRows() {
        float[][] result = new float[rows][];
        for (int r = 0; r < rows; r++) {
            result[r] = Arrays.copyOfRange(values, r * width, (r + 1) * width);
        }
        return result;
    }

    /** The first row (0-based) that holds NaN or infinity; -1 when there is none. */
    public int firstNotFinite() {
        for (int i = 0; i < values.length; i++) {
            if (Float.isNaN(values[i]) || Float.isInfinite(values[i])) {
                return i / width;
            }
        }
        return -1;
    }
}
