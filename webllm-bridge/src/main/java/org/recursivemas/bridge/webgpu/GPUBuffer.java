package org.recursivemas.bridge.webgpu;

import org.teavm.jso.JSObject;
import org.teavm.jso.JSProperty;
import org.teavm.jso.core.JSPromise;
import org.teavm.jso.core.JSUndefined;
import org.teavm.jso.typedarrays.ArrayBuffer;

/** Interface GPUBuffer. */
public interface GPUBuffer extends JSObject {
    /** Bytes. */
    @JSProperty
    double getSize();

    /** @param mode a flag of {@link GPUMapMode} */
    JSPromise<JSUndefined> mapAsync(int mode);

    ArrayBuffer getMappedRange();

    void destroy();
}
