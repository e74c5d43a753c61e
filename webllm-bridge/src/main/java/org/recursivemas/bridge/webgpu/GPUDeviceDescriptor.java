package org.recursivemas.bridge.webgpu;

import org.teavm.jso.JSBody;
import org.teavm.jso.JSClass;
import org.teavm.jso.JSObject;

/** Dictionary GPUDeviceDescriptor. Filled step by step, as features and limits depend on the adapter. */
@JSClass(transparent = true)
public abstract class GPUDeviceDescriptor implements JSObject {
    @JSBody(params = "label", script = "return {label: label, requiredFeatures: [], requiredLimits: {}};")
    public static native GPUDeviceDescriptor create(String label);

    @JSBody(params = "feature", script = "this.requiredFeatures.push(feature);")
    public final native void require(String feature);

    @JSBody(params = {"limit", "value"}, script = "this.requiredLimits[limit] = value;")
    public final native void require(String limit, double value);
}
