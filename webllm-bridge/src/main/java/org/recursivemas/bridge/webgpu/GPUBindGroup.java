package org.recursivemas.bridge.webgpu;

import org.teavm.jso.JSObject;

/** Interface GPUBindGroup. */
public interface GPUBindGroup extends JSObject {
}
