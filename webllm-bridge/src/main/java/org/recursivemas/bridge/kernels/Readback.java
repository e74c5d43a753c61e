package org.recursivemas.bridge.kernels;

import org.recursivemas.bridge.js.JavaScriptException;
import org.recursivemas.bridge.js.Promises;
import org.recursivemas.bridge.webgpu.GPUBuffer;
import org.recursivemas.bridge.webgpu.GPUBufferDescriptor;
import org.recursivemas.bridge.webgpu.GPUBufferUsage;
import org.recursivemas.bridge.webgpu.GPUCommandEncoder;
import org.recursivemas.bridge.webgpu.GPUDevice;
import org.recursivemas.bridge.webgpu.GPUMapMode;
import org.recursivemas.engine.EngineException;
import org.teavm.jso.typedarrays.ArrayBuffer;

/** Bytes from the GPU. */
public final class Readback {
    /** Records the copies into the buffer that will be read. */
    @FunctionalInterface
    public interface Copies {
        void record(GPUCommandEncoder encoder, GPUBuffer destination);
    }

    private Readback() {
    }

    /**
     * Runs the copies behind all submitted work and returns a copy of what they left. Waits.
     *
     * @param bytes length, a multiple of 4, at least 4
     */
    public static ArrayBuffer read(GPUDevice device, int bytes, Copies copies) {
        GPUBuffer staging = device.createBuffer(GPUBufferDescriptor.create("read-back", bytes,
                GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ));
        try {
            GPUCommandEncoder encoder = device.createCommandEncoder();
            copies.record(encoder, staging);
            device.getQueue().submit(encoder.finish());
            Promises.await(staging.mapAsync(GPUMapMode.READ));
            return staging.getMappedRange().slice(0, bytes); // the range itself ends with the mapping
        } catch (JavaScriptException e) {
            throw new EngineException("Reading from the GPU failed: " + e.getMessage() + ". Reload the page.", e);
        } finally {
            staging.destroy();
        }
    }
}
