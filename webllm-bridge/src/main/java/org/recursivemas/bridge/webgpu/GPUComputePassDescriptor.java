package org.recursivemas.bridge.webgpu;

import org.teavm.jso.JSBody;
import org.teavm.jso.JSClass;
import org.teavm.jso.JSObject;

/** Dictionary GPUComputePassDescriptor. */
@JSClass(transparent = true)
public abstract class GPUComputePassDescriptor implements JSObject {
    @JSBody(params = "label", script = "return {label: label};")
    public static native GPUComputePassDescriptor create(String label);

    /**
     * A pass that writes its start to query {@code first} and its end to {@code first + 1} of a timestamp query set.
     */
    @JSBody(params = {"label", "querySet", "first"},
            script = "return {label: label, timestampWrites: {querySet: querySet, beginningOfPassWriteIndex: first,"
                    + " endOfPassWriteIndex: first + 1}};")
    public static native GPUComputePassDescriptor timed(String label, GPUQuerySet querySet, int first);
}
