package org.recursivemas.library.runtime;

/**
 * GPU buffers that nothing refers to, kept for the next tensor: freeing one would end tvmjs's batch of dispatches. Only
 * {@link #trim} frees, between steps, and {@link #giveBack} when the pool is twice too full.
 */
final class GpuPool {
    /** What the pool may keep between steps. */
    static final int BOUND = 256 << 20;
    private static final int MOST_BUFFERS = 256;

    private static int[] buffers = new int[64];
    private static int[] capacities = new int[64];
    private static int count;
    private static long pooledBytes;
    private static int created;

    private GpuPool() {
    }

    /** Storage for a tensor that comes and goes; its capacity is one of four per power of two. */
    static Storage temporary(int bytes) {
        return take(sizeClass(bytes), Math.max(1024, 2 * (long) bytes));
    }

    /** Storage for a tensor that may stay, such as a parameter: not larger than needed. */
    static Storage exact(int bytes) {
        if (bytes <= 65536) {
            return temporary(bytes);
        }
        return take((bytes + 15) & -16, bytes + (long) bytes / 8);
    }

    private static int sizeClass(int bytes) {
        if (bytes <= 256) {
            return 256;
        }
        int step = Integer.highestOneBit(bytes - 1) >>> 2;
        int rounded = (bytes + step - 1) & -step;
        return rounded < 0 ? bytes : rounded;
    }

    private static Storage take(int capacity, long most) {
        int best = -1;
        for (int i = 0; i < count; ++i) {
            if (capacities[i] >= capacity && capacities[i] <= most
                    && (best < 0 || capacities[i] < capacities[best])) {
                best = i;
            }
        }
        if (best >= 0) {
            Storage storage = new Storage(Storage.WEBGPU, buffers[best], capacities[best]);
            remove(best, 1);
            return storage;
        }
        ++created;
        return new Storage(Storage.WEBGPU, Gpu.allocate(capacity), capacity);
    }

    static void giveBack(int buffer, int capacity) {
        if (pooledBytes + capacity > 2L * BOUND) {
            --created;
            Gpu.free(buffer);
            return;
        }
        if (count == buffers.length) {
            buffers = larger(buffers);
            capacities = larger(capacities);
        }
        buffers[count] = buffer;
        capacities[count] = capacity;
        ++count;
        pooledBytes += capacity;
    }

    private static int[] larger(int[] old) {
        int[] larger = new int[old.length * 2];
        System.arraycopy(old, 0, larger, 0, old.length);
        return larger;
    }

    /** Frees the longest unused buffers until the pool is within its bounds. */
    static void trim() {
        int surplus = 0;
        long bytes = pooledBytes;
        while (surplus < count && (bytes > BOUND || count - surplus > MOST_BUFFERS)) {
            bytes -= capacities[surplus];
            --created;
            Gpu.free(buffers[surplus]);
            ++surplus;
        }
        remove(0, surplus);
    }

    private static void remove(int from, int removed) {
        for (int i = from; i < from + removed; ++i) {
            pooledBytes -= capacities[i];
        }
        count -= removed;
        for (int i = from; i < count; ++i) {
            buffers[i] = buffers[i + removed];
            capacities[i] = capacities[i + removed];
        }
    }

    /** GPU buffers in existence, pooled or in use. */
    static int existing() {
        return created;
    }
}
