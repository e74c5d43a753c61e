package org.recursivemas.bridge.webgpu;

import org.teavm.jso.JSObject;
import org.teavm.jso.JSProperty;

/** Interface GPUError. */
public interface GPUError extends JSObject {
    @JSProperty
    String getMessage();
}
