package org.recursivemas.library.runtime;

import org.teavm.interop.Import;

/**
 * What comes from outside: two functions of tvmjs, one of its WASI layer, and single instructions added when linking.
 */
final class Native {
    private Native() {
    }

    /** Calls JavaScript function {@code self}; 0, or -1 after recording an error. */
    @Import(module = "env", name = "TVMFFIWasmSafeCall")
    static native int safeCall(int self, int args, int count, int result);

    /** JavaScript function {@code self} is no longer referenced. */
    @Import(module = "env", name = "TVMFFIWasmFunctionDeleter")
    static native void functionDeleter(int self);

    /** The memory has grown: refresh the views. */
    @Import(module = "env", name = "emscripten_notify_memory_growth")
    static native void notifyMemoryGrowth(int index);

    /** {@code memory.grow}: the old size in pages, or -1. */
    @Import(module = "instruction", name = "memory.grow")
    static native int memoryGrow(int pages);

    /** {@code memory.size} in pages. */
    @Import(module = "instruction", name = "memory.size")
    static native int memorySize();

    /** {@code memory.copy}; the ranges may overlap. */
    @Import(module = "instruction", name = "memory.copy")
    static native void memoryCopy(int to, int from, int bytes);

    /** Where the image of the plan begins; a constant of the linked module. */
    @Import(module = "instruction", name = "image.base")
    static native int imageBase();
}
