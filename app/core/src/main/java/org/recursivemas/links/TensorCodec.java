package org.recursivemas.links;

import java.util.Arrays;
import java.util.Base64;
import org.recursivemas.data.TensorData;
import org.recursivemas.engine.EngineException;

/** {@link TensorData} to float arrays and back. Row-major, little-endian, standard padded base64. */
public final class TensorCodec {
    /** Largest tensor: the widest links have a few hundred megabytes in all. */
    private static final long MAX_BYTES = 1L << 30;

    private TensorCodec() {
    }

    /**
     * A tensor with its values in it; {@code values.length} must be the product of {@code shape}.
     *
     * @param dtype {@code "f32"}, {@code "f16"} or {@code "bf16"}; values are rounded to nearest, ties to even
     */
    public static TensorData encode(float[] values, String dtype, int... shape) {
        TensorData tensor = new TensorData();
        tensor.shape = shape.clone();
        tensor.dtype = dtype;
        tensor.data = Base64.getEncoder().encodeToString(bytes(values, dtype, shape));
        return tensor;
    }

    /** The stored form of {@code values}: see {@link #encode}. */
    public static byte[] bytes(float[] values, String dtype, int... shape) {
        if (elements(shape) != values.length) {
            throw new IllegalArgumentException(
                    values.length + " values do not fill a tensor of shape " + Arrays.toString(shape));
        }
        int each = valueBytes(dtype, "a tensor to be written");
        byte[] bytes = new byte[values.length * each];
        for (int i = 0, p = 0; i < values.length; i++) {
            int bits = each == 4 ? Float.floatToIntBits(values[i])
                    : "f16".equals(dtype) ? floatToHalf(values[i]) : floatToBrain(values[i]);
            for (int b = 0; b < each; b++) {
                bytes[p++] = (byte) (bits >> 8 * b);
            }
        }
        return bytes;
    }

    /** Bytes that the values of a tensor with these shape and dtype take. */
    static long size(TensorData tensor, String where) {
        return elements(tensor.shape) * valueBytes(tensor.dtype, where);
    }

    /**
     * The stored values of {@code tensor}, which must have exactly the shape {@code expectedShape}.
     *
     * @param where what to call this tensor in an error, e.g. {@code link "planner", tensor "proj1.weight"}
     * @throws EngineException when a field is missing or wrong, naming {@code where} and the field
     */
    static Stored stored(TensorData tensor, String where, int... expectedShape) {
        if (tensor == null) {
            throw bad(where, "is null; give it the fields shape, dtype and data");
        }
        if (tensor.shape == null || !Arrays.equals(tensor.shape, expectedShape)) {
            throw bad(where, "field \"shape\" is " + Arrays.toString(tensor.shape) + " but must be "
                    + Arrays.toString(expectedShape) + " for the widths that the link states");
        }
        long size = elements(expectedShape) * valueBytes(tensor.dtype, where);
        if (size > MAX_BYTES) {
            throw bad(where, "field \"shape\" is " + Arrays.toString(tensor.shape) + ", which takes " + size
                    + " bytes; a tensor of a link has at most " + MAX_BYTES);
        }
        if (tensor.attached() != null) {
            return beside(tensor, (int) size, where);
        }
        if (tensor.data == null) {
            throw bad(where, tensor.offset == null ? "field \"data\" is missing"
                    : "field \"offset\" leads into a file beside the link file, which has not been read");
        }
        if (tensor.data.length() != (size + 2) / 3 * 4) {
            throw bad(where, "field \"data\" holds " + tensor.data.length() + " characters of base64 but "
                    + elements(expectedShape) + " values of dtype " + tensor.dtype + " take " + (size + 2) / 3 * 4
                    + "; the file is cut off or damaged");
        }
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(tensor.data);
        } catch (IllegalArgumentException e) {
            throw new EngineException(where + ": field \"data\" is not standard base64 (" + e.getMessage()
                    + "); export the link file again", e);
        }
        if (bytes.length != size) {
            throw bad(where, "field \"data\" holds " + bytes.length + " bytes but " + elements(expectedShape)
                    + " values of dtype " + tensor.dtype + " take " + size + "; the file is cut off or damaged");
        }
        return new Stored(bytes, 0, bytes.length, tensor.dtype);
    }

    private static Stored beside(TensorData tensor, int size, String where) {
        int length = tensor.attached().length;
        if (tensor.offset == null || tensor.offset < 0 || tensor.offset > length - size) {
            throw bad(where, "field \"offset\" is " + tensor.offset + ", but its " + size
                    + " bytes must lie within the weights file of " + length + " bytes");
        }
        return new Stored(tensor.attached(), tensor.offset, size, tensor.dtype);
    }

    /**
     * The values of {@code tensor}, which must have exactly the shape {@code expectedShape} and hold finite values
     * only.
     *
     * @param where what to call this tensor in an error, e.g. {@code link "planner", tensor "proj1.weight"}
     * @throws EngineException when a field is missing or wrong, naming {@code where} and the field
     */
    public static float[] decode(TensorData tensor, String where, int... expectedShape) {
        return decode(stored(tensor, where, expectedShape), where);
    }

    static float[] decode(Stored stored, String where) {
        int each = valueBytes(stored.dtype(), where);
        float[] values = new float[stored.size() / each];
        for (int i = 0; i < values.length; i++) {
            values[i] = value(stored.dtype(), stored.bytes(), stored.at() + i * each);
            if (Float.isNaN(values[i]) || Float.isInfinite(values[i])) {
                throw bad(where, "value " + i + " is " + values[i] + "; a link must hold finite values only");
            }
        }
        return values;
    }

    /** Values as they are stored: {@code size} bytes of {@code bytes} from {@code at} on. */
    record Stored(byte[] bytes, int at, int size, String dtype) {
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
    public static float halfToFloat(int half) {
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

    /** Nearest binary16, ties to even; what is too large becomes infinite. */
    public static int floatToHalf(float value) {
        int bits = Float.floatToIntBits(value);
        int sign = bits >>> 16 & 0x8000;
        int magnitude = bits & 0x7fffffff;
        if (magnitude >= 0x7f800000) {
            return sign | 0x7c00 | (magnitude > 0x7f800000 ? 0x200 : 0);
        }
        if (magnitude >= 0x477ff000) { // 65520 and above round to infinity
            return sign | 0x7c00;
        }
        if (magnitude < 0x38800000) { // below 2^-14: in units of 2^-24, which a double holds exactly
            return sign | (int) Math.rint(Float.intBitsToFloat(magnitude) * 16777216.0);
        }
        int odd = magnitude >> 13 & 1;
        return sign | magnitude - 0x38000000 + 0xfff + odd >> 13;
    }

    /** Nearest bfloat16, ties to even. */
    static int floatToBrain(float value) {
        int bits = Float.floatToIntBits(value);
        if (Float.isNaN(value)) {
            return bits >>> 16 | 0x40;
        }
        return bits + 0x7fff + (bits >>> 16 & 1) >>> 16;
    }

    private static long elements(int[] shape) {
        long elements = 1;
        for (int n : shape) {
            elements *= n; // two widths of at most 65,536, so it cannot overflow
        }
        return elements;
    }

    private static EngineException bad(String where, String what) {
        return new EngineException(where + ": " + what);
    }
}
