package org.recursivemas.bridge.webgpu;

import org.teavm.jso.JSObject;

/** Interface GPUComputePassEncoder. */
public interface GPUComputePassEncoder extends JSObject {
    void setPipeline(GPUComputePipeline pipeline);

    void setBindGroup(int index, GPUBindGroup bindGroup);

    void dispatchWorkgroups(int x, int y);

    void end();
}
