package org.recursivemas.bridge.webllm;

import org.teavm.jso.JSBody;
import org.teavm.jso.JSClass;
import org.teavm.jso.JSObject;

/** The {@code @mlc-ai/web-llm} package, loaded as the global {@code webllm}. */
@JSClass(transparent = true)
public abstract class WebLlmModule implements JSObject {
    /** The global {@code webllm}, or null when the script has not been loaded. */
    @JSBody(script = "return typeof globalThis.webllm === 'object' && globalThis.webllm ? globalThis.webllm : null;")
    public static native WebLlmModule global();

    /** {@code new MLCEngine(config)}. */
    @JSBody(params = "config", script = "return new this.MLCEngine(config);")
    public final native MLCEngine newEngine(MLCEngineConfig config);
}
