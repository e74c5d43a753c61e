package org.recursivemas.pipeline.twin;

import org.recursivemas.engine.EngineException;
import org.recursivemas.engine.Latents;

/** Latent vectors on the Java heap, [rows][width]. */
final class HeapLatents implements Latents {
    private final float[][] values;
    private final int width;
    private boolean closed;

    /** Takes over {@code values} [rows][width]. */
    HeapLatents(float[][] values, int width) {
        for (float[] row : values) {
            if (row.length != width) {
                throw new IllegalArgumentException("a row has width " + row.length + ", not " + width);
            }
        }
        this.values = values;
        this.width = width;
    }

    /**
     * The rows of latents of this engine; not to be changed.
     *
     * @throws EngineException when they belong to another engine or are closed
     */
    static float[][] rowsOf(Latents latents) {
        if (!(latents instanceof HeapLatents heap)) {
            throw new EngineException("these latents belong to another engine (" + latents.getClass().getSimpleName()
                    + "); copy them with read and write");
        }
        if (heap.closed) {
            throw new EngineException("these latents are closed");
        }
        return heap.values;
    }

    @Override
    public int rows() {
        return values.length;
    }

    @Override
    public int width() {
        return width;
    }

    @Override
    public void close() {
        closed = true;
    }
}
