package org.recursivemas.measure;

/**
 * Wilson's 95 % score interval of a proportion.
 *
 * @param low 0 to 1
 * @param high 0 to 1
 */
public record Wilson(double low, double high) {
    private static final double Z = 1.959963984540054;

    /**
     * @param right 0 to {@code total}
     * @param total at least 1
     */
    public static Wilson of(int right, int total) {
        if (total < 1 || right < 0 || right > total) {
            throw new IllegalArgumentException(right + " of " + total + " is no proportion");
        }
        double p = (double) right / total;
        double z2 = Z * Z;
        double middle = (p + z2 / (2 * total)) / (1 + z2 / total);
        double half = Z * Math.sqrt(p * (1 - p) / total + z2 / (4.0 * total * total)) / (1 + z2 / total);
        return new Wilson(Math.max(0, middle - half), Math.min(1, middle + half));
    }
}
