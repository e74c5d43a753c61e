package org.recursivemas.engine;

/**
 * A block of latent vectors, shape {@code [rows, width]}, row-major, wherever the engine keeps it (GPU buffer, Java heap).
 * Immutable once handed out. The holder closes it; closing twice is allowed.
 */
public interface Latents extends AutoCloseable {
    /** Number of vectors, 0 or more. */
    int rows();

    /** Length of one vector: the hidden size of the model that made or will read it. */
    int width();

    @Override
    void close();
}
