package org.recursivemas.bridge.webllm;

import org.teavm.jso.JSObject;
import org.teavm.jso.JSProperty;

/** One progress report of WebLLM. */
public interface InitProgressReport extends JSObject {
    /** 0 to 1 within one phase (download, upload to the GPU, shaders). */
    @JSProperty
    double getProgress();

    @JSProperty
    String getText();
}
