package org.recursivemas.library.runtime;

/** Bytes on a device, shared by tensors that view them. Counted by references; the creator has the first. */
final class Storage {
    static final int CPU = 1;
    static final int WEBGPU = 15;

    private final int device;
    private final int data;
    private final int capacity;
    private int references = 1;

    /** @param data address in linear memory, or number of the GPU buffer */
    Storage(int device, int data, int capacity) {
        this.device = device;
        this.data = data;
        this.capacity = capacity;
    }

    static Storage onCpu(int bytes) {
        return new Storage(CPU, Heap.allocate(bytes), bytes);
    }

    int device() {
        return device;
    }

    int data() {
        return data;
    }

    /** Bytes that may be used. */
    int capacity() {
        return capacity;
    }

    Storage retain() {
        ++references;
        return this;
    }

    void release() {
        if (--references == 0) {
            if (device == CPU) {
                Heap.free(data);
            } else {
                GpuPool.giveBack(data, capacity);
            }
        }
    }
}
