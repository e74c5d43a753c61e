package org.recursivemas.library.runtime;

import java.util.List;
import org.recursivemas.library.Expr;
import org.recursivemas.library.LibraryImage;
import org.recursivemas.library.PlanFunction;

/** The library's plan in execution: the VM module with its functions, kernels and scratch buffers. */
final class Vm {
    private static Vm instance;

    private final LibraryImage image;
    private final int base;
    private final Kernels kernels;
    private final Storage[] scratch;
    private final ModuleObj module = new ModuleObj();

    /** Width of hidden states and embeddings; 0 when the plan has no {@code embed} that says it. */
    private int width;

    private Vm(int base) {
        this.base = base;
        image = LibraryImage.read(Memory.bytesFrom(base));
        kernels = new Kernels(base, image.kernels());
        scratch = new Storage[image.scratchBytes().size()];
        for (PlanFunction function : image.functions()) {
            add(function, function.name());
            if (function.name().equals("get_last_hidden")) {
                add(function, "prefill_to_last_hidden_states");
            } else if (function.name().equals("decode_last_hidden")) {
                add(function, "decode_to_last_hidden_states");
            } else if (function.name().equals("embed")) {
                Expr last = function.outputs().get(0).shape().get(1);
                width = last.op() == Expr.Op.CONST ? last.a() : 0;
            }
        }
        module.add("vm_initialization", (args, result) -> { });
        module.add("_metadata", (args, result) -> result.object(text(image.metadata())));
        module.add("webgpu.get_fmap", (args, result) -> result.object(text(image.kernelMap())));
        module.add("webgpu.get_shader", (args, result) -> result.object(kernels.shader(args.text(0))));
        module.add("webgpu.update_prebuild", (args, result) -> kernels.updatePrebuilt(args.text(0), args.function(1)));
        if (!image.kvBytesPerPosition().isEmpty()) {
            module.add("create_tir_paged_kv_cache", (args, result) -> result.object(createState(args)));
        }
    }

    /** The VM of the linked plan, made on first use. */
    static Vm get() {
        if (instance == null) {
            instance = new Vm(Native.imageBase());
        }
        return instance;
    }

    /** The VM, or null before its first use. */
    static Vm existing() {
        return instance;
    }

    /** Width of hidden states and embeddings, or 0 when it is not known. */
    int width() {
        return width;
    }

    private void add(PlanFunction function, String name) {
        module.add(name, new PlanFunctionObj(function, this, name, scratch.length));
    }

    private BytesObj text(LibraryImage.Range range) {
        return BytesObj.permanentText(base + range.offset(), range.length());
    }

    ModuleObj module() {
        return module;
    }

    Kernels kernels() {
        return kernels;
    }

    Expr scratchBytes(int index) {
        return image.scratchBytes().get(index);
    }

    /** A scratch buffer of at least this size. */
    int scratch(int index, int bytes) {
        Storage storage = scratch[index];
        if (storage == null || storage.capacity() < bytes) {
            if (storage != null) {
                storage.release();
            }
            storage = GpuPool.temporary(bytes);
            scratch[index] = storage;
        }
        return storage.data();
    }

    private KvState createState(Args args) {
        int[] values = new int[5];
        for (int i = 0; i < values.length; ++i) {
            int[] shape = args.shape(i);
            if (shape.length != 1) {
                throw new LibraryException("create_tir_paged_kv_cache: argument " + i
                        + " should be a Shape of one number");
            }
            values[i] = shape[0];
        }
        if (values[0] != 1) {
            throw new LibraryException("create_tir_paged_kv_cache: this library keeps one sequence, not " + values[0]);
        }
        if (values[4] != 0) {
            throw new LibraryException("sliding window is not supported by this library: set sliding_window_size to -1"
                    + " and context_window_size to the number of positions in mlc-chat-config.json");
        }
        if (values[1] <= 0) {
            throw new LibraryException("create_tir_paged_kv_cache: max_total_sequence_length is " + values[1]
                    + "; set context_window_size in mlc-chat-config.json");
        }
        return new KvState(values[1], image.kvBytesPerPosition());
    }

    void checkChunk(int tokens, String function) {
        if (tokens > image.prefillChunkSize()) {
            throw new LibraryException(function + ": " + tokens + " tokens, but prefill_chunk_size is "
                    + image.prefillChunkSize() + ": split the input");
        }
    }

    /** Fails when the parameters are not those that the library was compiled for. */
    void checkParams(ArrayObj params) {
        if (params.isChecked()) {
            return;
        }
        List<LibraryImage.Param> expected = image.params();
        if (params.size() != expected.size()) {
            throw new LibraryException("wrong library for the weights: it needs " + expected.size() + " parameters, "
                    + params.size() + " given");
        }
        for (int i = 0; i < expected.size(); ++i) {
            if (!(params.get(i) instanceof TensorObj)) {
                throw new LibraryException("parameter " + expected.get(i).name() + " is not a Tensor");
            }
            checkParam(expected.get(i), (TensorObj) params.get(i));
        }
        params.setChecked();
    }

    /** As {@link #checkParams}, for names that are about to be bound. */
    void checkParam(String name, TensorObj tensor) {
        for (LibraryImage.Param param : image.params()) {
            if (param.name().equals(name)) {
                checkParam(param, tensor);
                return;
            }
        }
    }

    private static void checkParam(LibraryImage.Param expected, TensorObj found) {
        int dtype = DataType.of(expected.dtype().code(), expected.dtype().bits());
        int[] dims = new int[expected.rank()];
        boolean same = found.dtype() == dtype && found.dims().length == dims.length;
        for (int i = 0; i < dims.length; ++i) {
            dims[i] = expected.dim(i);
            same &= same && found.dims()[i] == dims[i];
        }
        if (!same) {
            throw new LibraryException("wrong library for the weights: parameter " + expected.name() + " should be "
                    + expected.dtype().text() + " " + TensorObj.text(dims) + " (" + TensorObj.bytes(dims, dtype)
                    + " bytes), the weights have " + found.describe() + " (" + found.bytes()
                    + " bytes); compile the library for this model and quantization");
        }
        if (found.storage().device() != Storage.WEBGPU || found.byteOffset() != 0) {
            throw new LibraryException("parameter " + expected.name() + " is not a whole buffer on the GPU");
        }
    }
}
