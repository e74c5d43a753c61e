package org.recursivemas.library;

/**
 * Element types that cross the library's border, with their DLPack code and bits. The ordinal is the code in the
 * image.
 */
public enum DType {
    FLOAT32(2, 32, "float32"),
    FLOAT16(2, 16, "float16"),
    INT32(0, 32, "int32"),
    UINT32(1, 32, "uint32"),
    UINT8(1, 8, "uint8");

    private final int code;
    private final int bits;
    private final String text;

    DType(int code, int bits, String text) {
        this.code = code;
        this.bits = bits;
        this.text = text;
    }

    /** DLPack type code: 0 int, 1 uint, 2 float. */
    public int code() {
        return code;
    }

    public int bits() {
        return bits;
    }

    public int bytes() {
        return bits / 8;
    }

    /** The spelling in tensor-cache.json and in the calls of tvmjs. */
    public String text() {
        return text;
    }
}
