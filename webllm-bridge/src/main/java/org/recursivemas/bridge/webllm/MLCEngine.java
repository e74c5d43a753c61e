package org.recursivemas.bridge.webllm;

import org.teavm.jso.JSBody;
import org.teavm.jso.JSClass;
import org.teavm.jso.JSObject;
import org.teavm.jso.core.JSPromise;
import org.teavm.jso.core.JSUndefined;

/** WebLLM's engine. */
@JSClass(transparent = true)
public abstract class MLCEngine implements JSObject {
    public abstract JSPromise<JSUndefined> reload(String modelId);

    public abstract JSPromise<JSUndefined> unload();

    /** Ends the downloads of a reload under way; the reload then resolves without a model. */
    @JSBody(script = "if (this.reloadController) { this.reloadController.abort(); }")
    public final native void abortReload();

    /** The loaded model's pipeline, or null. */
    @JSBody(params = "modelId", script = "var found = this.loadedModelIdToPipeline.get(modelId);"
            + " return found ? found : null;")
    public final native LLMChatPipeline pipeline(String modelId);
}
