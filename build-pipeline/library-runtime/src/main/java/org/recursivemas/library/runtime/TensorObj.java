package org.recursivemas.library.runtime;

/**
 * A contiguous tensor: the object header, a DLTensor (40 bytes), the shape and the strides in 64-bit integers.
 * Nothing of it
 * changes after construction, as tvmjs reads it once.
 */
final class TensorObj extends Obj {
    private static final int DL_TENSOR = 40;

    private final Storage storage;
    private final int[] dims;
    private final int dtype;
    private final int byteOffset;

    /** Takes over one reference to the storage. */
    TensorObj(Storage storage, int[] dims, int dtype, int byteOffset) {
        super(TypeIndex.TENSOR, DL_TENSOR + 16 * dims.length);
        this.storage = storage;
        this.dims = dims;
        this.dtype = dtype;
        this.byteOffset = byteOffset;
        int at = handle() + HEADER;
        int shape = at + DL_TENSOR;
        int strides = shape + 8 * dims.length;
        Memory.putInt(at, storage.data());
        Memory.putInt(at + 4, storage.device());
        Memory.putInt(at + 8, 0);
        Memory.putInt(at + 12, dims.length);
        Memory.putInt(at + 16, dtype);
        Memory.putInt(at + 20, shape);
        Memory.putInt(at + 24, strides);
        Memory.putInt(at + 28, 0);
        Memory.putLong(at + 32, byteOffset);
        long stride = 1;
        for (int i = dims.length - 1; i >= 0; --i) {
            Memory.putLong(shape + 8 * i, dims[i]);
            Memory.putLong(strides + 8 * i, stride);
            stride *= dims[i];
        }
    }

    /** Bytes of a tensor, or an error when they do not fit a 32-bit address space. */
    static int bytes(int[] dims, int dtype) {
        long elements = 1;
        for (int dim : dims) {
            if (dim < 0) {
                throw new LibraryException("negative dimension in shape " + text(dims));
            }
            elements *= dim;
            if (elements > Integer.MAX_VALUE) {
                throw new LibraryException("a tensor of shape " + text(dims) + " is too large");
            }
        }
        long bytes = elements * DataType.bytes(dtype);
        if (bytes > Integer.MAX_VALUE) {
            throw new LibraryException("a tensor of shape " + text(dims) + " is too large");
        }
        return (int) bytes;
    }

    static String text(int[] dims) {
        StringBuilder text = new StringBuilder("[");
        for (int i = 0; i < dims.length; ++i) {
            text.append(i == 0 ? "" : ",").append(dims[i]);
        }
        return text.append(']').toString();
    }

    Storage storage() {
        return storage;
    }

    int[] dims() {
        return dims;
    }

    int dtype() {
        return dtype;
    }

    int byteOffset() {
        return byteOffset;
    }

    int bytes() {
        return bytes(dims, dtype);
    }

    int elements() {
        return bytes() / DataType.bytes(dtype);
    }

    /** Address of the first element of a CPU tensor. */
    int address() {
        return storage.data() + byteOffset;
    }

    /** For messages: {@code float32 [1,2]}. */
    String describe() {
        return DataType.text(dtype) + " " + text(dims);
    }

    /** A tensor on the same storage. */
    TensorObj view(int[] shape, int type, int relativeOffset) {
        int offset = byteOffset + relativeOffset;
        if (relativeOffset < 0 || offset < 0 || bytes(shape, type) > byteOffset + bytes() - offset) {
            throw new LibraryException("a view of " + DataType.text(type) + " " + text(shape) + " at byte "
                    + relativeOffset + " does not fit into " + describe());
        }
        return new TensorObj(storage.retain(), shape, type, offset);
    }

    @Override
    void destroy() {
        storage.release();
    }
}
