package org.recursivemas.compiler.gpu;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.recursivemas.library.DType;

/** A tensor on its way to or from the GPU. */
public record Tensor(DType dtype, int[] shape, byte[] data, int byteOffset) {
    public static Tensor floats(float[] values, int... shape) {
        ByteBuffer buffer = buffer(4 * values.length);
        for (float value : values) {
            buffer.putFloat(value);
        }
        return new Tensor(DType.FLOAT32, shape, buffer.array(), 0);
    }

    public static Tensor ints(int[] values, int... shape) {
        ByteBuffer buffer = buffer(4 * values.length);
        for (int value : values) {
            buffer.putInt(value);
        }
        return new Tensor(DType.INT32, shape, buffer.array(), 0);
    }

    /** The same values, that many bytes into their buffer. */
    public Tensor at(int offset) {
        return new Tensor(dtype, shape, data, offset);
    }

    public float[] toFloats() {
        ByteBuffer buffer = ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN);
        float[] values = new float[data.length / dtype.bytes()];
        for (int i = 0; i < values.length; i++) {
            values[i] = dtype == DType.FLOAT16 ? Half.toFloat(buffer.getShort()) : buffer.getFloat();
        }
        return values;
    }

    public int[] toInts() {
        ByteBuffer buffer = ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN);
        int[] values = new int[data.length / 4];
        for (int i = 0; i < values.length; i++) {
            values[i] = buffer.getInt();
        }
        return values;
    }

    public boolean hasShape(int... expected) {
        return Arrays.equals(shape, expected);
    }

    private static ByteBuffer buffer(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
