package org.recursivemas.library.runtime;

/**
 * The GPU as tvmjs offers it: buffers by number, copies, launchers. Resolved on first use, when tvmjs has registered
 * it.
 */
final class Gpu {
    /** More arguments than any kernel within WebGPU's limits has. */
    static final int MOST_ARGUMENTS = 64;

    private static JsFunction alloc;
    private static JsFunction free;
    private static JsFunction copyToGpu;
    private static JsFunction copyFromGpu;
    private static JsFunction copyWithinGpu;
    /** Cells for the arguments, and after them one for the result. No call in here is entered twice at a time. */
    private static int cells;
    private static int result;
    private static int dispatches;

    private Gpu() {
    }

    private static void resolve() {
        if (alloc != null) {
            return;
        }
        FunctionObj api = Globals.get("wasm.WebGPUDeviceAPI");
        if (api == null) {
            throw new LibraryException("WebGPU is not initialized: call initWebGPU before anything that needs the GPU");
        }
        cells();
        copyToGpu = function(api, "deviceCopyToGPU");
        copyFromGpu = function(api, "deviceCopyFromGPU");
        copyWithinGpu = function(api, "deviceCopyWithinGPU");
        free = function(api, "deviceFreeDataSpace");
        alloc = function(api, "deviceAllocDataSpace");
    }

    /** Address of the argument cells. */
    static int cells() {
        if (cells == 0) {
            cells = Heap.allocate(16 * (MOST_ARGUMENTS + 1));
            result = cells + 16 * MOST_ARGUMENTS;
        }
        return cells;
    }

    private static JsFunction function(FunctionObj api, String name) {
        BytesObj text = BytesObj.text(name);
        Memory.putInt(cells, text.typeIndex());
        Memory.putInt(cells + 4, 0);
        Memory.putLong(cells + 8, text.handle());
        Result answer = new Result(result);
        api.call(new Args(cells, 1), answer);
        text.release();
        return asFunction(result, name);
    }

    private static JsFunction asFunction(int cell, String name) {
        if (Memory.getInt(cell) == TypeIndex.FUNCTION && Obj.of(Memory.getInt(cell + 8)) instanceof JsFunction) {
            return (JsFunction) Obj.of(Memory.getInt(cell + 8));
        }
        throw new LibraryException("JavaScript gave no function for " + name);
    }

    /** Writes integer argument {@code index}. */
    static void putInt(int index, int value) {
        int cell = cells + 16 * index;
        Memory.putInt(cell, TypeIndex.INT);
        Memory.putInt(cell + 4, 0);
        Memory.putLong(cell + 8, value);
    }

    /** Writes a buffer number or address as argument {@code index}. */
    static void putPointer(int index, int value) {
        int cell = cells + 16 * index;
        Memory.putInt(cell, TypeIndex.OPAQUE_PTR);
        Memory.putInt(cell + 4, 0);
        Memory.putLong(cell + 8, value);
    }

    static void putFloat(int index, float value) {
        int cell = cells + 16 * index;
        Memory.putInt(cell, TypeIndex.FLOAT);
        Memory.putInt(cell + 4, 0);
        Memory.putDouble(cell + 8, value);
    }

    private static void call(JsFunction function, int count) {
        Memory.putInt(result, TypeIndex.NONE);
        Memory.putInt(result + 4, 0);
        Memory.putLong(result + 8, 0);
        function.call(cells, count, result);
    }

    /** Number of a new buffer. */
    static int allocate(int bytes) {
        resolve();
        putInt(0, bytes);
        call(alloc, 1);
        return new Args(result, 1).integer(0);
    }

    static void free(int buffer) {
        resolve();
        putPointer(0, buffer);
        call(free, 1);
    }

    static void copyToGpu(int address, int buffer, int offset, int bytes) {
        resolve();
        putPointer(0, address);
        putPointer(1, buffer);
        putInt(2, offset);
        putInt(3, bytes);
        call(copyToGpu, 4);
    }

    /** Starts a read-back; the bytes arrive when JavaScript has awaited the device. */
    static void copyFromGpu(int buffer, int offset, int address, int bytes) {
        resolve();
        putPointer(0, buffer);
        putInt(1, offset);
        putPointer(2, address);
        putInt(3, bytes);
        call(copyFromGpu, 4);
    }

    static void copyWithinGpu(int from, int fromOffset, int to, int toOffset, int bytes) {
        resolve();
        if ((fromOffset | toOffset | bytes) % 4 != 0) {
            throw new LibraryException("a copy on the GPU needs offsets and a size that are multiples of 4 bytes, not "
                    + fromOffset + ", " + toOffset + " and " + bytes);
        }
        if (from == to) {
            throw new LibraryException("a copy on the GPU needs two different buffers");
        }
        putPointer(0, from);
        putInt(1, fromOffset);
        putPointer(2, to);
        putInt(3, toOffset);
        putInt(4, bytes);
        call(copyWithinGpu, 5);
    }

    /** Launches with the {@code count} arguments in the cells. */
    static void launch(JsFunction launcher, int count) {
        ++dispatches;
        call(launcher, count);
    }

    /** Number of launches since the module was loaded. */
    static int dispatches() {
        return dispatches;
    }

    /** Builds a launcher at once, through the path that may stall the browser. */
    static JsFunction createShader(BytesObj finfo, BytesObj wgsl, String name) {
        FunctionObj create = Globals.get("wasm.WebGPUCreateShader");
        if (create == null) {
            throw new LibraryException("WebGPU is not initialized: no shader can be created for kernel " + name);
        }
        int args = cells();
        Memory.putInt(args, TypeIndex.STR);
        Memory.putInt(args + 4, 0);
        Memory.putLong(args + 8, finfo.handle());
        Memory.putInt(args + 16, TypeIndex.STR);
        Memory.putInt(args + 20, 0);
        Memory.putLong(args + 24, wgsl.handle());
        Result answer = new Result(result);
        create.call(new Args(args, 2), answer);
        return asFunction(result, name);
    }
}
