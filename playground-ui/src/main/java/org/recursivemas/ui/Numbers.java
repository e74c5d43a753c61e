package org.recursivemas.ui;

import org.recursivemas.models.Sizes;

/**
 * Numbers as the page writes them, with the decimal mark of its language. What a program reads (attributes, coordinates, files)
 * has {@link #plain plain} numbers.
 */
public final class Numbers {
    private static String decimalMark = ".";

    private Numbers() {
    }

    /** Writes numbers with another mark from now on. @param mark between ones and tenths: "." in English, "," in German */
    static void use(String mark) {
        decimalMark = mark;
    }

    /** A plain number as the page writes it. */
    public static String shown(String plain) {
        return plain.replace(".", decimalMark);
    }

    /** Bytes with three digits and a unit, see {@link Sizes#of}. */
    public static String bytes(double bytes) {
        return shown(Sizes.of(bytes));
    }

    /** A whole number with thin spaces between groups of three digits from 10,000 on. */
    public static String count(long value) {
        String digits = Long.toString(Math.abs(value));
        StringBuilder text = new StringBuilder();
        int head = digits.length() < 5 ? digits.length() : digits.length() % 3;
        text.append(digits, 0, head);
        for (int i = head; i < digits.length(); i += 3) {
            if (text.length() > 0) {
                text.append('\u2009');
            }
            text.append(digits, i, i + 3);
        }
        return value < 0 ? "\u2212" + text : text.toString();
    }

    /**
     * A number with a fixed count of decimals, rounded half up.
     *
     * @param decimals 0 to 6
     */
    public static String fixed(double value, int decimals) {
        return shown(plain(value, decimals)).replace('-', '\u2212');
    }

    /** The same for programs: with a point, and a hyphen as minus sign. */
    public static String plain(double value, int decimals) {
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            return Double.isNaN(value) ? "not a number" : "infinite";
        }
        long scale = 1;
        for (int i = 0; i < decimals; i++) {
            scale *= 10;
        }
        long scaled = (long) Math.floor(Math.abs(value) * scale + 0.5);
        String sign = value < 0 && scaled != 0 ? "-" : "";
        String whole = sign + scaled / scale;
        if (decimals == 0) {
            return whole;
        }
        String part = Long.toString(scaled % scale);
        return whole + "." + "0".repeat(decimals - part.length()) + part;
    }

    /** Milliseconds as seconds: {@code 0.004}, {@code 0.42}, {@code 4.20}, {@code 42.0}, {@code 420}. */
    public static String seconds(double millis) {
        double seconds = millis / 1000;
        return fixed(seconds, seconds < 0.01 ? 3 : seconds < 10 ? 2 : seconds < 100 ? 1 : 0);
    }

    /** Milliseconds of one stage. */
    public static String millis(double millis) {
        return millis < 10 ? fixed(millis, 1) : count(Math.round(millis));
    }

    /** A share as whole percent, for progress: 100 only when all is done. */
    public static int percent(double fraction) {
        return fraction >= 1 ? 100 : (int) Math.floor(fraction * 100);
    }

    /** The mean, or NaN of no values. */
    public static double mean(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        return sum / values.length;
    }
}
