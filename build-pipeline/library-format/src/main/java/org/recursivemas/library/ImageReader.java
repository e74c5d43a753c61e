package org.recursivemas.library;

import java.util.ArrayList;
import java.util.List;

/** Decodes an image from its start to its end. Every error names the place in the plan and the offset. */
final class ImageReader {
    private final ImageBytes bytes;
    private int offset;
    private int end;
    /** The thing being read, for error messages. */
    private String what = "header";

    ImageReader(ImageBytes bytes) {
        this.bytes = bytes;
    }

    LibraryImage read() {
        checkHeader();
        what = "prefill chunk size";
        int prefillChunkSize = int32();
        if (prefillChunkSize <= 0) {
            throw wrong("must be positive, is " + prefillChunkSize);
        }
        what = "metadata";
        LibraryImage.Range metadata = range();
        List<LibraryImage.Param> params = params();
        what = "kernel map";
        LibraryImage.Range map = range();
        List<LibraryImage.KernelText> kernels = kernels(map);
        what = "KV buffers";
        List<Integer> kv = new ArrayList<>();
        for (int left = count(4); left > 0; --left) {
            kv.add(int32());
        }
        List<Expr> scratch = new ArrayList<>();
        what = "scratch buffers";
        for (int left = count(8); left > 0; --left) {
            scratch.add(expr());
        }
        what = "functions";
        int count = count(24);
        List<PlanFunction> functions = new ArrayList<>(count);
        for (int i = 0; i < count; ++i) {
            functions.add(function(i, kernels.size(), params.size(), kv.size(), scratch.size()));
        }
        what = "end of image";
        if (offset != end) {
            throw wrong((end - offset) + " bytes too many");
        }
        return new LibraryImage(bytes, prefillChunkSize, metadata, params, map, kernels, kv, scratch, functions);
    }

    private void checkHeader() {
        if (bytes.length() < LibraryImage.HEADER_BYTES) {
            throw new ImageException("library image: " + bytes.length() + " bytes is too short for the header of "
                    + LibraryImage.HEADER_BYTES + " bytes; link the library again");
        }
        int magic = bytes.intAt(0);
        if (magic != LibraryImage.MAGIC) {
            throw new ImageException("library image: found magic 0x" + Integer.toHexString(magic) + " instead of 0x"
                    + Integer.toHexString(LibraryImage.MAGIC) + "; this is not a linked model library");
        }
        int version = bytes.intAt(4);
        if (version != LibraryImage.VERSION) {
            throw new ImageException("library image: version " + version + ", but this runtime reads version "
                    + LibraryImage.VERSION + "; compile the library with the pipeline of this runtime");
        }
        end = bytes.intAt(8);
        if (end < LibraryImage.HEADER_BYTES || end > bytes.length()) {
            throw new ImageException("library image: truncated: the header says " + end + " bytes, "
                    + bytes.length() + " are there; link the library again");
        }
        int expected = bytes.intAt(12);
        int found = Crc32.of(bytes, LibraryImage.HEADER_BYTES, end);
        if (found != expected) {
            throw new ImageException("library image: damaged: CRC-32 is 0x" + Integer.toHexString(found)
                    + ", the header says 0x" + Integer.toHexString(expected) + "; link the library again");
        }
        offset = LibraryImage.HEADER_BYTES;
    }

    private List<LibraryImage.Param> params() {
        what = "parameters";
        int count = count(16);
        List<LibraryImage.Param> params = new ArrayList<>(count);
        for (int i = 0; i < count; ++i) {
            what = "parameter " + i;
            String name = text();
            what = "parameter " + name;
            DType dtype = DType.values()[code(DType.values().length, "dtype")];
            int[] shape = new int[count(4)];
            for (int dim = 0; dim < shape.length; ++dim) {
                shape[dim] = int32();
            }
            params.add(new LibraryImage.Param(name, dtype, shape));
        }
        return params;
    }

    private List<LibraryImage.KernelText> kernels(LibraryImage.Range map) {
        what = "kernels";
        int count = count(20);
        List<LibraryImage.KernelText> kernels = new ArrayList<>(count);
        for (int i = 0; i < count; ++i) {
            what = "kernel " + i;
            String name = text();
            what = "kernel " + name;
            int from = int32();
            int length = int32();
            if (from < 0 || length < 0 || from > map.length() - length) {
                throw wrong("finfo " + from + " + " + length + " lies outside the kernel map of " + map.length()
                        + " bytes");
            }
            LibraryImage.Range finfo = new LibraryImage.Range(map.offset() + from, length);
            kernels.add(new LibraryImage.KernelText(name, finfo, range()));
        }
        return kernels;
    }

    private PlanFunction function(int number, int kernels, int params, int kv, int scratch) {
        what = "function " + number;
        String name = text();
        what = "function " + name;
        int count = count(4);
        List<PlanFunction.Argument> arguments = new ArrayList<>(count);
        for (int i = 0; i < count; ++i) {
            arguments.add(PlanFunction.Argument.values()[code(PlanFunction.Argument.values().length, "argument")]);
        }
        int tensors = count(4);
        List<DType> types = new ArrayList<>(tensors);
        for (int i = 0; i < tensors; ++i) {
            types.add(DType.values()[code(DType.values().length, "dtype")]);
        }
        int outputCount = count(8);
        List<PlanFunction.Output> outputs = new ArrayList<>(outputCount);
        for (int i = 0; i < outputCount; ++i) {
            DType dtype = DType.values()[code(DType.values().length, "output dtype")];
            int rank = count(8);
            List<Expr> shape = new ArrayList<>(rank);
            for (int dim = 0; dim < rank; ++dim) {
                shape.add(expr());
            }
            outputs.add(new PlanFunction.Output(dtype, shape));
        }
        PlanFunction.Result result = PlanFunction.Result.values()[code(PlanFunction.Result.values().length, "result")];
        int[] limits = {tensors, outputCount, scratch, kv, params};
        int variantCount = count(12);
        List<PlanFunction.Variant> variants = new ArrayList<>(variantCount);
        for (int variant = 0; variant < variantCount; ++variant) {
            Expr guard = expr();
            int launchCount = count(20);
            List<Launch> launches = new ArrayList<>(launchCount);
            for (int launch = 0; launch < launchCount; ++launch) {
                what = "function " + name + ", variant " + variant + ", launch " + launch;
                launches.add(launch(kernels, limits));
            }
            variants.add(new PlanFunction.Variant(guard, launches));
        }
        return new PlanFunction(name, arguments, types, outputs, result, variants);
    }

    private Launch launch(int kernels, int[] limits) {
        int kernel = code(kernels, "kernel");
        int count = count(8);
        List<Operand> operands = new ArrayList<>(count);
        for (int i = 0; i < count; ++i) {
            Operand.Kind kind = Operand.Kind.values()[code(Operand.Kind.values().length, "operand kind")];
            switch (kind) {
                case ARGUMENT:
                    operands.add(Operand.argument(code(limits[0], "argument")));
                    break;
                case OUTPUT:
                    operands.add(Operand.output(code(limits[1], "output")));
                    break;
                case SCRATCH:
                    operands.add(Operand.scratch(code(limits[2], "scratch buffer")));
                    break;
                case KV:
                    operands.add(Operand.kv(code(limits[3], "KV buffer")));
                    break;
                case PARAM:
                    operands.add(Operand.param(code(limits[4], "parameter")));
                    break;
                case INT:
                    operands.add(Operand.integer(expr()));
                    break;
                default:
                    operands.add(Operand.real(Float.intBitsToFloat(int32())));
                    break;
            }
        }
        Expr gridX = expr();
        Expr gridY = code(2, "grid y flag") == 1 ? expr() : null;
        return new Launch(kernel, operands, gridX, gridY);
    }

    private Expr expr() {
        int nodes = count(4);
        Expr[] stack = new Expr[nodes];
        int depth = 0;
        for (int i = 0; i < nodes; ++i) {
            Expr.Op op = Expr.Op.values()[code(Expr.Op.values().length, "operator")];
            switch (op) {
                case CONST:
                    stack[depth++] = Expr.constant(firstOfTwo());
                    break;
                case DIM:
                    int argument = int32();
                    stack[depth++] = Expr.dim(argument, int32());
                    break;
                case OFFSET:
                    stack[depth++] = Expr.offset(firstOfTwo());
                    break;
                case POSITION:
                    stack[depth++] = Expr.position();
                    break;
                case CAPACITY:
                    stack[depth++] = Expr.capacity();
                    break;
                default:
                    if (depth < 2) {
                        throw wrong("operator " + op + " without two operands");
                    }
                    --depth;
                    stack[depth - 1] = Expr.binary(op, stack[depth - 1], stack[depth]);
                    break;
            }
        }
        if (depth != 1) {
            throw wrong("an expression leaves " + depth + " values instead of one");
        }
        return stack[0];
    }

    private int firstOfTwo() {
        int first = int32();
        int32();
        return first;
    }

    private int int32() {
        need(4);
        int value = bytes.intAt(offset);
        offset += 4;
        return value;
    }

    /** A number of things of at least {@code size} bytes each. */
    private int count(int size) {
        int count = int32();
        if (count < 0 || count > (end - offset) / size) {
            throw wrong("a count of " + count + " does not fit the " + (end - offset) + " bytes left");
        }
        return count;
    }

    /** An index below {@code limit}. */
    private int code(int limit, String name) {
        int value = int32();
        if (value < 0 || value >= limit) {
            throw wrong(name + " " + value + " is not below " + limit);
        }
        return value;
    }

    private LibraryImage.Range range() {
        int length = int32();
        if (length < 0 || length >= end - offset) {
            throw wrong("a text of " + length + " bytes does not fit the " + (end - offset) + " bytes left");
        }
        LibraryImage.Range range = new LibraryImage.Range(offset, length);
        offset += length + 1;
        return range;
    }

    private String text() {
        LibraryImage.Range range = range();
        char[] chars = new char[range.length()];
        for (int i = 0; i < chars.length; ++i) {
            chars[i] = (char) bytes.byteAt(range.offset() + i);
        }
        return new String(chars);
    }

    private void need(int count) {
        if (end - offset < count) {
            throw wrong("truncated: " + count + " bytes needed, " + (end - offset) + " left");
        }
    }

    private ImageException wrong(String message) {
        return new ImageException("library image: " + what + " at byte " + offset + ": " + message);
    }
}
