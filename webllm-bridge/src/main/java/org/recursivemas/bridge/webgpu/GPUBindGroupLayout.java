package org.recursivemas.bridge.webgpu;

import org.teavm.jso.JSObject;

/** Interface GPUBindGroupLayout. */
public interface GPUBindGroupLayout extends JSObject {
}
