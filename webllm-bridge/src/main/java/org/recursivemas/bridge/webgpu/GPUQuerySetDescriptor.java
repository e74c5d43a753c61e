package org.recursivemas.bridge.webgpu;

import org.teavm.jso.JSBody;
import org.teavm.jso.JSClass;
import org.teavm.jso.JSObject;

/** Dictionary GPUQuerySetDescriptor. */
@JSClass(transparent = true)
public abstract class GPUQuerySetDescriptor implements JSObject {
    /** @param count queries, at most 4096 */
    @JSBody(params = {"label", "count"}, script = "return {label: label, type: 'timestamp', count: count};")
    public static native GPUQuerySetDescriptor timestamps(String label, int count);
}
