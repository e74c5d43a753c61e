package org.recursivemas.library.runtime;

/** An element type as DLPack packs it into 32 bits: code, bits, lanes (16 bits). */
final class DataType {
    static final int INT = 0;
    static final int UINT = 1;
    static final int FLOAT = 2;
    static final int FLOAT32 = of(FLOAT, 32);
    static final int INT32 = of(INT, 32);

    private DataType() {
    }

    static int of(int code, int bits) {
        return code | bits << 8 | 1 << 16;
    }

    static int code(int type) {
        return type & 0xff;
    }

    static int bits(int type) {
        return type >>> 8 & 0xff;
    }

    /** Bytes of one element. */
    static int bytes(int type) {
        return (bits(type) * (type >>> 16) + 7) / 8;
    }

    /** The type spelled by {@code length} bytes, e.g. {@code "float16"}. */
    static int parse(int address, int length) {
        int digits = 0;
        while (digits < length && Memory.getByte(address + digits) > '9') {
            ++digits;
        }
        int bits = 0;
        for (int i = digits; i < length; ++i) {
            int digit = Memory.getByte(address + i) - '0';
            bits = digit < 0 || digit > 9 ? 1000 : bits * 10 + digit;
        }
        int first = length == 0 ? 0 : Memory.getByte(address);
        int code = first == 'i' && digits == 3 ? INT : first == 'u' && digits == 4 ? UINT
                : first == 'f' && digits == 5 ? FLOAT : -1;
        if (code < 0 || bits != 8 && bits != 16 && bits != 32 && bits != 64) {
            throw new LibraryException("unknown dtype \"" + Memory.text(address, length) + "\"");
        }
        return of(code, bits);
    }

    static String text(int type) {
        int code = code(type);
        return (code == INT ? "int" : code == UINT ? "uint" : code == FLOAT ? "float" : "code " + code + " x ")
                + bits(type);
    }
}
