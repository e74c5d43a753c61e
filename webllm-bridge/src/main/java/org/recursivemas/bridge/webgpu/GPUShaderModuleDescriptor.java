package org.recursivemas.bridge.webgpu;

import org.teavm.jso.JSBody;
import org.teavm.jso.JSClass;
import org.teavm.jso.JSObject;

/** Dictionary GPUShaderModuleDescriptor. */
@JSClass(transparent = true)
public abstract class GPUShaderModuleDescriptor implements JSObject {
    /** @param code WGSL */
    @JSBody(params = {"label", "code"}, script = "return {label: label, code: code};")
    public static native GPUShaderModuleDescriptor create(String label, String code);
}
