package org.recursivemas.app;

import org.teavm.jso.JSBody;
import org.teavm.jso.JSFunctor;
import org.teavm.jso.JSObject;
import org.teavm.jso.core.JSError;
import org.teavm.jso.core.JSPromise;
import org.teavm.jso.core.JSString;

/**
 * The page as a program uses it: {@code window.recursivemas.run(requestJson)} answers with a promise of the run's
 * report as JSON (fields of the request: {@link RunOptions}); {@code window.recursivemas.lastReport} is the last one,
 * also of runs that a person started, or null. The views show such a run like any other.
 */
final class Automation {
    private Automation() {
    }

    /** {@code run} of the hook. */
    @JSFunctor
    interface Runner extends JSObject {
        JSPromise<JSString> run(String requestJson);
    }

    static void publish(BrowserPlayground playground) {
        install(requestJson -> new JSPromise<>((resolve, reject) -> new Thread(() -> {
            try {
                playground.awaitTeam();
                RunOptions options = FlavourCodec.readOptions(requestJson);
                resolve.accept(JSString.valueOf(playground.runNow(options.toRequest(playground.team(), playground))));
            } catch (Throwable t) {
                reject.accept(error(BrowserPlayground.messageOf(t)));
            }
        }).start()));
    }

    @JSBody(params = "text", script = "return new Error(text);")
    private static native JSError error(String text);

    @JSBody(params = "run", script = "window.recursivemas = {run: run, lastReport: null};")
    private static native void install(Runner run);

    @JSBody(params = "report", script = "window.recursivemas.lastReport = report;")
    static native void lastReport(String report);
}
