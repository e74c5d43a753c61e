package org.recursivemas.links;

import java.util.Arrays;
import java.util.Base64;
import org.recursivemas.data.TensorData;
import org.recursivemas.engine.EngineException;

/** {@link TensorData} to float arrays and back. Row-major, little-endian, standard padded base64. */
public final class TensorCodec {
    private TensorCodec() {
    }

    /** A tensor of dtype {@code "f32"}; {@code values.length} must be the product of {@code shape}. */
    public static TensorData encode(float[] values, int... shape) {
        if (product(shape) != values.length) {
            throw new IllegalArgumentException(
                    values.length + " values do not fill a tensor of shape " + Arrays.toString(shape));
        }
        byte[] bytes = new byte[values.length * 4];
        for (int i = 0, p = 0; i < values.length; i++) {
            int bits = Float.floatToIntBits(values[i]);
            bytes[p++] = (byte) bits;
            bytes[p++] = (byte) (bits >> 8);
            bytes[p++] = (byte) (bits >> 16);
            bytes[p++] = (byte) (bits >> 24);
        }
        TensorData tensor = new TensorData();
        tensor.shape = shape.clone();
        tensor.dtype = "f32";
        tensor.data = Base64.getEncoder().encodeToString(bytes);
        return tensor;
    }

    /**
     * The values of {@code tensor}, which must have exactly the shape {@code expectedShape} and hold finite values
     * only.
     *
     * @param where what to call this tensor in an error, e.g. {@code link "planner", tensor "proj1.weight"}
     * @throws EngineException when a field is missing or wrong, naming {@code where} and the field
     */
    public static float[] decode(TensorData tensor, String where, int... expectedShape) {
        if (tensor == null) {
            throw bad(where, "is null; give it the fields shape, dtype and data");
        }
        if (tensor.shape == null || !Arrays.equals(tensor.shape, expectedShape)) {
            throw bad(where, "field \"shape\" is " + Arrays.toString(tensor.shape) + " but must be "
                    + Arrays.toString(expectedShape) + " for the widths that the link states");
        }
        int valueBytes = valueBytes(tensor.dtype, where);
        if (tensor.data == null) {
            throw bad(where, "field \"data\" is missing");
        }
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(tensor.data);
        } catch (IllegalArgumentException e) {
            throw new EngineException(where + ": field \"data\" is not standard base64 (" + e.getMessage()
                    + "); export the link file again", e);
        }
        int count = product(expectedShape);
        if (bytes.length != count * valueBytes) {
            throw bad(where, "field \"data\" holds " + bytes.length + " bytes but " + count + " values of dtype "
                    + tensor.dtype + " take " + count * valueBytes + "; the file is cut off or damaged");
        }
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = value(tensor.dtype, bytes, i * valueBytes);
            if (Float.isNaN(values[i]) || Float.isInfinite(values[i])) {
                throw bad(where, "value " + i + " is " + values[i] + "; a link must hold finite values only");
            }
        }
        return values;
    }

    private static int valueBytes(String dtype, String where) {
        if ("f32".equals(dtype)) {
            return 4;
        }
        if ("f16".equals(dtype) || "bf16".equals(dtype)) {
            return 2;
        }
        throw bad(where, "field \"dtype\" is " + (dtype == null ? "missing" : "\"" + dtype + "\"")
                + "; known are f32, f16 and bf16");
    }

    private static float value(String dtype, byte[] bytes, int at) {
        int low = bytes[at] & 0xff | (bytes[at + 1] & 0xff) << 8;
        if ("f16".equals(dtype)) {
            return halfToFloat(low);
        }
        if ("bf16".equals(dtype)) {
            return Float.intBitsToFloat(low << 16);
        }
        return Float.intBitsToFloat(low | (bytes[at + 2] & 0xff) << 16 | (bytes[at + 3] & 0xff) << 24);
    }

    /** IEEE binary16 bits (low 16 bits of {@code half}) to float, exactly. */
    static float halfToFloat(int half) {
        int sign = (half & 0x8000) << 16;
        int exponent = half >> 10 & 0x1f;
        int mantissa = half & 0x3ff;
        if (exponent == 0) {
            float magnitude = mantissa / 16777216f; // subnormal: mantissa * 2^-24
            return sign == 0 ? magnitude : -magnitude;
        }
        if (exponent == 31) {
            return Float.intBitsToFloat(sign | 0x7f800000 | mantissa << 13);
        }
        return Float.intBitsToFloat(sign | exponent + 112 << 23 | mantissa << 13);
    }

    private static int product(int[] shape) {
        int product = 1;
        for (int n : shape) {
            product *= n;
        }
        return product;
    }

    private static EngineException bad(String where, String what) {
        return new EngineException(where + ": " + what);
    }
}
