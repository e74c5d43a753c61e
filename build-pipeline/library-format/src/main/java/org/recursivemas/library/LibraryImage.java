package org.recursivemas.library;

import java.util.ArrayList;
import java.util.List;

/**
 * The binary form of a {@link LibraryPlan}, decoded. Long texts (metadata, shaders) stay where they are in the image
 * and are
 * given as ranges of bytes, so that a runtime in linear memory need not copy them.
 *
 * <p>Layout, all integers 32-bit little-endian:
 * <pre>
 * 0   magic "RMLB"
 * 4   version
 * 8   length of the whole image in bytes
 * 12  CRC-32 (ISO-HDLC) of bytes 16 .. length
 * 16  prefill chunk size
 *     text   metadata
 *     count, then per parameter: text name, dtype code, rank, dimensions
 *     text   the map kernel name -> finfo (JSON), the answer of webgpu.get_fmap
 *     count, then per kernel: text name, offset and length of its finfo within that map, text WGSL
 *     count, then per KV buffer: bytes per position
 *     count, then per scratch buffer: expression of its bytes
 *     count, then per function: text name; count and codes of arguments; count and codes of tensor dtypes;
 *            count of outputs, each: dtype, rank, expressions; result code;
 *            count of variants, each: guard, count of launches, each: kernel, count of operands, each: kind and
 *            index | expression | float bits; grid x; flag 0/1 for grid y; [grid y]
 * </pre>
 * A text is its length in bytes, its ASCII bytes, and a NUL that the length leaves out. An expression is the number
 * of its
 * nodes, then the nodes in postfix order: operator code and, for CONST, DIM and OFFSET, the two fields a and b.
 */
public final class LibraryImage {
    /** "RMLB" as a little-endian integer. */
    public static final int MAGIC = 'R' | 'M' << 8 | 'L' << 16 | 'B' << 24;
    /** The version that this code writes and reads. */
    public static final int VERSION = 1;
    /** Bytes before the checked part. */
    public static final int HEADER_BYTES = 16;

    /** A range of bytes in the image. */
    public static final class Range {
        private final int offset;
        private final int length;

        public Range(int offset, int length) {
            this.offset = offset;
            this.length = length;
        }

        /** First byte, counted from the start of the image. */
        public int offset() {
            return offset;
        }

        public int length() {
            return length;
        }
    }

    /** What the metadata say about one parameter. */
    public static final class Param {
        private final String name;
        private final DType dtype;
        private final int[] shape;

        public Param(String name, DType dtype, int[] shape) {
            this.name = name;
            this.dtype = dtype;
            this.shape = shape.clone();
        }

        public String name() {
            return name;
        }

        public DType dtype() {
            return dtype;
        }

        public int rank() {
            return shape.length;
        }

        public int dim(int index) {
            return shape[index];
        }
    }

    /** A kernel whose texts lie in the image. */
    public static final class KernelText {
        private final String name;
        private final Range finfo;
        private final Range wgsl;

        public KernelText(String name, Range finfo, Range wgsl) {
            this.name = name;
            this.finfo = finfo;
            this.wgsl = wgsl;
        }

        public String name() {
            return name;
        }

        public Range finfo() {
            return finfo;
        }

        public Range wgsl() {
            return wgsl;
        }
    }

    private final ImageBytes bytes;
    private final int prefillChunkSize;
    private final Range metadata;
    private final List<Param> params;
    private final Range kernelMap;
    private final List<KernelText> kernels;
    private final List<Integer> kvBytesPerPosition;
    private final List<Expr> scratchBytes;
    private final List<PlanFunction> functions;

    LibraryImage(ImageBytes bytes, int prefillChunkSize, Range metadata, List<Param> params, Range kernelMap,
            List<KernelText> kernels, List<Integer> kvBytesPerPosition, List<Expr> scratchBytes,
            List<PlanFunction> functions) {
        this.bytes = bytes;
        this.prefillChunkSize = prefillChunkSize;
        this.metadata = metadata;
        this.params = params;
        this.kernelMap = kernelMap;
        this.kernels = kernels;
        this.kvBytesPerPosition = kvBytesPerPosition;
        this.scratchBytes = scratchBytes;
        this.functions = functions;
    }

    /**
     * Decodes an image.
     *
     * @throws ImageException naming what is wrong when the bytes are not a whole, unaltered image of this version
     */
    public static LibraryImage read(ImageBytes bytes) {
        return new ImageReader(bytes).read();
    }

    public int prefillChunkSize() {
        return prefillChunkSize;
    }

    public Range metadata() {
        return metadata;
    }

    public List<Param> params() {
        return params;
    }

    /** The JSON object kernel name to finfo. */
    public Range kernelMap() {
        return kernelMap;
    }

    public List<KernelText> kernels() {
        return kernels;
    }

    public List<Integer> kvBytesPerPosition() {
        return kvBytesPerPosition;
    }

    public List<Expr> scratchBytes() {
        return scratchBytes;
    }

    public List<PlanFunction> functions() {
        return functions;
    }

    /** The text of a range. */
    public String text(Range range) {
        char[] chars = new char[range.length()];
        for (int i = 0; i < chars.length; ++i) {
            chars[i] = (char) bytes.byteAt(range.offset() + i);
        }
        return new String(chars);
    }

    /** The plan that was written. */
    public LibraryPlan toPlan() {
        List<String> names = new ArrayList<>();
        for (Param param : params) {
            names.add(param.name());
        }
        List<LibraryPlan.Kernel> texts = new ArrayList<>();
        for (KernelText kernel : kernels) {
            texts.add(new LibraryPlan.Kernel(kernel.name(), text(kernel.finfo()), text(kernel.wgsl())));
        }
        return new LibraryPlan(text(metadata), prefillChunkSize, names, texts, kvBytesPerPosition, scratchBytes,
                functions);
    }
}
