package org.recursivemas.bridge.js;

import org.teavm.interop.Async;
import org.teavm.interop.AsyncCallback;
import org.teavm.jso.JSBody;
import org.teavm.jso.core.JSPromise;

/** Promises awaited by suspending the calling TeaVM thread. */
public final class Promises {
    private Promises() {
    }

    /**
     * The value of {@code promise}.
     *
     * @throws JavaScriptException when it is rejected, with the reason's text
     */
    public static <T> T await(JSPromise<T> promise) {
        return settle(promise);
    }

    @Async
    private static native <T> T settle(JSPromise<T> promise);

    private static <T> void settle(JSPromise<T> promise, AsyncCallback<T> callback) {
        promise.then(value -> {
            callback.complete(value);
            return null;
        }, reason -> {
            callback.error(new JavaScriptException(text(reason)));
            return null;
        });
    }

    @JSBody(params = "reason", script = "return reason instanceof Error ? reason.message : String(reason);")
    private static native String text(Object reason);
}
