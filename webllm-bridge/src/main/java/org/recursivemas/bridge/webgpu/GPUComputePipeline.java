package org.recursivemas.bridge.webgpu;

import org.teavm.jso.JSObject;

/** Interface GPUComputePipeline. */
public interface GPUComputePipeline extends JSObject {
    GPUBindGroupLayout getBindGroupLayout(int index);
}
