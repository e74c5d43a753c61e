package org.recursivemas.bridge;

import org.recursivemas.bridge.tvm.Tensor;
import org.recursivemas.bridge.webgpu.GPUBuffer;
import org.recursivemas.engine.EngineException;
import org.recursivemas.engine.Latents;

/** Latents in a GPU tensor of one model's TVM instance. */
final class TensorLatents implements Latents {
    private final WebLlmModel owner;
    private final int rows;
    private final int width;
    private Tensor tensor;
    private boolean closed;

    /** @param tensor detached, contiguous, offset 0, rows * width elements of the owner's dtype; null for 0 rows */
    TensorLatents(WebLlmModel owner, Tensor tensor, int rows, int width) {
        this.owner = owner;
        this.tensor = tensor;
        this.rows = rows;
        this.width = width;
    }

    /** {@code latents} as the bridge's own kind. */
    static TensorLatents of(Latents latents) {
        if (!(latents instanceof TensorLatents)) {
            throw new IllegalArgumentException("latents of another engine: " + latents);
        }
        TensorLatents own = (TensorLatents) latents;
        if (own.closed) {
            throw new IllegalStateException("the latents [" + own.rows + ", " + own.width + "] have been closed");
        }
        own.owner.check();
        return own;
    }

    @Override
    public int rows() {
        return rows;
    }

    @Override
    public int width() {
        return width;
    }

    /** The model on whose instance the tensor lives. */
    WebLlmModel owner() {
        return owner;
    }

    /** The tensor; only with at least one row. */
    Tensor tensor() {
        if (tensor == null) {
            throw new EngineException("a block of 0 rows has no tensor");
        }
        return tensor;
    }

    GPUBuffer buffer() {
        return owner.context().gpuBufferFromPtr(tensor().getDataPtr());
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            if (tensor != null && !owner.isClosed()) {
                tensor.dispose();
            }
            tensor = null;
        }
    }
}
