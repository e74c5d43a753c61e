package org.recursivemas.library;

/** CRC-32 as in zip and PNG, over bytes that need not be an array. */
final class Crc32 {
    private static final int[] TABLE = table();

    private Crc32() {
    }

    private static int[] table() {
        int[] table = new int[256];
        for (int i = 0; i < 256; ++i) {
            int value = i;
            for (int bit = 0; bit < 8; ++bit) {
                value = (value & 1) != 0 ? value >>> 1 ^ 0xedb88320 : value >>> 1;
            }
            table[i] = value;
        }
        return table;
    }

    /** The checksum of bytes {@code from} (inclusive) to {@code to} (exclusive). */
    static int of(ImageBytes bytes, int from, int to) {
        int crc = -1;
        for (int i = from; i < to; ++i) {
            crc = crc >>> 8 ^ TABLE[(crc ^ bytes.byteAt(i)) & 0xff];
        }
        return ~crc;
    }
}
