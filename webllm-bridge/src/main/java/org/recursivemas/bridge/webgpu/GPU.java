package org.recursivemas.bridge.webgpu;

import org.teavm.jso.JSBody;
import org.teavm.jso.JSClass;
import org.teavm.jso.JSObject;
import org.teavm.jso.core.JSPromise;

/** {@code navigator.gpu}. */
@JSClass(transparent = true)
public abstract class GPU implements JSObject {
    /** {@code navigator.gpu}, or null where the browser has none (or hides it: WebGPU needs https or localhost). */
    @JSBody(script = "return typeof navigator !== 'undefined' && navigator.gpu ? navigator.gpu : null;")
    public static native GPU get();

    /** Resolves to null when there is no adapter. */
    public abstract JSPromise<GPUAdapter> requestAdapter(GPURequestAdapterOptions options);
}
