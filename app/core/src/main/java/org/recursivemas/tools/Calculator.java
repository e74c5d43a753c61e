package org.recursivemas.tools;

/**
 * Works out {@code + - * /} with parentheses and signs, exactly: values are fractions of 64-bit numbers. A result that is
 * not whole is written as a fraction ({@code 7/2}).
 *
 * <p>Grammar: {@code sum = product {("+" | "-") product}; product = factor {("*" | "/") factor};
 * factor = ["-"] (number | "(" sum ")")}; numbers may have a decimal point.
 */
public final class Calculator implements Tool {
    private static final int MOST_CHARS = 200;
    private static final int MOST_DEPTH = 50;

    private final String name;

    /** @param name of the tags */
    public Calculator(String name) {
        this.name = name;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String run(String input) {
        if (input.isBlank()) {
            throw new ToolException("nothing to work out");
        }
        if (input.length() > MOST_CHARS) {
            throw new ToolException("longer than " + MOST_CHARS + " characters");
        }
        try {
            return new Reader(input).all().toString();
        } catch (ArithmeticException e) {
            throw new ToolException("a value is too large");
        }
    }

    /** An exact value: {@code top / bottom} in lowest terms, bottom above 0. */
    private static final class Fraction {
        final long top;
        final long bottom;

        Fraction(long top, long bottom) {
            long divisor = gcd(top, bottom);
            if (bottom < 0) {
                divisor = Math.negateExact(divisor);
            }
            this.top = top / divisor;
            this.bottom = bottom / divisor;
        }

        private static long gcd(long a, long b) {
            long x = a < 0 ? Math.negateExact(a) : a;
            long y = b < 0 ? Math.negateExact(b) : b;
            while (y != 0) {
                long rest = x % y;
                x = y;
                y = rest;
            }
            return x;
        }

        Fraction plus(Fraction other, int sign) {
            long right = Math.multiplyExact(Math.multiplyExact(other.top, bottom), (long) sign);
            return new Fraction(Math.addExact(Math.multiplyExact(top, other.bottom), right),
                    Math.multiplyExact(bottom, other.bottom));
        }

        Fraction times(Fraction other) {
            return new Fraction(Math.multiplyExact(top, other.top), Math.multiplyExact(bottom, other.bottom));
        }

        Fraction over(Fraction other) {
            if (other.top == 0) {
                throw new ToolException("division by zero");
            }
            return new Fraction(Math.multiplyExact(top, other.bottom), Math.multiplyExact(bottom, other.top));
        }

        @Override
        public String toString() {
            return bottom == 1 ? Long.toString(top) : top + "/" + bottom;
        }
    }

    private static final class Reader {
        private final String text;
        private int at;
        private int depth;

        Reader(String text) {
            this.text = text;
        }

        Fraction all() {
            Fraction value = sum();
            if (peek() != 0) {
                throw unexpected();
            }
            return value;
        }

        private Fraction sum() {
            Fraction value = product();
            while (peek() == '+' || peek() == '-') {
                int sign = text.charAt(at++) == '+' ? 1 : -1;
                value = value.plus(product(), sign);
            }
            return value;
        }

        private Fraction product() {
            Fraction value = factor();
            while (peek() == '*' || peek() == '/') {
                boolean times = text.charAt(at++) == '*';
                Fraction right = factor();
                value = times ? value.times(right) : value.over(right);
            }
            return value;
        }

        private Fraction factor() {
            boolean minus = peek() == '-';
            if (minus) {
                at++;
            }
            Fraction value = peek() == '(' ? inside() : number();
            return minus ? new Fraction(Math.negateExact(value.top), value.bottom) : value;
        }

        private Fraction inside() {
            if (++depth > MOST_DEPTH) {
                throw new ToolException("more than " + MOST_DEPTH + " parentheses inside each other");
            }
            at++;
            Fraction value = sum();
            if (peek() != ')') {
                throw peek() == 0 ? new ToolException("a parenthesis is not closed") : unexpected();
            }
            at++;
            depth--;
            return value;
        }

        private Fraction number() {
            if (!isDigit(peek())) {
                throw unexpected();
            }
            long value = 0;
            long scale = 1;
            boolean behindPoint = false;
            while (at < text.length() && (isDigit(text.charAt(at)) || text.charAt(at) == '.' && !behindPoint)) {
                char c = text.charAt(at++);
                if (c == '.') {
                    behindPoint = true;
                    continue;
                }
                value = Math.addExact(Math.multiplyExact(value, 10L), (long) (c - '0'));
                scale = behindPoint ? Math.multiplyExact(scale, 10L) : scale;
            }
            if (text.charAt(at - 1) == '.') {
                throw new ToolException("digits are missing after the point at character " + at);
            }
            return new Fraction(value, scale);
        }

        /** The next character that is not a blank; 0 at the end. */
        private char peek() {
            while (at < text.length() && text.charAt(at) == ' ') {
                at++;
            }
            return at < text.length() ? text.charAt(at) : 0;
        }

        private ToolException unexpected() {
            char c = peek();
            return new ToolException(c == 0 ? "the end comes too soon" : "\"" + c + "\" at character " + (at + 1)
                    + " does not fit");
        }

        private static boolean isDigit(char c) {
            return c >= '0' && c <= '9';
        }
    }
}
