package org.recursivemas.bridge.webgpu;

import org.teavm.jso.JSObject;

/** Interface GPUCommandBuffer. */
public interface GPUCommandBuffer extends JSObject {
}
