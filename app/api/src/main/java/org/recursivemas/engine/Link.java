package org.recursivemas.engine;

/** A loaded RecursiveLink. */
public interface Link {
    /** The link's id in its file, for messages. */
    String id();

    int inWidth();

    int outWidth();

    /** Row by row: {@code x} [rows, inWidth] to a new block [rows, outWidth]. Does not wait for the GPU. 0 rows give 0 rows. */
    Latents apply(Latents x);
}
