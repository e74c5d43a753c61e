package org.recursivemas.library.runtime;

import org.recursivemas.library.LibraryImage;
import org.teavm.interop.Export;

/** The exports of a model library: the C functions of TVM FFI that tvmjs calls. Nothing thrown leaves them. */
public final class Runtime {
    /** Bytes of a block that {@code TVMFFIGetTypeInfo} answers with. */
    private static int typeInfo;

    private Runtime() {
    }

    /** TeaVM's entry point; the work starts in {@link #initialize}. */
    public static void main(String[] args) {
    }

    @Export(name = "_initialize")
    public static void initialize() {
        int base = Native.imageBase();
        int length = Memory.getInt(base) == LibraryImage.MAGIC ? Memory.getInt(base + 8) : 0;
        Heap.initialize(base + length);
        ObjectFunctions.register();
        TensorFunctions.register();
        CpuSampler.register();
    }

    @Export(name = "TVMWasmAllocSpace")
    public static int allocSpace(int bytes) {
        return Heap.tryAllocate(bytes);
    }

    @Export(name = "TVMWasmFreeSpace")
    public static void freeSpace(int address) {
        try {
            Heap.free(address);
        } catch (Throwable e) {
            Errors.raise(e);
        }
    }

    @Export(name = "TVMFFIWasmFunctionCreate")
    public static int functionCreate(int self, int out) {
        try {
            Memory.putInt(out, new JsFunction(self).handle());
            return 0;
        } catch (Throwable e) {
            Memory.putInt(out, 0);
            return Errors.raise(e);
        }
    }

    @Export(name = "TVMFFIFunctionGetGlobal")
    public static int functionGetGlobal(int name, int out) {
        try {
            Memory.putInt(out, 0);
            FunctionObj function = Globals.get(byteArrayText(name));
            if (function != null) {
                function.retain();
                Memory.putInt(out, function.handle());
            }
            return 0;
        } catch (Throwable e) {
            return Errors.raise(e);
        }
    }

    @Export(name = "TVMFFIFunctionSetGlobal")
    public static int functionSetGlobal(int name, int function, int override) {
        try {
            Globals.register(byteArrayText(name), function(function), override != 0);
            return 0;
        } catch (Throwable e) {
            return Errors.raise(e);
        }
    }

    @Export(name = "TVMFFIFunctionCall")
    public static int functionCall(int function, int args, int count, int result) {
        try {
            function(function).call(new Args(args, count), new Result(result));
            return 0;
        } catch (Throwable e) {
            Memory.putInt(result, TypeIndex.NONE);
            Memory.putInt(result + 4, 0);
            return Errors.raise(e);
        }
    }

    @Export(name = "TVMFFIObjectIncRef")
    public static int incRef(int object) {
        try {
            Obj.of(object).retain();
            return 0;
        } catch (Throwable e) {
            return Errors.raise(e);
        }
    }

    @Export(name = "TVMFFIObjectDecRef")
    public static int decRef(int object) {
        try {
            Obj.of(object).release();
            return 0;
        } catch (Throwable e) {
            return Errors.raise(e);
        }
    }

    @Export(name = "TVMFFIAnyViewToOwnedAny")
    public static int anyViewToOwnedAny(int in, int out) {
        try {
            int type = Memory.getInt(in);
            if (type == TypeIndex.RAW_STR || type == TypeIndex.BYTE_ARRAY_PTR || type >= TypeIndex.OBJECT) {
                Obj owned = new Args(in, 1).owned(0);
                Memory.putInt(out, owned.typeIndex());
                Memory.putInt(out + 4, 0);
                Memory.putLong(out + 8, owned.handle());
            } else if (in != out) {
                Memory.putLong(out, Memory.getLong(in));
                Memory.putLong(out + 8, Memory.getLong(in + 8));
            }
            return 0;
        } catch (Throwable e) {
            return Errors.raise(e);
        }
    }

    @Export(name = "TVMFFIErrorSetRaisedFromCStr")
    public static void errorSetRaised(int kind, int message) {
        Errors.set(Memory.text(message, Memory.textLength(message)));
    }

    @Export(name = "TVMFFIWasmGetLastError")
    public static int getLastError() {
        return Errors.take();
    }

    @Export(name = "TVMFFITypeKeyToIndex")
    public static int typeKeyToIndex(int key, int out) {
        try {
            Memory.putInt(out, 0);
            String name = byteArrayText(key);
            for (int index = TypeIndex.OBJECT; index <= TypeIndex.KV_STATE; ++index) {
                if (name.equals(typeKey(index))) {
                    Memory.putInt(out, index);
                    return 0;
                }
            }
            throw new LibraryException("Cannot find type " + name);
        } catch (Throwable e) {
            return Errors.raise(e);
        }
    }

    @Export(name = "TVMFFIGetTypeInfo")
    public static int getTypeInfo(int index) {
        try {
            String key = typeKey(index);
            if (typeInfo != 0) {
                Heap.free(typeInfo);
            }
            typeInfo = Heap.allocate(16 + key.length() + 1);
            Memory.putInt(typeInfo, index);
            Memory.putInt(typeInfo + 4, index == TypeIndex.OBJECT ? 0 : 1);
            Memory.putInt(typeInfo + 8, typeInfo + 16);
            Memory.putInt(typeInfo + 12, key.length());
            Memory.putText(typeInfo + 16, key);
            return typeInfo;
        } catch (Throwable e) {
            Errors.raise(e);
            return 0;
        }
    }

    @Export(name = "TVMFFIDataTypeToString")
    public static int dataTypeToString(int type, int out) {
        try {
            BytesObj text = BytesObj.text(DataType.text(Memory.getInt(type)));
            Memory.putInt(out, text.handle());
            return 0;
        } catch (Throwable e) {
            return Errors.raise(e);
        }
    }

    private static String typeKey(int index) {
        switch (index) {
            case TypeIndex.OBJECT: return "ffi.Object";
            case TypeIndex.STR: return "ffi.String";
            case TypeIndex.BYTES: return "ffi.Bytes";
            case TypeIndex.FUNCTION: return "ffi.Function";
            case TypeIndex.SHAPE: return "ffi.Shape";
            case TypeIndex.TENSOR: return "ffi.Tensor";
            case TypeIndex.ARRAY: return "ffi.Array";
            case TypeIndex.MODULE: return "ffi.Module";
            case TypeIndex.KV_STATE: return "recursivemas.KVState";
            default: return "";
        }
    }

    private static FunctionObj function(int handle) {
        Obj object = Obj.of(handle);
        if (object instanceof FunctionObj) {
            return (FunctionObj) object;
        }
        throw new LibraryException("a " + TypeIndex.name(object.typeIndex()) + " is not a Function");
    }

    private static String byteArrayText(int byteArray) {
        return Memory.text(Memory.getInt(byteArray), Memory.getInt(byteArray + 4));
    }
}
