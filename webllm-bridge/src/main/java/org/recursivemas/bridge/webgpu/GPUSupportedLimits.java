package org.recursivemas.bridge.webgpu;

import org.teavm.jso.JSObject;
import org.teavm.jso.JSProperty;

/** Interface GPUSupportedLimits, as far as WebLLM or the kernels ask for more than the default. Sizes in bytes. */
public interface GPUSupportedLimits extends JSObject {
    @JSProperty
    double getMaxBufferSize();

    @JSProperty
    double getMaxStorageBufferBindingSize();

    @JSProperty
    int getMaxComputeWorkgroupStorageSize();

    @JSProperty
    int getMaxStorageBuffersPerShaderStage();

    @JSProperty
    int getMaxComputeInvocationsPerWorkgroup();
}
