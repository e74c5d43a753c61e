package org.recursivemas.library.runtime;

/**
 * A reference-counted object with a header in linear memory, whose address is the object's handle. Created with one
 * reference,
 * which belongs to whoever created it.
 *
 * <p>Header, 24 bytes: +0 strong count (kept in Java, not mirrored), +8 type index, +16 slot in the table of live
 * objects.
 */
abstract class Obj {
    static final int HEADER = 24;

    private static Obj[] table = new Obj[256];
    private static int[] freeSlots = new int[256];
    private static int freeCount;
    private static int slots;
    private static int live;

    private final int handle;
    private final int typeIndex;
    private int references = 1;

    /** @param bodyBytes bytes after the header */
    Obj(int typeIndex, int bodyBytes) {
        this.typeIndex = typeIndex;
        int slot;
        if (freeCount > 0) {
            slot = freeSlots[--freeCount];
        } else {
            if (slots == table.length) {
                Obj[] larger = new Obj[slots * 2];
                System.arraycopy(table, 0, larger, 0, slots);
                table = larger;
                freeSlots = new int[slots * 2];
            }
            slot = slots++;
        }
        handle = Heap.allocate(HEADER + bodyBytes);
        Memory.putInt(handle, 1);
        Memory.putInt(handle + 4, 1);
        Memory.putInt(handle + 8, typeIndex);
        Memory.putInt(handle + 12, 0);
        Memory.putInt(handle + 16, slot);
        Memory.putInt(handle + 20, 0);
        table[slot] = this;
        ++live;
    }

    /** The object of a handle. */
    static Obj of(int handle) {
        if (handle > 0 && (handle & 7) == 0 && handle < Heap.end()) {
            int slot = Memory.getInt(handle + 16);
            if (slot >= 0 && slot < slots && table[slot] != null && table[slot].handle == handle) {
                return table[slot];
            }
        }
        throw new LibraryException("not the handle of a live object: " + handle);
    }

    /** Number of live objects. */
    static int liveCount() {
        return live;
    }

    final int handle() {
        return handle;
    }

    final int typeIndex() {
        return typeIndex;
    }

    final void retain() {
        ++references;
    }

    final void release() {
        if (--references == 0) {
            int slot = Memory.getInt(handle + 16);
            table[slot] = null;
            freeSlots[freeCount++] = slot;
            --live;
            destroy();
            Heap.free(handle);
        }
    }

    /** Gives back what the object holds beyond its own block. */
    void destroy() {
    }
}
