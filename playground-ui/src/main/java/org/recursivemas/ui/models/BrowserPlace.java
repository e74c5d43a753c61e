package org.recursivemas.ui.models;

import java.util.List;
import org.recursivemas.models.Machine;
import org.recursivemas.models.ModelStore;
import org.teavm.jso.JSBody;
import org.teavm.jso.JSObject;
import org.teavm.jso.JSProperty;
import org.teavm.jso.core.JSPromise;

/** The real browser. */
public final class BrowserPlace implements ModelPlace {
    private final ModelStore store = new BrowserModelStore();

    /** What the browser tells of its GPU. */
    abstract static class Adapter implements JSObject {
        @JSProperty
        abstract boolean isThere();

        @JSProperty
        abstract boolean isHalf();

        @JSProperty
        abstract double getBuffer();

        @JSProperty
        abstract double getMemory();

        @JSProperty
        abstract String getName();
    }

    @Override
    public ModelStore store() {
        return store;
    }

    @Override
    public String unstorable() {
        return hasCaches() ? null : ModelsTexts.UNSTORABLE;
    }

    @Override
    public void begin(Runnable task) {
        new Thread(task).start();
    }

    @Override
    public Machine machine() {
        Adapter adapter = adapter().await();
        return new Machine(adapter.isThere(), adapter.isHalf(), (long) adapter.getBuffer(), (long) adapter.getMemory(),
                adapter.getName());
    }

    @Override
    public List<String> parameters(String name) {
        return List.of(all(name));
    }

    @JSBody(script = "try { return typeof caches !== 'undefined' && typeof caches.open === 'function'; }"
            + " catch (refused) { return false; }")
    private static native boolean hasCaches();

    /** The largest buffer is at most the 1 GiB that WebLLM asks for. */
    @JSBody(script = """
            var memory = (navigator.deviceMemory || 0) * 1e9;
            var none = {there: false, half: false, buffer: 0, memory: memory, name: ''};
            if (!navigator.gpu) { return Promise.resolve(none); }
            return navigator.gpu.requestAdapter({powerPreference: 'high-performance'}).then(function(adapter) {
                if (!adapter) { return none; }
                var info = adapter.info || {}, limits = adapter.limits;
                return {there: true, half: adapter.features.has('shader-f16'), memory: memory,
                    buffer: Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize, 1 << 30),
                    name: [info.vendor, info.architecture].filter(Boolean).join(' ')};
            }).catch(function() { return none; });
            """)
    private static native JSPromise<Adapter> adapter();

    @Override
    public String page() {
        return here();
    }

    @Override
    public String resolve(String address, String base) {
        return resolved(address, base);
    }

    @Override
    public String encode(String text) {
        return encoded(text);
    }

    @JSBody(script = "return location.href.split(/[?#]/)[0];")
    private static native String here();

    @JSBody(params = {"address", "base"}, script = "try { return new URL(address, base).href; }"
            + " catch (fault) { return null; }")
    private static native String resolved(String address, String base);

    @JSBody(params = "name", script = "return new URLSearchParams(location.search).getAll(name);")
    private static native String[] all(String name);

    @JSBody(params = "text", script = "return encodeURIComponent(text);")
    private static native String encoded(String text);
}
