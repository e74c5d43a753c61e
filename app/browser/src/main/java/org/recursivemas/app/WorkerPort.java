package org.recursivemas.app;

import org.recursivemas.data.FormatException;
import org.recursivemas.playground.EnginePort;
import org.recursivemas.playground.Failure;
import org.recursivemas.playground.Messages;
import org.teavm.jso.JSBody;
import org.teavm.jso.JSFunctor;
import org.teavm.jso.JSObject;
import org.teavm.jso.core.JSArray;
import org.teavm.jso.typedarrays.Float32Array;

/**
 * The way from the page to a worker of its own. The worker starts from a blob URL, whose only content is to load the
 * engine's script: such a worker inherits the page's Content-Security-Policy, one that starts from the script's own
 * address would have none.
 */
final class WorkerPort implements EnginePort {
    private static final String REMEDY = "Restart the engine, or run again: the models come from the browser's cache.";

    private final FlavourCodec codec;
    private final JSObject worker;

    private WorkerPort(FlavourCodec codec, JSObject worker) {
        this.codec = codec;
        this.worker = worker;
    }

    /** Hears a text. */
    @JSFunctor
    interface Hearing extends JSObject {
        void hear(String text);
    }

    /** Hears a message. */
    @JSFunctor
    interface Posted extends JSObject {
        void hear(String json, JSArray<Float32Array> blocks);
    }

    /**
     * @param script absolute address of the worker's script
     * @param task what it is for: an argument of its entry point
     */
    static Opener opener(FlavourCodec codec, String script, String task) {
        return receiver -> new WorkerPort(codec, create(script, task,
                (json, blocks) -> receive(codec, json, blocks, receiver),
                fault -> receiver.lost(fault.isEmpty()
                        ? Failure.of(Failure.WORKER_LOST, "The models' worker could not be started from " + script + ".",
                                "Check that the site holds this file, then restart the engine.")
                        : Failure.of(Failure.WORKER_LOST, "The models' worker ended unexpectedly (" + fault + ").",
                                REMEDY))));
    }

    private static void receive(FlavourCodec codec, String json, JSArray<Float32Array> blocks,
            Receiver receiver) {
        Messages.Message message;
        try {
            message = codec.readMessage(json);
        } catch (FormatException e) {
            receiver.lost(Failure.of(Failure.WORKER_LOST, "The models' worker sent what this page does not understand ("
                    + e.getMessage() + ").", "Reload the page."));
            return;
        }
        message.blocks(fromJs(blocks));
        receiver.received(message);
    }

    @Override
    public void post(Messages.Message message) {
        send(worker, codec.write(message), toJs(message.blocks()));
    }

    /** Copies that may change hands. */
    static JSArray<Float32Array> toJs(float[][] blocks) {
        JSArray<Float32Array> result = new JSArray<>();
        for (float[] block : blocks) {
            result.push(Float32Array.copyFromJavaArray(block));
        }
        return result;
    }

    static float[][] fromJs(JSArray<Float32Array> blocks) {
        float[][] result = new float[blocks.getLength()][];
        for (int i = 0; i < result.length; i++) {
            result[i] = blocks.get(i).copyToJavaArray();
        }
        return result;
    }

    @Override
    public void close() {
        terminate(worker);
    }

    /** The fault is empty when nothing was ever heard and the browser does not say why, as for a missing script. */
    @JSBody(params = {"script", "task", "hearing", "failing"}, script = ""
            + "var source = 'importScripts(' + JSON.stringify(script) + ');main([' + JSON.stringify(task) + ']);';\n"
            + "var url = URL.createObjectURL(new Blob([source], {type: 'text/javascript'}));\n"
            + "var worker = new Worker(url), up = false;\n"
            + "worker.onmessage = function(event) {\n"
            + "    if (!up) { up = true; URL.revokeObjectURL(url); }\n"
            // A worker of an older version posts text alone: its version is looked at, then it is ended.
            + "    if (typeof event.data === 'string') { hearing(event.data, []); return; }\n"
            + "    hearing(event.data.json, event.data.blocks);\n"
            + "};\n"
            + "worker.onmessageerror = function() { failing('a message could not be read'); };\n"
            + "worker.onerror = function(event) {\n"
            + "    var loading = /importScripts/.test(event.message || '');\n"
            + "    failing(loading ? '' : event.message || (up ? 'no reason given' : ''));\n"
            + "};\n"
            + "return worker;")
    private static native JSObject create(String script, String task, Posted hearing, Hearing failing);

    @JSBody(params = {"worker", "json", "blocks"}, script = "worker.postMessage({json: json, blocks: blocks},"
            + " blocks.map(function(block) { return block.buffer; }));")
    static native void send(JSObject worker, String json, JSArray<Float32Array> blocks);

    @JSBody(params = "worker", script = "worker.onmessage = worker.onerror = worker.onmessageerror = null;"
            + " worker.terminate();")
    private static native void terminate(JSObject worker);
}
