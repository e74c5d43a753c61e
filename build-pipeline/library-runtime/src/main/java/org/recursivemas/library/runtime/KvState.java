package org.recursivemas.library.runtime;

import java.util.List;

/** The KV cache of one sequence: contiguous buffers of {@code capacity} positions. */
final class KvState extends Obj {
    /** The unit in which free room is reported. */
    private static final int PAGE = 16;

    private final Storage[] buffers;
    private final int capacity;
    private boolean hasSequence;
    private int sequence;
    private int length;
    private int forwardStart;
    private int forwardTokens;

    KvState(int capacity, List<Integer> bytesPerPosition) {
        super(TypeIndex.KV_STATE, 8);
        this.capacity = capacity;
        buffers = new Storage[bytesPerPosition.size()];
        for (int i = 0; i < buffers.length; ++i) {
            long bytes = (long) capacity * bytesPerPosition.get(i);
            if (bytes > Integer.MAX_VALUE) {
                throw new LibraryException("KV buffer " + i + " of " + capacity + " positions needs " + bytes
                        + " bytes; use a smaller context_window_size");
            }
            buffers[i] = GpuPool.exact((int) bytes);
        }
    }

    int buffer(int index) {
        return buffers[index].data();
    }

    int capacity() {
        return capacity;
    }

    /** Positions filled before the forward under way. */
    int forwardStart() {
        return forwardStart;
    }

    int length() {
        return length;
    }

    int availablePages() {
        return (capacity - length) / PAGE;
    }

    void clear() {
        hasSequence = false;
        length = 0;
        forwardStart = 0;
        forwardTokens = 0;
        GpuPool.trim();
    }

    void addSequence(int id) {
        if (hasSequence) {
            throw new LibraryException(id == sequence ? "The sequence \"" + id + "\" is already in the KV cache."
                    : "This library keeps one sequence: sequence " + sequence + " must be removed before " + id
                            + " is added.");
        }
        hasSequence = true;
        sequence = id;
        length = 0;
    }

    void removeSequence(int id) {
        checkSequence(id);
        clear();
    }

    private void checkSequence(int id) {
        if (!hasSequence || id != sequence) {
            throw new LibraryException("The sequence \"" + id + "\" cannot be found in KV cache.");
        }
    }

    /** Drops the last {@code count} positions. */
    void pop(int id, int count) {
        checkSequence(id);
        if (count < 0 || count > length) {
            throw new LibraryException("kv_state_popn: cannot pop " + count + " of " + length + " positions");
        }
        length -= count;
    }

    /** Reserves the next positions. */
    void beginForward(int[] ids, int[] lengths) {
        if (ids.length != 1 || lengths.length != 1) {
            throw new LibraryException("kv_state_begin_forward: this library runs one sequence at a time, "
                    + ids.length + " ids and " + lengths.length + " lengths given");
        }
        checkSequence(ids[0]);
        int tokens = lengths[0];
        if (tokens <= 0) {
            throw new LibraryException("kv_state_begin_forward: the append length must be positive, is " + tokens);
        }
        if (tokens > capacity - length) {
            throw new LibraryException("The KV cache is full. No page can be allocated. It holds " + length + " of "
                    + capacity + " positions, " + tokens + " more are needed: shorten the text or use a larger"
                    + " context_window_size.");
        }
        forwardStart = length;
        forwardTokens = tokens;
        length += tokens;
    }

    void endForward() {
        forwardTokens = 0;
    }

    /** Fails unless the forward that was begun has this number of tokens. */
    void checkForward(int tokens, String function) {
        if (tokens != forwardTokens) {
            throw new LibraryException(function + ": called with " + tokens + " tokens, but kv_state_begin_forward has "
                    + (forwardTokens == 0 ? "not been called" : "announced " + forwardTokens));
        }
    }

    @Override
    void destroy() {
        for (Storage buffer : buffers) {
            buffer.release();
        }
    }
}
