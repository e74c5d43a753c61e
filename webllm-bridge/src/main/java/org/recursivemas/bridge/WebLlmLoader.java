package org.recursivemas.bridge;

import org.recursivemas.bridge.js.JavaScriptException;
import org.recursivemas.bridge.js.Promises;
import org.recursivemas.bridge.webllm.WebLlmModule;
import org.recursivemas.engine.EngineException;
import org.teavm.jso.JSBody;
import org.teavm.jso.core.JSPromise;
import org.teavm.jso.core.JSUndefined;

/** Brings the {@code @mlc-ai/web-llm} package into the page or worker. Called once, and only where WebGPU is available. */
@FunctionalInterface
public interface WebLlmLoader {
    /** The package; may wait. */
    WebLlmModule load();

    /**
     * Loads the classic script at {@code url}, which defines the global {@code webllm}. 7 MB: pages that cannot use it
     * never fetch it.
     */
    static WebLlmLoader script(String url) {
        return () -> {
            if (WebLlmModule.global() == null) {
                try {
                    Promises.await(Script.load(url));
                } catch (JavaScriptException e) {
                    throw new EngineException("WebLLM could not be loaded from " + url
                            + ": check that the site holds this"
                            + " file and reload the page.", e);
                }
            }
            WebLlmModule module = WebLlmModule.global();
            if (module == null) {
                throw new EngineException("The script " + url + " does not define webllm. Build the site again.");
            }
            return module;
        };
    }

    /** A page brings a classic script in by an element, a worker by importScripts, which waits for it. */
    final class Script {
        private Script() {
        }

        @JSBody(params = "url", script = "return new Promise(function(resolve, reject) {"
                + " if (typeof document === 'undefined') { importScripts(url); resolve(); return; }"
                + " var script = document.createElement('script'); script.src = url; script.async = true;"
                + " script.onload = function() { resolve(); };"
                + " script.onerror = function() { script.remove(); reject(new Error('script failed to load')); };"
                + " document.head.appendChild(script); });")
        static native JSPromise<JSUndefined> load(String url);
    }
}
