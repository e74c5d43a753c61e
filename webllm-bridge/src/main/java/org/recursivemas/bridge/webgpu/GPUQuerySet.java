package org.recursivemas.bridge.webgpu;

import org.teavm.jso.JSObject;

/** Interface GPUQuerySet. */
public interface GPUQuerySet extends JSObject {
    void destroy();
}
