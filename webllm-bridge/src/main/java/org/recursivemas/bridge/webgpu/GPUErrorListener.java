package org.recursivemas.bridge.webgpu;

import org.teavm.jso.JSFunctor;
import org.teavm.jso.JSObject;

/** Hears errors of a device that no error scope captured. */
@JSFunctor
@FunctionalInterface
public interface GPUErrorListener extends JSObject {
    void onError(GPUError error);
}
