package org.recursivemas.bridge.webgpu;

import org.teavm.jso.JSObject;

/** Interface GPUShaderModule. */
public interface GPUShaderModule extends JSObject {
}
