package org.recursivemas.bridge.webgpu;

import org.teavm.jso.JSObject;
import org.teavm.jso.JSProperty;

/** Interface GPUDeviceLostInfo. */
public interface GPUDeviceLostInfo extends JSObject {
    /** {@code "unknown"} or {@code "destroyed"}. */
    @JSProperty
    String getReason();

    @JSProperty
    String getMessage();
}
