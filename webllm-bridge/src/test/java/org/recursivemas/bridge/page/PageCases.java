package org.recursivemas.bridge.page;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.teavm.jso.JSBody;
import org.teavm.jso.JSFunctor;
import org.teavm.jso.JSObject;
import org.teavm.jso.core.JSPromise;
import org.teavm.jso.core.JSString;

/** The cases that a test page offers to the test that drives it: {@code runCase(name)} in the page. */
public final class PageCases {
    private final Map<String, Supplier<String>> cases = new LinkedHashMap<>();

    /** A case returns what it measured, or throws. It may wait. */
    public PageCases add(String name, Supplier<String> run) {
        cases.put(name, run);
        return this;
    }

    /** A case without a measurement. */
    public PageCases add(String name, Runnable run) {
        return add(name, () -> {
            run.run();
            return "";
        });
    }

    public void install() {
        install(name -> JSPromise.callAsync(() -> JSString.valueOf(run(name))));
    }

    private String run(String name) {
        Supplier<String> run = cases.get(name);
        if (run == null) {
            throw new IllegalArgumentException("no case " + name);
        }
        try {
            return "ok " + run.get();
        } catch (RuntimeException | AssertionError e) {
            e.printStackTrace();
            return "failed " + e.getClass().getName() + ": " + e.getMessage();
        }
    }

    /** Runs a case by name. */
    @JSFunctor
    interface CaseRunner extends JSObject {
        JSPromise<JSString> run(String name);
    }

    @JSBody(params = "runner", script = "globalThis.runCase = runner;")
    private static native void install(CaseRunner runner);

    /** Fails unless {@code condition}. */
    public static void check(boolean condition, String message) {
        if (!condition) {
            throw new AssertionError(message);
        }
    }

    /** The exception that {@code action} throws; fails when it throws none of that type. */
    public static <T extends Throwable> T thrown(Class<T> type, Runnable action) {
        try {
            action.run();
        } catch (Throwable e) {
            if (type.isInstance(e)) {
                return type.cast(e);
            }
            throw new AssertionError("expected " + type.getName() + " but got " + e);
        }
        throw new AssertionError("expected " + type.getName() + " but nothing was thrown");
    }

    /** The next engine to be unloaded refuses; those after it do not. */
    @JSBody(script = "var proto = webllm.MLCEngine.prototype, unload = proto.unload; proto.unload = function() {"
            + " proto.unload = unload; return Promise.reject(new Error('refused to unload')); };")
    public static native void refuseNextUnload();

    /** Counts calls of GPUBuffer.mapAsync from now on. */
    @JSBody(script = "var proto = GPUBuffer.prototype; if (!proto.realMapAsync) { proto.realMapAsync = proto.mapAsync;"
            + " proto.mapAsync = function() { globalThis.mapAsyncCalls++; return this.realMapAsync.apply(this,"
            + " arguments); }; }"
            + " globalThis.mapAsyncCalls = 0;")
    public static native void countMapAsync();

    @JSBody(script = "return globalThis.mapAsyncCalls;")
    public static native int mapAsyncCalls();

    /** Counts calls of GPUQueue.submit from now on. */
    @JSBody(script = "var proto = GPUQueue.prototype; if (!proto.realSubmit) { proto.realSubmit = proto.submit;"
            + " proto.submit = function() { globalThis.submitCalls++; return this.realSubmit.apply(this,"
            + " arguments); }; }"
            + " globalThis.submitCalls = 0;")
    public static native void countSubmits();

    @JSBody(script = "return globalThis.submitCalls;")
    public static native int submits();
}
