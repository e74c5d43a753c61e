package org.recursivemas.together;

import org.recursivemas.engine.EngineException;
import org.recursivemas.links.TensorCodec;

/** How latents are written for the way to another browser. Little-endian, row by row. */
public enum LatentEncoding {
    /** 4 bytes a value, exact. */
    F32("f32"),
    /** IEEE binary16, 2 bytes a value, rounded to nearest; relative error at most 2^-11. */
    F16("f16"),
    /** A row is its scale (4 bytes, f32: largest magnitude / 127) and 1 byte a value: round(value / scale). */
    INT8("int8");

    private final String id;

    LatentEncoding(String id) {
        this.id = id;
    }

    /** Name in options and on the page. */
    public String id() {
        return id;
    }

    /** @throws IllegalArgumentException when there is none of that name */
    public static LatentEncoding of(String id) {
        for (LatentEncoding encoding : values()) {
            if (encoding.id.equals(id)) {
                return encoding;
            }
        }
        throw new IllegalArgumentException("unknown encoding of latents \"" + id + "\"; known are f32, f16 and int8");
    }

    /** Bytes that [rows, width] take. */
    public long bytes(int rows, int width) {
        switch (this) {
            case F32:
                return 4L * rows * width;
            case F16:
                return 2L * rows * width;
            default:
                return (long) rows * (4 + width);
        }
    }

    /**
     * Writes a block.
     *
     * @throws EngineException when a value is not finite, or too large for f16
     */
    public byte[] encode(LatentBlock block) {
        int bad = block.firstNotFinite();
        if (bad >= 0) {
            throw new EngineException("row " + (bad + 1) + " of the message is not finite, so it was not handed over. "
                    + "Use a model in f32 (q0f32, q4f32_1), or check that the links were made for these models");
        }
        byte[] bytes = new byte[(int) bytes(block.rows(), block.width())];
        int at = 0;
        for (int r = 0; r < block.rows(); r++) {
            at = encodeRow(block, r * block.width(), bytes, at);
        }
        return bytes;
    }

    private int encodeRow(LatentBlock block, int from, byte[] bytes, int start) {
        int at = start;
        float[] values = block.values();
        float scale = 0;
        if (this == INT8) {
            for (int i = 0; i < block.width(); i++) {
                scale = Math.max(scale, Math.abs(values[from + i]));
            }
            scale /= 127;
            at = put(bytes, at, Float.floatToIntBits(scale), 4);
        }
        for (int i = 0; i < block.width(); i++) {
            float value = values[from + i];
            if (this == F32) {
                at = put(bytes, at, Float.floatToIntBits(value), 4);
            } else if (this == F16) {
                int half = TensorCodec.floatToHalf(value);
                if ((half & 0x7c00) == 0x7c00) {
                    throw new EngineException("a value of the message is " + value + ", too large for f16. Hand over "
                            + "in f32 or int8");
                }
                at = put(bytes, at, half, 2);
            } else {
                // Values too small for a scale of their own are 0. The quotient can round to just above 127.
                long rounded = scale == 0 ? 0 : Math.round((double) value / scale);
                at = put(bytes, at, (int) Math.max(-127, Math.min(127, rounded)), 1);
            }
        }
        return at;
    }

    private static int put(byte[] bytes, int at, int bits, int count) {
        for (int b = 0; b < count; b++) {
            bytes[at + b] = (byte) (bits >> 8 * b);
        }
        return at + count;
    }

    private static int get(byte[] bytes, int at, int count) {
        int bits = 0;
        for (int b = 0; b < count; b++) {
            bits |= (bytes[at + b] & 0xff) << 8 * b;
        }
        return bits;
    }

    /**
     * Reads a block.
     *
     * @throws IllegalArgumentException when the bytes are none of this shape, or hold NaN or infinity
     */
    public LatentBlock decode(byte[] bytes, int rows, int width) {
        if (rows < 0 || width < 1 || bytes(rows, width) != bytes.length) {
            throw new IllegalArgumentException(bytes.length + " bytes are no " + rows + " rows of " + width + " in "
                    + id);
        }
        float[] values = new float[rows * width];
        int at = 0;
        for (int r = 0; r < rows; r++) {
            float scale = 1;
            if (this == INT8) {
                scale = Float.intBitsToFloat(get(bytes, at, 4));
                at += 4;
            }
            for (int i = r * width; i < (r + 1) * width; i++) {
                if (this == F32) {
                    values[i] = Float.intBitsToFloat(get(bytes, at, 4));
                    at += 4;
                } else if (this == F16) {
                    values[i] = TensorCodec.halfToFloat(get(bytes, at, 2));
                    at += 2;
                } else {
                    values[i] = bytes[at++] * scale;
                }
            }
        }
        LatentBlock block = new LatentBlock(rows, width, values);
        if (block.firstNotFinite() >= 0) {
            throw new IllegalArgumentException("row " + (block.firstNotFinite() + 1) + " is not finite");
        }
        return block;
    }
}
