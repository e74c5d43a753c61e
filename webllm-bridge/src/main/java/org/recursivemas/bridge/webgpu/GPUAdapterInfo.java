package org.recursivemas.bridge.webgpu;

import org.teavm.jso.JSObject;
import org.teavm.jso.JSProperty;

/** Interface GPUAdapterInfo. Browsers may leave any of the texts empty. */
public interface GPUAdapterInfo extends JSObject {
    @JSProperty
    String getVendor();

    @JSProperty
    String getArchitecture();

    @JSProperty
    String getDescription();
}
