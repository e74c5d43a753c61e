package org.recursivemas.app;

import org.recursivemas.bridge.WebGpu;
import org.recursivemas.playground.EngineHost;
import org.recursivemas.playground.EnginePort;
import org.recursivemas.playground.Messages;
import org.teavm.jso.JSBody;
import org.teavm.jso.JSFunctor;
import org.teavm.jso.JSObject;

/** The entry point of the worker: models, links and WebGPU live here. */
public final class EngineMain {
    private EngineMain() {
    }

    /** Hears what the page sends. */
    @JSFunctor
    interface Hearing extends JSObject {
        void hear(String json);
    }

    public static void main(String[] arguments) {
        FlavourCodec codec = new FlavourCodec();
        EnginePort page = new EnginePort() {
            @Override
            public void post(Messages.Message message) {
                send(codec.write(message));
            }

            @Override
            public void close() {
                end();
            }
        };
        EngineHost[] host = {null};
        listen(json -> host[0].received(codec.readMessage(json)));
        host[0] = new EngineHost(page, WebGpu.unavailableReason(),
                (base, pageVersion) -> new WebLlmEngine(codec, new Scripts(base, pageVersion)));
    }

    @JSBody(params = "hearing", script = "self.onmessage = function(event) { hearing(event.data); };")
    private static native void listen(Hearing hearing);

    @JSBody(params = "json", script = "self.postMessage(json);")
    private static native void send(String json);

    @JSBody(script = "self.close();")
    private static native void end();
}
