package org.recursivemas.models;

/** Bytes and times for people. */
public final class Sizes {
    private static final String[] UNITS = {"B", "kB", "MB", "GB", "TB"};

    private Sizes() {
    }

    /** Bytes with three digits, in powers of 1,000: {@code 512 B}, {@code 7.74 MB}, {@code 278 MB}. */
    public static String of(double bytes) {
        double value = Math.max(0, bytes);
        int unit = 0;
        while (value >= 999.5 && unit < UNITS.length - 1) {
            value /= 1000;
            unit++;
        }
        int decimals = unit == 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
        long scale = decimals == 0 ? 1 : decimals == 1 ? 10 : 100;
        long scaled = Math.round(value * scale);
        String text = Long.toString(scaled / scale);
        if (decimals > 0) {
            String digits = Long.toString(scaled % scale);
            text += "." + "0".repeat(decimals - digits.length()) + digits;
        }
        return text + " " + UNITS[unit];
    }

    /** Seconds: {@code 8 s}, {@code 3 min 20 s}, {@code 2 h 5 min}. */
    public static String time(double seconds) {
        long whole = (long) Math.ceil(seconds);
        if (whole < 60) {
            return whole + " s";
        }
        if (whole < 3600) {
            return whole / 60 + " min" + (whole % 60 == 0 ? "" : " " + whole % 60 + " s");
        }
        return whole / 3600 + " h" + (whole % 3600 / 60 == 0 ? "" : " " + whole % 3600 / 60 + " min");
    }
}
