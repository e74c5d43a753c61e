package org.recursivemas.bridge.webgpu;

import org.teavm.jso.JSObject;
import org.teavm.jso.JSProperty;
import org.teavm.jso.core.JSPromise;

/** Interface GPUAdapter. */
public interface GPUAdapter extends JSObject {
    @JSProperty
    GPUSupportedFeatures getFeatures();

    @JSProperty
    GPUSupportedLimits getLimits();

    @JSProperty
    GPUAdapterInfo getInfo();

    JSPromise<GPUDevice> requestDevice(GPUDeviceDescriptor descriptor);
}
