package org.recursivemas.library.runtime;

import java.util.HashMap;
import java.util.Map;

/** Tensors by name, as the engine loads them from the shards. Holds one reference to each. */
final class ParamCache {
    private static final Map<String, TensorObj> TENSORS = new HashMap<>();

    private ParamCache() {
    }

    static TensorObj get(String name) {
        return TENSORS.get(name);
    }

    static void update(String name, TensorObj tensor, boolean override) {
        if (!override && TENSORS.containsKey(name)) {
            throw new LibraryException("Name " + name + " is already in the tensor cache");
        }
        tensor.retain();
        TensorObj old = TENSORS.put(name, tensor);
        if (old != null) {
            old.release();
        }
    }

    static void remove(String name) {
        TensorObj old = TENSORS.remove(name);
        if (old != null) {
            old.release();
        }
    }

    static void clear() {
        for (TensorObj tensor : TENSORS.values()) {
            tensor.release();
        }
        TENSORS.clear();
    }

    /** A module whose {@code get_params} gives the tensors of these names, in this order. */
    static ModuleObj module(String[] names) {
        TensorObj[] tensors = new TensorObj[names.length];
        for (int i = 0; i < names.length; ++i) {
            tensors[i] = TENSORS.get(names[i]);
            if (tensors[i] == null) {
                throw new LibraryException("wrong library for the weights: parameter " + names[i]
                        + " is not in the tensor cache; tensor-cache.json of this model does not list it");
            }
            if (Vm.existing() != null) {
                Vm.existing().checkParam(names[i], tensors[i]);
            }
        }
        for (TensorObj tensor : tensors) {
            tensor.retain();
        }
        ArrayObj params = new ArrayObj(tensors);
        ModuleObj module = new ModuleObj(params);
        module.add("get_params", (args, result) -> result.shared(params));
        return module;
    }
}
