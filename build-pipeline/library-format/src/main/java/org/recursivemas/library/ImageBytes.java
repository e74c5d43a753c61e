package org.recursivemas.library;

/** Where the bytes of an image lie: an array on the JVM, linear memory in WebAssembly. Little-endian. */
public interface ImageBytes {
    /** Number of bytes that may be read. */
    int length();

    /** The byte at {@code offset}, 0..255. The caller has checked the bounds. */
    int byteAt(int offset);

    /**
     * The 32-bit integer that starts at {@code offset}, which need not be aligned. The caller has checked the bounds.
     */
    int intAt(int offset);

    /** Bytes of an array. */
    static ImageBytes of(byte[] bytes) {
        return new ImageBytes() {
            @Override
            public int length() {
                return bytes.length;
            }

            @Override
            public int byteAt(int offset) {
                return bytes[offset] & 0xff;
            }

            @Override
            public int intAt(int offset) {
                return byteAt(offset) | byteAt(offset + 1) << 8 | byteAt(offset + 2) << 16 | byteAt(offset + 3) << 24;
            }
        };
    }
}
