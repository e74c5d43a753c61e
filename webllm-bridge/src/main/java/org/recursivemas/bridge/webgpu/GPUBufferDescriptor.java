package org.recursivemas.bridge.webgpu;

import org.teavm.jso.JSBody;
import org.teavm.jso.JSClass;
import org.teavm.jso.JSObject;

/** Dictionary GPUBufferDescriptor. */
@JSClass(transparent = true)
public abstract class GPUBufferDescriptor implements JSObject {
    /**
     * @param size bytes
     * @param usage flags of {@link GPUBufferUsage}
     */
    @JSBody(params = {"label", "size", "usage"}, script = "return {label: label, size: size, usage: usage};")
    public static native GPUBufferDescriptor create(String label, double size, int usage);
}
