package org.recursivemas.bridge.webgpu;

import org.teavm.jso.JSObject;

/** Interface GPUSupportedFeatures: a read-only set of feature names. */
public interface GPUSupportedFeatures extends JSObject {
    boolean has(String feature);
}
