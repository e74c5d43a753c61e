package org.recursivemas.bridge.webgpu;

import org.teavm.jso.JSBody;
import org.teavm.jso.JSClass;
import org.teavm.jso.JSObject;
import org.teavm.jso.core.JSPromise;
import org.teavm.jso.core.JSUndefined;
import org.teavm.jso.typedarrays.ArrayBufferView;

/** Interface GPUQueue. */
@JSClass(transparent = true)
public abstract class GPUQueue implements JSObject {
    @JSBody(params = "commands", script = "this.submit([commands]);")
    public final native void submit(GPUCommandBuffer commands);

    /** Writes the whole of {@code data}, whose length in bytes is a multiple of 4. */
    public abstract void writeBuffer(GPUBuffer buffer, int bufferOffset, ArrayBufferView data);

    public abstract JSPromise<JSUndefined> onSubmittedWorkDone();
}
