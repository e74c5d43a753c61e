package org.recursivemas.toy;

import org.recursivemas.engine.Latents;

/** Vectors on the Java heap that know whether they are still open. */
public final class ToyLatents implements Latents {
    private final ToyLog log;
    private final float[][] values;
    private final int width;
    private boolean open = true;

    ToyLatents(ToyLog log, float[][] values, int width) {
        this.log = log;
        this.values = values;
        this.width = width;
        log.open++;
    }

    /** [rows][width]; an error when the block was closed. */
    public float[][] values() {
        if (!open) {
            throw new IllegalStateException("latents are used after they were closed");
        }
        return values;
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
        if (open) {
            open = false;
            log.open--;
        }
    }
}
