package org.recursivemas.models;

/**
 * What is known of the machine that models would run on.
 *
 * @param gpu whether the browser has a GPU for models at all
 * @param f16 whether it offers shader-f16
 * @param largestBuffer bytes of a GPU buffer at most, 0 where that is not known
 * @param memory bytes of main memory as the browser rounds them (it says 8 GB at most), 0 where it does not say
 * @param name of the GPU, for people; may be empty
 */
public record Machine(boolean gpu, boolean f16, long largestBuffer, long memory, String name) {
    /** The browser says 8 GB where there may be more. */
    static final long MOST_MEMORY_SAID = 8_000_000_000L;
}
