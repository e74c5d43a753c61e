package org.recursivemas.bridge.webllm;

import org.teavm.jso.JSBody;
import org.teavm.jso.JSClass;
import org.teavm.jso.JSObject;

/** WebLLM's GenerationConfig: what overrides the chat configuration for one generation. */
@JSClass(transparent = true)
public abstract class GenerationConfig implements JSObject {
    @JSBody(params = {"maxTokens", "temperature", "topP"},
            script = "return {max_tokens: maxTokens, temperature: temperature, top_p: topP};")
    public static native GenerationConfig create(int maxTokens, double temperature, double topP);
}
