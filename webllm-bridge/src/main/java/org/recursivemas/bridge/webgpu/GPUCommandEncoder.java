package org.recursivemas.bridge.webgpu;

import org.teavm.jso.JSObject;

/** Interface GPUCommandEncoder. */
public interface GPUCommandEncoder extends JSObject {
    GPUComputePassEncoder beginComputePass(GPUComputePassDescriptor descriptor);

    /** Offsets and size in bytes, multiples of 4; two different buffers. */
    void copyBufferToBuffer(GPUBuffer source, double sourceOffset, GPUBuffer destination, double destinationOffset,
            double size);

    void resolveQuerySet(GPUQuerySet querySet, int firstQuery, int queryCount, GPUBuffer destination,
            int destinationOffset);

    GPUCommandBuffer finish();
}
