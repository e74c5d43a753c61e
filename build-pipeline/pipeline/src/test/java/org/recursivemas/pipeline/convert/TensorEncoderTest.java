package org.recursivemas.pipeline.convert;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.recursivemas.compiler.ParamTable.Param;
import org.recursivemas.compiler.ParamTable.Role;
import org.recursivemas.compiler.ParamTable.Source;
import org.recursivemas.compiler.Quantization;
import org.recursivemas.library.DType;
import org.recursivemas.pipeline.InputException;
import org.recursivemas.pipeline.checkpoint.Checkpoint;
import org.recursivemas.pipeline.checkpoint.ElementType;
import org.recursivemas.pipeline.checkpoint.HalfFloats;
import org.recursivemas.pipeline.checkpoint.SafetensorsWriter;

class TensorEncoderTest {
    /** One group, with a tie at element 14: 0.5 / (1/7) + 7 = 10.5, which becomes 10. */
    private static final float[] GROUP = {
        0.90f, -0.10f, 0.05f, 0.30f, -0.45f, 0.70f, -1.00f, 0.00f, 0.15f, -0.85f, 0.60f, -0.20f, 0.25f, -0.35f, 0.50f,
                -0.65f,
        0.01f, -0.02f, 0.08f, -0.12f, 0.18f, -0.28f, 0.38f, -0.48f, 0.58f, -0.68f, 0.78f, -0.88f, 0.98f, -0.95f, 0.33f,
        -0.07f};
    private static final String WORDS = "6d97c470 186b592a 7768584a 2b1c0e79".replace(" ", "");

    @TempDir
    private Path folder;
    private RoundingError error;

    @Test
    void workedExampleInFloat16HasMlcsBytes() throws IOException {
        Param weight = weight(1, 32, Role.Q_WEIGHT, DType.UINT32);
        assertEquals(WORDS, encode(Quantization.Q4F16_1, weight, false, GROUP));
        assertEquals("9230", encode(Quantization.Q4F16_1, weight(1, 32, Role.Q_SCALE, DType.FLOAT16), false, GROUP));
    }

    @Test
    void workedExampleInFloat32HasMlcsBytes() throws IOException {
        assertEquals(WORDS, encode(Quantization.Q4F32_1, weight(1, 32, Role.Q_WEIGHT, DType.UINT32), false, GROUP));
        Param scale = weight(1, 32, Role.Q_SCALE, DType.FLOAT32);
        assertEquals("2549123e", encode(Quantization.Q4F32_1, scale, false, GROUP));
        assertEquals("123e", encode(Quantization.Q4F32_1, scale, true, GROUP));
    }

    @Test
    void halvesAreRoundedInFloat16AsMlcDoes() throws IOException {
        // The scale is 1. 2.498046875 + 7 lies between the float16 values 9.4921875 and 9.5 and becomes 9.5, which
        // goes to the even 10; exact arithmetic says 9.
        float[] group = new float[32];
        group[0] = 7;
        group[1] = 2.498046875f;
        String half = encode(Quantization.Q4F16_1, weight(1, 32, Role.Q_WEIGHT, DType.UINT32), false, group);
        assertEquals("ae777777" + "77777777".repeat(3), half);
        String single = encode(Quantization.Q4F32_1, weight(1, 32, Role.Q_WEIGHT, DType.UINT32), false, group);
        assertEquals("9e777777" + "77777777".repeat(3), single);
    }

    @Test
    void groupOfZerosHasScaleZeroAndTheCodesOfZero() throws IOException {
        Param weight = weight(1, 32, Role.Q_WEIGHT, DType.UINT32);
        assertEquals("77".repeat(16), encode(Quantization.Q4F32_1, weight, false, new float[32]));
        assertEquals(0, error.worst());
        assertEquals("77".repeat(16), encode(Quantization.Q4F16_1, weight, false, new float[32]));
        assertEquals("00000000",
                encode(Quantization.Q4F32_1, weight(1, 32, Role.Q_SCALE, DType.FLOAT32), false, new float[32]));
    }

    @Test
    void groupTooSmallForAFloat16ScaleBecomesZeros() throws IOException {
        float[] group = new float[32];
        group[3] = 0x1p-23f;
        assertEquals("77".repeat(16),
                encode(Quantization.Q4F16_1, weight(1, 32, Role.Q_WEIGHT, DType.UINT32), false, group));
        assertEquals(new RoundingError("w", 0x1p-23f, 0x1p-23f), error);
        assertEquals("0000", encode(Quantization.Q4F16_1, weight(1, 32, Role.Q_SCALE, DType.FLOAT16), false, group));
    }

    @Test
    void shortLastGroupIsPaddedWithZeroNibbles() throws IOException {
        float[] rows = {1, -1, 0.5f, 2, -2, 2};                      // [2, 3]
        String bytes = encode(Quantization.Q4F32_1, weight(2, 3, Role.Q_WEIGHT, DType.UINT32), false, rows);
        // 0.5 / (1/7) + 7 = 10.5 goes to the even 10; nibbles of the first byte: 14 and 0, then 10.
        assertEquals("0e0a0000" + "00".repeat(12) + "0e0e0000" + "00".repeat(12), bytes);
    }

    @Test
    void concatenatedSourcesEncodeLikeTheirRowsOneAfterAnother() throws IOException {
        new SafetensorsWriter().add("a", ElementType.F32, new float[] {1, 2}, 1, 2).add("b", ElementType.F32,
                new float[] {3, 4, 5, 6}, 2, 2).write(folder.resolve("model.safetensors"));
        List<Source> sources = List.of(new Source("a", List.of(1, 2)), new Source("b", List.of(2, 2)));
        Param param = new Param("ab", DType.FLOAT16, List.of(3, 2), Role.PLAIN, List.of(3, 2), sources, 0);
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            assertEquals("003c00400042004400450046", encode(checkpoint, Quantization.Q0F16, param, false));
        }
    }

    @Test
    void worstErrorIsThatOfTheStoredBytes() throws IOException {
        float[] values = {1, Float.intBitsToFloat(0x3F808000), -3};
        Param param = new Param("v", DType.FLOAT32, List.of(3), Role.PLAIN, List.of(3), List.of(new Source("w",
                List.of(3))), 0);
        write(values, 3);
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            assertEquals("0000803f0080803f000040c0", encode(checkpoint, Quantization.Q0F32, param, false));
            assertEquals(new RoundingError("v", 0, 3), error);
            assertEquals("803f803f40c0", encode(checkpoint, Quantization.Q0F32, param, true));
            assertEquals(new RoundingError("v", 0x1p-8f, 3), error);
            try (TensorEncoder encoder = new TensorEncoder(checkpoint, Quantization.Q0F32)) {
                assertFalse(encoder.fitsBfloat16(param));
            }
        }
    }

    @Test
    void quantizationErrorCountsARoundedScale() throws IOException {
        Param weight = weight(1, 32, Role.Q_WEIGHT, DType.UINT32);
        encode(Quantization.Q4F32_1, weight, false, GROUP);
        float exactScale = error.worst();
        assertTrue(exactScale <= 1 / 14f && exactScale > 0.06f, () -> "worst " + exactScale);
        encode(Quantization.Q4F32_1, weight, true, GROUP);
        float roundedScale = error.worst();
        // Element 14, 0.5, was rounded down to 3 scales; the smaller scale moves it further away.
        assertEquals(0.5f - 3 * 0.142578125f, roundedScale, 1e-7f);
    }

    @Test
    void valueBeyondFloat16IsRefusedWithItsPlace() throws IOException {
        float[] values = GROUP.clone();
        values[5] = 65520;
        for (Role role : Role.values()) {
            Param param = weight(1, 32, role, DType.FLOAT16);
            Quantization scheme = role == Role.PLAIN ? Quantization.Q0F16 : Quantization.Q4F16_1;
            String message = assertThrows(InputException.class, () -> encode(scheme, param, false,
                    values)).getMessage();
            assertTrue(message.contains("model.safetensors, tensor w, element 5: 65520.0 is beyond float16"), message);
            assertTrue(message.contains("q4f32_1"), message);
        }
        values[5] = 65519;
        encode(Quantization.Q0F16, weight(1, 32, Role.PLAIN, DType.FLOAT16), false, values);
        assertEquals(15, error.worst());
    }

    @Test
    void valueThatIsNotFiniteIsRefusedWithItsPlace() throws IOException {
        float[] values = GROUP.clone();
        for (float bad : new float[] {Float.NaN, Float.NEGATIVE_INFINITY}) {
            values[31] = bad;
            String message = assertThrows(InputException.class, () -> encode(Quantization.Q0F32,
                    weight(1, 32, Role.PLAIN, DType.FLOAT32), false, values)).getMessage();
            assertTrue(message.contains("tensor w, element 31: the value is " + bad), message);
        }
    }

    @Test
    void longRowsAreEncodedInBlocksWithoutSeams() throws IOException {
        int columns = 200_000;                                       // one row is most of a block
        float[] values = new float[3 * columns];
        for (int i = 0; i < values.length; i++) {
            values[i] = (i * 37 % 101 - 50) / 64f;
        }
        byte[] all = HexFormat.of().parseHex(encode(Quantization.Q4F32_1, weight(3, columns, Role.Q_WEIGHT,
                DType.UINT32),
                false, values));
        for (int row = 0; row < 3; row++) {
            float[] alone = Arrays.copyOfRange(values, row * columns, (row + 1) * columns);
            byte[] expected = HexFormat.of().parseHex(encode(Quantization.Q4F32_1,
                    weight(1, columns, Role.Q_WEIGHT, DType.UINT32), false, alone));
            assertArrayEquals(expected,
                    Arrays.copyOfRange(all, row * expected.length, (row + 1) * expected.length));
        }
    }

    @Test
    void packedCodesAreThoseOfTheSingleOperations() {
        Random random = new Random(4);
        for (DType type : new DType[] {DType.FLOAT16, DType.FLOAT32}) {
            GroupQuantizer quantizer = new GroupQuantizer(type);
            for (int trial = 0; trial < 20_000; trial++) {
                float[] values = new float[40];
                float size = (float) Math.pow(2, random.nextInt(34) - 26);
                for (int i = 0; i < values.length; i++) {
                    // Multiples of a fourteenth make ties; the rest is anything, down to float16's subnormals.
                    float value = trial % 3 == 0 ? (random.nextInt(29) - 14) / 14f * size : (float) random.nextGaussian() * size;
                    values[i] = quantizer.cast(random.nextInt(9) == 0 ? value * 1e-4f : value);
                }
                int begin = random.nextInt(8);
                int count = trial % 5 == 0 ? 1 + random.nextInt(32) : 32;
                float largest = 0;
                for (int i = begin; i < begin + count; i++) {
                    largest = Math.max(largest, Math.abs(values[i]));
                }
                float scale = quantizer.scale(largest);
                byte[] bytes = new byte[20];
                quantizer.pack(values, begin, count, scale, bytes, 4);
                for (int i = 0; i < 32; i++) {
                    int expected = i < count ? quantizer.code(values[begin + i], scale) : 0;
                    assertEquals(expected, bytes[4 + i / 2] >> (i % 2 * 4) & 0xF, type + ", trial " + trial + ", " + i);
                    float error = i < count ? Math.abs(values[begin + i] - quantizer.dequantize(expected, scale)) : 0;
                    assertTrue(error <= quantizer.errorBound(largest, scale, scale), type + ", trial " + trial);
                }
            }
        }
    }

    @Test
    void quotientsNextToTheBoundsOfACodeGetTheCodeOfTheSingleOperations() {
        GroupQuantizer quantizer = new GroupQuantizer(DType.FLOAT16);
        float[] values = new float[32];
        byte[] bytes = new byte[16];
        for (int code = 1; code <= 14; code++) {
            float start = code - 7.5f - 0x1p-7f;
            for (int step = 0; step < 1 << 13; step += 32) {
                for (int i = 0; i < 32; i++) {
                    values[i] = start + (step + i) * 0x1p-19f;
                }
                quantizer.pack(values, 0, 32, 1, bytes, 0);
                for (int i = 0; i < 32; i++) {
                    assertEquals(quantizer.code(values[i], 1), bytes[i / 2] >> (i % 2 * 4) & 0xF, "quotient " + values[i]);
                }
            }
        }
    }

    /** Bfloat16 sources have a way of their own through the encoder; float32 ones with the same values go the general one. */
    @Test
    void sourcesOfBothTypesGiveTheSameBytesAndErrors() throws IOException {
        float[] values = new float[3 * 70];
        Random random = new Random(6);
        for (int i = 0; i < values.length; i++) {
            float value = (float) (random.nextGaussian() * Math.pow(2, random.nextInt(30) - 27));
            values[i] = HalfFloats.fromBfloat16(HalfFloats.toBfloat16(value));
        }
        values[5] = 0x1p-14f;
        values[6] = -0x1.FCp-15f;
        values[7] = 65280;
        values[8] = -0f;
        for (Quantization scheme : Quantization.values()) {
            boolean quantized = scheme.quantized();
            for (Role role : quantized ? List.of(Role.Q_WEIGHT, Role.Q_SCALE) : List.of(Role.PLAIN)) {
                for (boolean bfloat16 : scheme.modelType() == DType.FLOAT32 ? new boolean[] {false, true} : new boolean[1]) {
                    Param param = weight(3, 70, role, scheme.modelType());
                    String general = encode(scheme, param, bfloat16, values);
                    RoundingError generalError = error;
                    new SafetensorsWriter().add("w", ElementType.BF16, values, 3, 70)
                            .write(folder.resolve("model.safetensors"));
                    try (Checkpoint checkpoint = Checkpoint.open(folder)) {
                        assertEquals(general, encode(checkpoint, scheme, param, bfloat16), scheme + " " + role);
                    }
                    assertEquals(generalError, error, scheme + " " + role);
                    assertTrue(role == Role.Q_SCALE || error.largest() == 65280, error.toString());
                }
            }
        }
    }

    @Test
    void unusableBfloat16IsRefusedWithItsPlace() throws IOException {
        float[] values = new float[32];
        for (float bad : new float[] {65536, Float.NaN, Float.POSITIVE_INFINITY}) {
            values[9] = bad;
            new SafetensorsWriter().add("w", ElementType.BF16, values, 1, 32).write(folder.resolve("model.safetensors"));
            try (Checkpoint checkpoint = Checkpoint.open(folder)) {
                String message = assertThrows(InputException.class, () -> encode(checkpoint, Quantization.Q4F16_1,
                        weight(1, 32, Role.Q_WEIGHT, DType.UINT32), false)).getMessage();
                assertTrue(message.contains("tensor w, element 9") && message.contains("" + bad), message);
            }
        }
    }

    private static Param weight(int rows, int columns, Role role, DType type) {
        return new Param("w", type, List.of(), role, List.of(rows, columns), List.of(new Source("w", List.of(rows,
                columns))), 0);
    }

    private String encode(Quantization quantization, Param param, boolean bfloat16, float[] values) throws IOException {
        write(values, param.logicalShape().stream().mapToLong(Integer::longValue).toArray());
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            return encode(checkpoint, quantization, param, bfloat16);
        }
    }

    private String encode(Checkpoint checkpoint, Quantization quantization, Param param, boolean bfloat16) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (TensorEncoder encoder = new TensorEncoder(checkpoint, quantization)) {
            if (param.role() == Role.Q_SCALE) { // scales are found with the weights
                encoder.encode(new Param(param.name(), DType.UINT32, List.of(), Role.Q_WEIGHT, param.logicalShape(),
                        param.sources(), 0), bfloat16, (bytes, count) -> { });
            }
            error = encoder.encode(param, bfloat16, (bytes, count) -> out.write(bytes, 0, count));
        }
        return HexFormat.of().formatHex(out.toByteArray());
    }

    private void write(float[] values, long... shape) throws IOException {
        new SafetensorsWriter().add("w", ElementType.F32, values, shape).write(folder.resolve("model.safetensors"));
    }
}
