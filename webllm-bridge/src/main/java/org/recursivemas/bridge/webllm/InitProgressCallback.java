package org.recursivemas.bridge.webllm;

import org.teavm.jso.JSFunctor;
import org.teavm.jso.JSObject;

/** Hears how loading goes. */
@JSFunctor
@FunctionalInterface
public interface InitProgressCallback extends JSObject {
    void onProgress(InitProgressReport report);
}
