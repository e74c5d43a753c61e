package org.recursivemas.bridge.webgpu;

import org.teavm.jso.JSBody;
import org.teavm.jso.JSClass;
import org.teavm.jso.JSObject;

/** Dictionary GPURequestAdapterOptions. */
@JSClass(transparent = true)
public abstract class GPURequestAdapterOptions implements JSObject {
    /** @param powerPreference {@code "low-power"} or {@code "high-performance"} */
    @JSBody(params = "powerPreference", script = "return {powerPreference: powerPreference};")
    public static native GPURequestAdapterOptions create(String powerPreference);
}
