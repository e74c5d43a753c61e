package org.recursivemas.library.runtime;

/**
 * Blocks of linear memory. Every block is 8-byte aligned and never moves. Free neighbours are joined; free blocks
 * wait in bins
 * of four sizes per power of two.
 *
 * <p>A block of {@code size} bytes (a multiple of 8, header included) at {@code b}: {@code b+0} size, lowest bit set
 * while free;
 * {@code b+4} address of the block before it, or 0; {@code b+8} payload, or while free the next and previous block of
 * its bin.
 */
final class Heap {
    private static final int HEADER = 8;
    private static final int SMALLEST = 16;
    private static final int PAGE = 65536;
    /** Bins 4*k+j hold sizes from 2^(k+4) * (4+j)/4 on. */
    private static final int[] BINS = new int[28 * 4];
    /** The memory stays below 2 GiB, as tvmjs indexes with signed integers. */
    private static final int LARGEST = 0x7fff0000;

    private static int end;
    private static int last;
    private static int used;

    private Heap() {
    }

    /** Makes everything from {@code start} to the present end of the memory free. */
    static void initialize(int start) {
        int first = (start + 7) & -8;
        end = Native.memorySize() * PAGE;
        last = first;
        Memory.putInt(first, end - first);
        Memory.putInt(first + 4, 0);
        link(first);
    }

    /** First address beyond the memory. */
    static int end() {
        return end;
    }

    /** Bytes in use, headers included. */
    static int usedBytes() {
        return used;
    }

    /**
     * A block of at least {@code bytes} bytes, contents undefined.
     *
     * @throws LibraryException when the memory cannot grow
     */
    static int allocate(int bytes) {
        int block = tryAllocate(bytes);
        if (block == 0) {
            throw new LibraryException("out of memory: " + bytes + " bytes asked for, "
                    + used + " in use, the memory has " + end + " and may not grow further");
        }
        return block;
    }

    /** As {@link #allocate}, but 0 when there is no room. */
    static int tryAllocate(int bytes) {
        if (bytes < 0 || bytes > LARGEST - PAGE) {
            return 0;
        }
        int size = Math.max(SMALLEST, (bytes + HEADER + 7) & -8);
        int block = find(size);
        if (block == 0) {
            if (!grow(size)) {
                return 0;
            }
            block = find(size);
        }
        unlink(block);
        int rest = Memory.getInt(block) - size;
        if (rest >= SMALLEST) {
            Memory.putInt(block, size);
            int tail = block + size;
            Memory.putInt(tail, rest);
            Memory.putInt(tail + 4, block);
            if (block == last) {
                last = tail;
            } else {
                Memory.putInt(tail + rest + 4, tail);
            }
            link(tail);
        }
        used += Memory.getInt(block);
        return block + HEADER;
    }

    /** Gives a block back. */
    static void free(int address) {
        int block = address - HEADER;
        int size = block <= 0 ? 0 : Memory.getInt(block);
        if ((size & 1) != 0 || size < SMALLEST) {
            throw new LibraryException("free of an address that is not a block in use: " + address);
        }
        used -= size;
        if (block != last && (Memory.getInt(block + size) & 1) != 0) {
            int next = block + size;
            unlink(next);
            size += Memory.getInt(next);
            if (next == last) {
                last = block;
            }
        }
        int before = Memory.getInt(block + 4);
        if (before != 0 && (Memory.getInt(before) & 1) != 0) {
            unlink(before);
            size += Memory.getInt(before);
            if (block == last) {
                last = before;
            }
            block = before;
        }
        Memory.putInt(block, size);
        if (block != last) {
            Memory.putInt(block + size + 4, block);
        }
        link(block);
    }

    private static int bin(int size) {
        int power = 31 - Integer.numberOfLeadingZeros(size);
        return (power - 4) * 4 + (size >>> (power - 2) & 3);
    }

    private static int find(int size) {
        int bin = bin(size);
        for (int block = BINS[bin]; block != 0; block = Memory.getInt(block + 8)) {
            if ((Memory.getInt(block) & -2) >= size) {
                return block;
            }
        }
        for (++bin; bin < BINS.length; ++bin) {
            if (BINS[bin] != 0) {
                return BINS[bin];
            }
        }
        return 0;
    }

    /** Puts a block whose header holds its plain size into its bin and marks it free. */
    private static void link(int block) {
        int size = Memory.getInt(block);
        int bin = bin(size);
        int next = BINS[bin];
        Memory.putInt(block, size | 1);
        Memory.putInt(block + 8, next);
        Memory.putInt(block + 12, 0);
        if (next != 0) {
            Memory.putInt(next + 12, block);
        }
        BINS[bin] = block;
    }

    /** Takes a free block out of its bin and marks it used. */
    private static void unlink(int block) {
        int size = Memory.getInt(block) & -2;
        int next = Memory.getInt(block + 8);
        int previous = Memory.getInt(block + 12);
        if (previous == 0) {
            BINS[bin(size)] = next;
        } else {
            Memory.putInt(previous + 8, next);
        }
        if (next != 0) {
            Memory.putInt(next + 12, previous);
        }
        Memory.putInt(block, size);
    }

    private static boolean grow(int size) {
        int wanted = Math.max(size, Math.min(end / 4, 16 << 20));
        int bytes = (wanted + PAGE - 1) & -PAGE;
        if (bytes < 0 || bytes > LARGEST - end) {
            bytes = (size + PAGE - 1) & -PAGE;
            if (bytes < 0 || bytes > LARGEST - end) {
                return false;
            }
        }
        if (Native.memoryGrow(bytes / PAGE) < 0) {
            return false;
        }
        Native.notifyMemoryGrowth(0);
        int added = end;
        end += bytes;
        if ((Memory.getInt(last) & 1) != 0) {
            unlink(last);
            Memory.putInt(last, Memory.getInt(last) + bytes);
            link(last);
        } else {
            Memory.putInt(added, bytes);
            Memory.putInt(added + 4, last);
            last = added;
            link(added);
        }
        return true;
    }
}
