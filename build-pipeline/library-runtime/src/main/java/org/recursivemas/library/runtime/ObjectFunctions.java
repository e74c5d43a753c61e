package org.recursivemas.library.runtime;

/** Global functions about arrays, shapes, modules, the parameter cache and the KV state. */
final class ObjectFunctions {
    private static ModuleObj systemLib;

    private ObjectFunctions() {
    }

    static void register() {
        Globals.add("ffi.FunctionListGlobalNamesFunctor", (args, result) ->
                result.object(new Builtin("ffi.FunctionListGlobalNames", (inner, name) -> {
                    int index = inner.integer(0);
                    if (index < 0) {
                        name.integer(Globals.count());
                    } else {
                        name.object(BytesObj.text(Globals.name(index)));
                    }
                })));
        Globals.add("ffi.Array", ObjectFunctions::array);
        Globals.add("ffi.ArrayGetItem", (args, result) -> result.shared(args.array(0).get(args.integer(1))));
        Globals.add("ffi.ArraySize", (args, result) -> result.integer(args.array(0).size()));
        Globals.add("tvmjs.runtime.ArrayConcat", ObjectFunctions::concat);
        Globals.add("ffi.Shape", ObjectFunctions::shape);
        registerModules();
        registerCache();
        registerState();
        Globals.add("recursivemas.live_objects", (args, result) -> result.integer(Obj.liveCount()));
        Globals.add("recursivemas.heap_bytes", (args, result) -> result.integer(Heap.usedBytes()));
        Globals.add("recursivemas.gpu_buffers", (args, result) -> result.integer(GpuPool.existing()));
        Globals.add("recursivemas.dispatches", (args, result) -> result.integer(Gpu.dispatches()));
    }

    private static void registerModules() {
        Globals.add("ffi.SystemLib", (args, result) -> {
            if (systemLib == null) {
                systemLib = new ModuleObj();
                systemLib.add("vm_load_executable", (inner, vm) -> vm.shared(Vm.get().module()));
            }
            result.shared(systemLib);
        });
        Globals.add("ffi.ModuleGetFunction", (args, result) -> {
            FunctionObj function = args.module(0).get(args.text(1));
            if (function != null) {
                result.shared(function);
            }
        });
        Globals.add("ffi.ModuleImportModule", (args, result) -> {
            throw new LibraryException("ffi.ModuleImportModule: modules of this library cannot import others");
        });
    }

    private static void registerCache() {
        Globals.add("vm.builtin.tensor_cache.get", (args, result) -> {
            TensorObj tensor = ParamCache.get(args.text(0));
            if (tensor != null) {
                result.shared(tensor);
            }
        });
        Globals.add("vm.builtin.tensor_cache.remove", (args, result) -> ParamCache.remove(args.text(0)));
        Globals.add("vm.builtin.tensor_cache.update", (args, result) ->
                ParamCache.update(args.text(0), args.tensor(1), args.integer(2) != 0));
        Globals.add("vm.builtin.tensor_cache.clear", (args, result) -> ParamCache.clear());
        Globals.add("vm.builtin.param_module_from_cache", (args, result) -> {
            String prefix = args.text(0);
            int count = args.integer(1);
            if (count < 0) {
                count = 0;
                while (ParamCache.get(prefix + "_" + count) != null) {
                    ++count;
                }
            }
            String[] names = new String[count];
            for (int i = 0; i < count; ++i) {
                names[i] = prefix + "_" + i;
            }
            result.object(ParamCache.module(names));
        });
        Globals.add("vm.builtin.param_module_from_cache_by_name", (args, result) -> {
            ArrayObj array = args.array(0);
            String[] names = new String[array.size()];
            for (int i = 0; i < names.length; ++i) {
                if (!(array.get(i) instanceof BytesObj)) {
                    throw new LibraryException("vm.builtin.param_module_from_cache_by_name: name " + i
                            + " is not a string");
                }
                BytesObj name = (BytesObj) array.get(i);
                names[i] = Memory.text(name.address(), name.length());
            }
            result.object(ParamCache.module(names));
        });
    }

    private static void registerState() {
        Globals.add("vm.builtin.kv_state_clear", (args, result) -> args.state(0).clear());
        Globals.add("vm.builtin.kv_state_add_sequence", (args, result) ->
                args.state(0).addSequence(args.integer(1)));
        Globals.add("vm.builtin.kv_state_remove_sequence", (args, result) ->
                args.state(0).removeSequence(args.integer(1)));
        Globals.add("vm.builtin.kv_state_begin_forward", (args, result) -> {
            if (args.count() > 3 && args.type(3) != TypeIndex.NONE) {
                throw new LibraryException("kv_state_begin_forward: token trees are not supported by this library");
            }
            args.state(0).beginForward(args.shape(1), args.shape(2));
        });
        Globals.add("vm.builtin.kv_state_end_forward", (args, result) -> args.state(0).endForward());
        Globals.add("vm.builtin.kv_state_popn", (args, result) ->
                args.state(0).pop(args.integer(1), args.integer(2)));
        Globals.add("vm.builtin.attention_kv_cache_enable_sliding_window_for_seq", (args, result) -> {
            throw new LibraryException("sliding window is not supported by this library: set sliding_window_size to -1"
                    + " in mlc-chat-config.json");
        });
        Globals.add("vm.builtin.attention_kv_cache_get_total_sequence_length", (args, result) ->
                result.integer(args.state(0).length()));
        Globals.add("vm.builtin.attention_kv_cache_get_num_available_pages", (args, result) ->
                result.integer(args.state(0).availablePages()));
        Globals.add("vm.builtin.attention_kv_cache_empty", (args, result) ->
                result.bool(args.state(0).length() == 0));
    }

    private static void array(Args args, Result result) {
        Obj[] items = new Obj[args.count()];
        int made = 0;
        try {
            while (made < items.length) {
                items[made] = args.owned(made);
                ++made;
            }
            result.object(new ArrayObj(items));
            made = 0;
        } finally {
            for (int i = 0; i < made; ++i) {
                items[i].release();
            }
        }
    }

    private static void concat(Args args, Result result) {
        int count = 0;
        for (int i = 0; i < args.count(); ++i) {
            count += args.array(i).size();
        }
        Obj[] items = new Obj[count];
        int at = 0;
        for (int i = 0; i < args.count(); ++i) {
            ArrayObj array = args.array(i);
            for (int j = 0; j < array.size(); ++j) {
                items[at] = array.get(j);
                items[at++].retain();
            }
        }
        result.object(new ArrayObj(items));
    }

    private static void shape(Args args, Result result) {
        int[] dims = new int[args.count()];
        for (int i = 0; i < dims.length; ++i) {
            dims[i] = args.integer(i);
        }
        result.object(new ShapeObj(dims));
    }
}
