package org.recursivemas.library.runtime;

/** Global functions about tensors: allocation, copies, views, decoding of shards. */
final class TensorFunctions {
    private TensorFunctions() {
    }

    static void register() {
        Globals.add("runtime.TVMTensorAllocWithScope", (args, result) -> {
            int dtype = DataType.parse(args.dataAddress(1), args.dataLength(1));
            result.object(allocate(args.shape(0), dtype, args.deviceType(2)));
        });
        Globals.add("runtime.TVMTensorCopyFromTo", (args, result) -> copy(args.tensor(0), args.tensor(1)));
        Globals.add("runtime.TVMTensorCreateView", (args, result) -> {
            int dtype = DataType.parse(args.dataAddress(2), args.dataLength(2));
            int offset = args.count() > 3 ? args.integer(3) : 0;
            result.object(args.tensor(0).view(args.shape(1), dtype, offset));
        });
        Globals.add("tvmjs.runtime.TensorCopyFromBytes", (args, result) ->
                fill(args.cpuTensor(0), args.dataAddress(1), args.dataLength(1)));
        Globals.add("tvmjs.runtime.TensorCopyToBytes", (args, result) -> {
            TensorObj tensor = args.cpuTensor(0);
            result.object(BytesObj.copyOfBytes(tensor.address(), tensor.bytes()));
        });
        Globals.add("tvmjs.runtime.ConcatEmbeddings", (args, result) -> result.object(concat(args)));
        Globals.add("tvmjs.array.decode_storage", TensorFunctions::decodeStorage);
        Globals.add("tvmjs.array.decode_bf16_to_f32_inplace", (args, result) -> {
            TensorObj tensor = args.cpuTensor(0);
            int bytes = args.integer(1);
            if (tensor.dtype() != DataType.FLOAT32 || bytes != tensor.bytes() / 2) {
                throw new LibraryException("decode_bf16_to_f32_inplace: " + bytes + " bytes of bf16 for "
                        + tensor.describe());
            }
            // from the end, so that no element is overwritten before it is read
            expandBf16(tensor.address(), tensor.address(), bytes / 2);
        });
    }

    private static TensorObj allocate(int[] shape, int dtype, int device) {
        int bytes = TensorObj.bytes(shape, dtype);
        Storage storage;
        if (device == Storage.CPU) {
            storage = Storage.onCpu(bytes);
        } else if (device == Storage.WEBGPU) {
            storage = GpuPool.exact(bytes);
        } else {
            throw new LibraryException("TVMTensorAllocWithScope: device type " + device + " is neither CPU nor WebGPU");
        }
        return new TensorObj(storage, shape, dtype, 0);
    }

    private static void copy(TensorObj from, TensorObj to) {
        int bytes = from.bytes();
        if (bytes != to.bytes()) {
            throw new LibraryException("TVMTensorCopyFromTo: " + from.describe() + " and " + to.describe()
                    + " differ in size");
        }
        if (bytes == 0) {
            return;
        }
        boolean fromCpu = from.storage().device() == Storage.CPU;
        boolean toCpu = to.storage().device() == Storage.CPU;
        if (fromCpu && toCpu) {
            Native.memoryCopy(to.address(), from.address(), bytes);
        } else if (fromCpu) {
            Gpu.copyToGpu(from.address(), to.storage().data(), to.byteOffset(), bytes);
        } else if (toCpu) {
            Gpu.copyFromGpu(from.storage().data(), from.byteOffset(), to.address(), bytes);
        } else {
            Gpu.copyWithinGpu(from.storage().data(), from.byteOffset(), to.storage().data(), to.byteOffset(), bytes);
        }
    }

    private static void fill(TensorObj tensor, int address, int bytes) {
        if (bytes != tensor.bytes()) {
            throw new LibraryException(bytes + " bytes given for " + tensor.describe() + " of " + tensor.bytes()
                    + " bytes");
        }
        Native.memoryCopy(tensor.address(), address, bytes);
    }

    private static void decodeStorage(Args args, Result result) {
        TensorObj tensor = args.cpuTensor(0);
        int address = args.dataAddress(1);
        int bytes = args.dataLength(1);
        if (args.text(2).equals("f32-to-bf16") && args.text(3).equals("float32")) {
            if (bytes != tensor.bytes() / 2) {
                throw new LibraryException("decode_storage: " + bytes + " bytes of bf16 for " + tensor.describe());
            }
            expandBf16(tensor.address(), address, bytes / 2);
        } else {
            fill(tensor, address, bytes);
        }
    }

    private static void expandBf16(int to, int from, int elements) {
        for (int i = elements - 1; i >= 0; --i) {
            Memory.putInt(to + 4 * i, Memory.getShort(from + 2 * i) << 16);
        }
    }

    /** Rows of several [m_i, d] one after the other. */
    private static TensorObj concat(Args args) {
        args.need(1);
        TensorObj first = args.tensor(0);
        int rows = 0;
        for (int i = 0; i < args.count(); ++i) {
            TensorObj part = args.tensor(i);
            if (part.dims().length != 2 || part.dims()[1] != first.dims()[1] || part.dtype() != first.dtype()
                    || part.storage().device() != first.storage().device()) {
                throw new LibraryException("ConcatEmbeddings: " + first.describe() + " and " + part.describe()
                        + " do not fit together");
            }
            rows += part.dims()[0];
        }
        TensorObj whole = allocate(new int[] {rows, first.dims()[1]}, first.dtype(), first.storage().device());
        int offset = 0;
        for (int i = 0; i < args.count(); ++i) {
            TensorObj part = args.tensor(i);
            TensorObj place = whole.view(part.dims(), part.dtype(), offset);
            copy(part, place);
            place.release();
            offset += part.bytes();
        }
        return whole;
    }
}
