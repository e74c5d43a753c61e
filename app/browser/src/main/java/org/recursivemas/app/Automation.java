package org.recursivemas.app;

import java.util.function.Consumer;
import org.recursivemas.playground.Failure;
import org.teavm.jso.JSBody;
import org.teavm.jso.JSFunctor;
import org.teavm.jso.JSObject;
import org.teavm.jso.core.JSError;
import org.teavm.jso.core.JSPromise;
import org.teavm.jso.core.JSString;

/**
 * The page as a program uses it: {@code window.recursivemas.run(requestJson)} answers with a promise of the run's
 * report as JSON (fields of the request: {@link RunOptions}), and rejects with an Error that also has {@code code} and
 * {@code remedy}; {@code window.recursivemas.lastReport} is the last report, also of runs that a person started, or
 * null. The views show such a run like any other.
 */
final class Automation {
    private Automation() {
    }

    /** {@code run} of the hook. */
    @JSFunctor
    interface Runner extends JSObject {
        JSPromise<JSString> run(String requestJson);
    }

    static void publish(BrowserPlayground playground, FlavourCodec codec) {
        install(requestJson -> new JSPromise<>((resolve, reject) -> playground.whenOpened(() ->
                run(playground, codec, requestJson, report -> resolve.accept(JSString.valueOf(report)),
                        failure -> reject.accept(error(failure.message, failure.code, failure.remedy))))));
    }

    private static void run(BrowserPlayground playground, FlavourCodec codec, String requestJson,
            Consumer<String> resolve, Consumer<Failure> reject) {
        try {
            playground.requireTeam();
            RunOptions options = FlavourCodec.readOptions(requestJson);
            playground.run(options.toRequest(playground.team(), playground), (report, failure) -> {
                if (failure != null) {
                    reject.accept(failure);
                } else {
                    resolve.accept(codec.write(report));
                }
            });
        } catch (RuntimeException e) {
            reject.accept(Failure.of(e));
        }
    }

    @JSBody(params = {"text", "code", "remedy"}, script = "var error = new Error(text);"
            + " error.code = code; error.remedy = remedy; return error;")
    private static native JSError error(String text, String code, String remedy);

    @JSBody(params = "run", script = "window.recursivemas = {run: run, lastReport: null};")
    private static native void install(Runner run);

    @JSBody(params = "report", script = "window.recursivemas.lastReport = report;")
    static native void lastReport(String report);
}
