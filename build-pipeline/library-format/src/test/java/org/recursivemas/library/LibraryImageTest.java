package org.recursivemas.library;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.recursivemas.library.PlanFunction.Argument;
import org.recursivemas.library.PlanFunction.Result;

class LibraryImageTest {
    private static final String FINFO = """
            {"name":"%s","arg_types":[%s],"launch_param_tags":["blockIdx.x"%s,"paramWriteAccess:[%s]"],\
            "arg_extra_tags":[]}""";

    private static LibraryPlan.Kernel kernel(String name, String types, String gridY, String access) {
        return new LibraryPlan.Kernel(name, FINFO.formatted(name, types, gridY, access), "fn " + name + "() {}");
    }

    private static final LibraryPlan.Kernel WIDE = kernel("wide",
            "\"handle\",\"handle\",\"handle\",\"handle\",\"handle\",\"int32\",\"float32\"",
            ",\"blockIdx.y\"", "0,1,1,1,0");
    private static final LibraryPlan.Kernel NARROW = kernel("narrow", "\"handle\"", "", "1");

    private static final Launch WIDE_LAUNCH = new Launch(0, List.of(Operand.argument(0), Operand.output(0),
            Operand.scratch(0), Operand.kv(1), Operand.param(1), Operand.integer(everyOperator()), Operand.real(-0.5f)),
            Expr.dim(0, 1).ceilDividedBy(8), Expr.constant(3));
    private static final Launch NARROW_LAUNCH = new Launch(1, List.of(Operand.output(0)), Expr.capacity(), null);

    /** An expression that contains every operator once. */
    private static Expr everyOperator() {
        Expr expr = Expr.dim(0, 1);
        for (Expr.Op op : Expr.Op.values()) {
            switch (op) {
                case CONST -> expr = expr.plus(-7);
                case DIM -> { }
                case OFFSET -> expr = Expr.binary(Expr.Op.SUB, expr, Expr.offset(0));
                case POSITION -> expr = Expr.binary(Expr.Op.MAX, Expr.position(), expr);
                case CAPACITY -> expr = Expr.binary(Expr.Op.MIN, expr, Expr.capacity());
                default -> expr = Expr.binary(op, expr, Expr.constant(op.ordinal()));
            }
        }
        return expr;
    }

    private static String metadata(String secondDtype) {
        return """
                {"prefill_chunk_size": 32, "params": [{"name": "a", "shape": [2, 3], "dtype": "float32"},
                {"name": "b.q", "shape": [5], "dtype": "%s"}]}""".formatted(secondDtype);
    }

    private static LibraryPlan plan(String metadata, List<LibraryPlan.Kernel> kernels, Launch... launches) {
        PlanFunction function = new PlanFunction("decode", List.of(Argument.TENSOR, Argument.STATE, Argument.PARAMS),
                List.of(DType.FLOAT16), List.of(new PlanFunction.Output(DType.FLOAT32,
                        List.of(Expr.constant(1), Expr.dim(0, 1)))), Result.ARRAY_WITH_STATE,
                List.of(new PlanFunction.Variant(Expr.binary(Expr.Op.LE, Expr.dim(0, 1), Expr.constant(4)),
                        List.of(launches)), new PlanFunction.Variant(Expr.constant(1), List.of())));
        return new LibraryPlan(metadata, 32, List.of("a", "b.q"), kernels, List.of(64, 128),
                List.of(Expr.constant(1024)), List.of(function));
    }

    private static LibraryPlan plan() {
        return plan(metadata("uint32"), List.of(WIDE, NARROW), WIDE_LAUNCH, NARROW_LAUNCH);
    }

    private static String refusal(LibraryPlan plan) {
        return assertThrows(ImageException.class, () -> ImageWriter.write(plan)).getMessage();
    }

    private static String refusal(byte[] image) {
        return assertThrows(ImageException.class, () -> LibraryImage.read(ImageBytes.of(image))).getMessage();
    }

    /** Makes the checksum of an altered image right again. */
    private static byte[] sealed(byte[] image) {
        int crc = Crc32.of(ImageBytes.of(image), LibraryImage.HEADER_BYTES, image.length);
        for (int i = 0; i < 4; ++i) {
            image[12 + i] = (byte) (crc >>> 8 * i);
        }
        return image;
    }

    @Test
    void aPlanSurvivesTheRoundTrip() {
        byte[] image = ImageWriter.write(plan());
        LibraryImage read = LibraryImage.read(ImageBytes.of(image));
        assertArrayEquals(image, ImageWriter.write(read.toPlan()));
        assertEquals(32, read.prefillChunkSize());
        assertEquals(plan().metadataJson(), read.text(read.metadata()));
        assertEquals("b.q", read.params().get(1).name());
        assertEquals(DType.UINT32, read.params().get(1).dtype());
        assertEquals(3, read.params().get(0).dim(1));
        assertEquals(WIDE.wgsl(), read.text(read.kernels().get(0).wgsl()));
        assertEquals(NARROW.finfoJson(), read.text(read.kernels().get(1).finfo()));
        assertEquals("{\"wide\":" + WIDE.finfoJson() + ",\"narrow\":" + NARROW.finfoJson() + "}",
                read.text(read.kernelMap()));
        assertEquals(List.of(64, 128), read.kvBytesPerPosition());
        PlanFunction function = read.functions().get(0);
        assertEquals(List.of(Argument.TENSOR, Argument.STATE, Argument.PARAMS), function.arguments());
        assertEquals(Result.ARRAY_WITH_STATE, function.result());
        Launch launch = function.variants().get(0).launches().get(0);
        assertEquals(-0.5f, launch.operands().get(6).number());
        assertEquals(Expr.Op.CEIL_DIV, launch.gridX().op());
        assertEquals(3, launch.gridY().a());
        assertNull(function.variants().get(0).launches().get(1).gridY());
    }

    @Test
    void equalPlansGiveEqualBytes() {
        assertArrayEquals(ImageWriter.write(plan()), ImageWriter.write(plan()));
    }

    @Test
    void theChecksumIsTheOneOfZip() {
        byte[] check = "123456789".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        assertEquals(0xcbf43926, Crc32.of(ImageBytes.of(check), 0, check.length));
    }

    @Test
    void everyTruncationIsAnErrorThatSaysSo() {
        byte[] image = ImageWriter.write(plan());
        for (int length = 0; length < image.length; ++length) {
            String message = refusal(Arrays.copyOf(image, length));
            assertTrue(message.contains(length < LibraryImage.HEADER_BYTES ? "too short" : "truncated"), message);
        }
    }

    @Test
    void everyTruncationWithARightHeaderNamesThePlace() {
        byte[] image = ImageWriter.write(plan());
        for (int length = LibraryImage.HEADER_BYTES; length < image.length; ++length) {
            byte[] cut = Arrays.copyOf(image, length);
            for (int i = 0; i < 4; ++i) {
                cut[8 + i] = (byte) (length >>> 8 * i);
            }
            String message = refusal(sealed(cut));
            assertTrue(message.matches("(?s)library image: .+ at byte \\d+: .+"), message);
        }
    }

    @Test
    void aChangedByteIsFound() {
        byte[] image = ImageWriter.write(plan());
        image[image.length / 2] ^= 4;
        assertTrue(refusal(image).contains("damaged"));
    }

    @Test
    void anotherVersionIsNamed() {
        byte[] image = ImageWriter.write(plan());
        image[4] = 9;
        assertTrue(refusal(image).contains("version 9"));
    }

    @Test
    void otherBytesAreNotAnImage() {
        assertTrue(refusal(new byte[100]).contains("magic 0x0"));
    }

    @Test
    void metadataThatDisagreeWithThePlanAreRefused() {
        assertTrue(refusal(plan(metadata("uint32").replace("\"a\"", "\"c\""), List.of(WIDE, NARROW), WIDE_LAUNCH))
                .contains("metadata.params[0].name"));
        assertTrue(refusal(plan(metadata("bfloat16"), List.of(WIDE, NARROW), WIDE_LAUNCH)).contains("bfloat16"));
        assertTrue(refusal(plan(metadata("uint32").replace("32,", "64,"), List.of(WIDE, NARROW), WIDE_LAUNCH))
                .contains("prefill_chunk_size"));
    }

    @Test
    void aLaunchThatDoesNotFitItsKernelIsRefused() {
        List<LibraryPlan.Kernel> kernels = List.of(WIDE, NARROW);
        String wrongCount = refusal(plan(metadata("uint32"), kernels,
                new Launch(1, List.of(), Expr.constant(1), null)));
        assertTrue(wrongCount.contains("function decode, variant 0, launch 0 of narrow: 0 operands for the 1"),
                wrongCount);
        String scalar = refusal(plan(metadata("uint32"), kernels,
                new Launch(1, List.of(Operand.integer(Expr.constant(1))), Expr.constant(1), null)));
        assertTrue(scalar.contains("operand 0 is INT, but arg_types says handle"), scalar);
        String grid = refusal(plan(metadata("uint32"), kernels,
                new Launch(1, List.of(Operand.output(0)), Expr.constant(1), Expr.constant(1))));
        assertTrue(grid.contains("blockIdx"), grid);
        String index = refusal(plan(metadata("uint32"), kernels,
                new Launch(1, List.of(Operand.param(2)), Expr.constant(1), null)));
        assertTrue(index.contains("PARAM 2 is not below 2"), index);
    }

    @Test
    void textBeyondAsciiIsRefused() {
        LibraryPlan.Kernel kernel = new LibraryPlan.Kernel("narrow", NARROW.finfoJson(), "// \u00e9");
        assertTrue(refusal(plan(metadata("uint32"), List.of(WIDE, kernel), WIDE_LAUNCH))
                .contains("WGSL of kernel narrow"));
    }
}
