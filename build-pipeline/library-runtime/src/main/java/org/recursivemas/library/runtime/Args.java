package org.recursivemas.library.runtime;

/**
 * The arguments of a call: {@code count} cells of 16 bytes. Getters check the type and name function and place in
 * errors.
 */
final class Args {
    private final int address;
    private final int count;
    private String function = "function";

    Args(int address, int count) {
        this.address = address;
        this.count = count;
    }

    int address() {
        return address;
    }

    int count() {
        return count;
    }

    void nameFunction(String name) {
        function = name;
    }

    /** Fails unless there are at least {@code least} arguments. */
    void need(int least) {
        if (count < least) {
            throw new LibraryException(function + ": " + least + " arguments expected, " + count + " given");
        }
    }

    int type(int index) {
        need(index + 1);
        return Memory.getInt(address + 16 * index);
    }

    private int payload(int index) {
        return Memory.getInt(address + 16 * index + 8);
    }

    private LibraryException wrong(int index, String expected) {
        return new LibraryException(function + ": argument " + index + " should be " + expected + ", is "
                + TypeIndex.name(type(index)));
    }

    /** A whole number: Int, Bool, Float or OpaquePtr. */
    int integer(int index) {
        switch (type(index)) {
            case TypeIndex.INT:
            case TypeIndex.BOOL:
            case TypeIndex.OPAQUE_PTR:
                return payload(index);
            case TypeIndex.FLOAT:
                return (int) Memory.getDouble(address + 16 * index + 8);
            default:
                throw wrong(index, "a number");
        }
    }

    double number(int index) {
        switch (type(index)) {
            case TypeIndex.INT:
            case TypeIndex.BOOL:
                return payload(index);
            case TypeIndex.FLOAT:
                return Memory.getDouble(address + 16 * index + 8);
            default:
                throw wrong(index, "a number");
        }
    }

    /** Device type of a Device: 1 CPU, 15 WebGPU. */
    int deviceType(int index) {
        if (type(index) != TypeIndex.DEVICE) {
            throw wrong(index, "a Device");
        }
        return payload(index);
    }

    /** Address of the bytes of a string or byte-array argument. */
    int dataAddress(int index) {
        switch (type(index)) {
            case TypeIndex.RAW_STR:
                return payload(index);
            case TypeIndex.SMALL_STR:
            case TypeIndex.SMALL_BYTES:
                return address + 16 * index + 8;
            case TypeIndex.BYTE_ARRAY_PTR:
                return Memory.getInt(payload(index));
            case TypeIndex.STR:
            case TypeIndex.BYTES:
                return Memory.getInt(payload(index) + 24);
            default:
                throw wrong(index, "a string or bytes");
        }
    }

    /** Number of those bytes. */
    int dataLength(int index) {
        switch (type(index)) {
            case TypeIndex.RAW_STR:
                return Memory.textLength(payload(index));
            case TypeIndex.SMALL_STR:
            case TypeIndex.SMALL_BYTES:
                return Memory.getInt(address + 16 * index + 4);
            case TypeIndex.BYTE_ARRAY_PTR:
                return Memory.getInt(payload(index) + 4);
            case TypeIndex.STR:
            case TypeIndex.BYTES:
                return Memory.getInt(payload(index) + 28);
            default:
                throw wrong(index, "a string or bytes");
        }
    }

    String text(int index) {
        return Memory.text(dataAddress(index), dataLength(index));
    }

    Obj object(int index) {
        if (type(index) < TypeIndex.OBJECT) {
            throw wrong(index, "an object");
        }
        return Obj.of(payload(index));
    }

    /** An object, or the owned Str or Bytes of a borrowed string; a new reference either way. */
    Obj owned(int index) {
        switch (type(index)) {
            case TypeIndex.RAW_STR:
            case TypeIndex.SMALL_STR:
                return BytesObj.copyOfText(dataAddress(index), dataLength(index));
            case TypeIndex.BYTE_ARRAY_PTR:
            case TypeIndex.SMALL_BYTES:
                return BytesObj.copyOfBytes(dataAddress(index), dataLength(index));
            default:
                Obj value = object(index);
                value.retain();
                return value;
        }
    }

    TensorObj tensor(int index) {
        if (type(index) != TypeIndex.TENSOR) {
            throw wrong(index, "a Tensor");
        }
        return (TensorObj) Obj.of(payload(index));
    }

    TensorObj cpuTensor(int index) {
        TensorObj tensor = tensor(index);
        if (tensor.storage().device() != Storage.CPU) {
            throw new LibraryException(function + ": argument " + index + " should be a CPU tensor");
        }
        return tensor;
    }

    int[] shape(int index) {
        if (type(index) != TypeIndex.SHAPE) {
            throw wrong(index, "a Shape");
        }
        return ((ShapeObj) Obj.of(payload(index))).dims();
    }

    ArrayObj array(int index) {
        if (type(index) != TypeIndex.ARRAY) {
            throw wrong(index, "an Array");
        }
        return (ArrayObj) Obj.of(payload(index));
    }

    ModuleObj module(int index) {
        if (type(index) != TypeIndex.MODULE) {
            throw wrong(index, "a Module");
        }
        return (ModuleObj) Obj.of(payload(index));
    }

    FunctionObj function(int index) {
        if (type(index) != TypeIndex.FUNCTION) {
            throw wrong(index, "a Function");
        }
        return (FunctionObj) Obj.of(payload(index));
    }

    KvState state(int index) {
        if (type(index) != TypeIndex.KV_STATE) {
            throw wrong(index, "the state made by create_tir_paged_kv_cache");
        }
        return (KvState) Obj.of(payload(index));
    }
}
