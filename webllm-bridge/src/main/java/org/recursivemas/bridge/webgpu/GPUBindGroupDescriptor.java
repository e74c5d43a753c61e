package org.recursivemas.bridge.webgpu;

import org.teavm.jso.JSBody;
import org.teavm.jso.JSClass;
import org.teavm.jso.JSObject;

/** Dictionary GPUBindGroupDescriptor for buffers. */
@JSClass(transparent = true)
public abstract class GPUBindGroupDescriptor implements JSObject {
    @JSBody(params = {"label", "layout"}, script = "return {label: label, layout: layout, entries: []};")
    public static native GPUBindGroupDescriptor create(String label, GPUBindGroupLayout layout);

    /** Binds the first {@code size} bytes of {@code buffer}; its size is what the shader's {@code arrayLength} sees. */
    @JSBody(params = {"binding", "buffer", "size"},
            script = "this.entries.push({binding: binding, resource: {buffer: buffer, offset: 0, size: size}});")
    public final native void bind(int binding, GPUBuffer buffer, double size);
}
