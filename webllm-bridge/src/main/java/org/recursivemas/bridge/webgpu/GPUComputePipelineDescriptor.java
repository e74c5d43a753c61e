package org.recursivemas.bridge.webgpu;

import org.teavm.jso.JSBody;
import org.teavm.jso.JSClass;
import org.teavm.jso.JSObject;

/** Dictionary GPUComputePipelineDescriptor. */
@JSClass(transparent = true)
public abstract class GPUComputePipelineDescriptor implements JSObject {
    /** A pipeline whose bind group layout follows from the shader. */
    @JSBody(params = {"label", "module", "entryPoint"},
            script = "return {label: label, layout: 'auto', compute: {module: module, entryPoint: entryPoint}};")
    public static native GPUComputePipelineDescriptor create(String label, GPUShaderModule module, String entryPoint);
}
