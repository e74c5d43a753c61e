package org.recursivemas.bridge.webllm;

import org.teavm.jso.JSBody;
import org.teavm.jso.JSClass;
import org.teavm.jso.JSObject;

/** MLCEngineConfig with an AppConfig of one ModelRecord. */
@JSClass(transparent = true)
public abstract class MLCEngineConfig implements JSObject {
    /**
     * @param modelId id for {@link MLCEngine#reload}
     * @param model absolute URL of the weights' folder
     * @param modelLib URL of the model library
     * @param contextWindow tokens of the KV cache; 0 takes what the model's configuration says
     */
    @JSBody(params = {"modelId", "model", "modelLib", "contextWindow", "progress"},
            script = "return {logLevel: 'WARN', initProgressCallback: progress, appConfig: {cacheBackend: 'cache',"
                    + " model_list: [{model: model, model_id: modelId, model_lib: modelLib,"
                    + " overrides: contextWindow > 0"
                    + " ? {context_window_size: contextWindow, sliding_window_size: -1} : {}}]}};")
    public static native MLCEngineConfig create(String modelId, String model, String modelLib, int contextWindow,
            InitProgressCallback progress);
}
