package org.recursivemas.app;

import org.recursivemas.bridge.WebGpu;
import org.recursivemas.playground.EngineHost;
import org.recursivemas.playground.EnginePort;
import org.recursivemas.playground.Messages;
import org.teavm.jso.JSBody;
import org.teavm.jso.JSObject;

/** The entry point of the worker: models, links and WebGPU live here. */
public final class EngineMain {
    /** This worker runs whole teams. */
    static final String TEAM = "team";
    /** This worker plays some agents of a team whose others are in other browsers. */
    static final String PART = "part";

    private EngineMain() {
    }

    /** @param arguments {@link #TEAM} or {@link #PART} */
    public static void main(String[] arguments) {
        FlavourCodec codec = new FlavourCodec();
        EnginePort page = new EnginePort() {
            @Override
            public void post(Messages.Message message) {
                WorkerPort.send(self(), codec.write(message), WorkerPort.toJs(message.blocks()));
            }

            @Override
            public void close() {
                end();
            }
        };
        EnginePort.Receiver[] host = {null};
        listen((json, blocks) -> {
            Messages.Message message = codec.readMessage(json);
            message.blocks(WorkerPort.fromJs(blocks));
            host[0].received(message);
        });
        host[0] = arguments[0].equals(PART) ? new PartWorker(page, WebGpu.unavailableReason(), codec)
                : new EngineHost(page, WebGpu.unavailableReason(),
                        (base, pageVersion) -> new WebLlmEngine(codec, new Scripts(base, pageVersion)));
    }

    @JSBody(params = "hearing", script = "self.onmessage = function(event) {"
            + " hearing(event.data.json, event.data.blocks); };")
    private static native void listen(WorkerPort.Posted hearing);

    @JSBody(script = "return self;")
    private static native JSObject self();

    @JSBody(script = "self.close();")
    private static native void end();
}
