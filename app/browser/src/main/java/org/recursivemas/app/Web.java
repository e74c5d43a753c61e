package org.recursivemas.app;

import org.recursivemas.bridge.KeptFiles;
import org.recursivemas.bridge.js.Promises;
import org.recursivemas.engine.GpuRequirement;
import org.teavm.jso.JSBody;
import org.teavm.jso.JSObject;
import org.teavm.jso.JSProperty;
import org.teavm.jso.core.JSPromise;
import org.teavm.jso.core.JSString;
import org.teavm.jso.typedarrays.ArrayBuffer;
import org.teavm.jso.typedarrays.Int8Array;

/** What the application itself needs of the browser: files, checksums, addresses, time. */
final class Web {
    private Web() {
    }

    /**
     * The text of a file. Waits.
     *
     * @param what what the file is, for messages
     * @param kept where it comes from when its server is out of reach
     * @throws org.recursivemas.engine.EngineException when it cannot be had
     */
    static String text(String url, String what, KeptFiles kept) {
        return decode(buffer(url, what, kept));
    }

    /** As {@link #text}, for a binary file. */
    static byte[] bytes(String url, String what, KeptFiles kept) {
        return new Int8Array(buffer(url, what, kept)).copyToJavaArray();
    }

    private static ArrayBuffer buffer(String url, String what, KeptFiles kept) {
        return kept.get(url, what + " " + url, "Check the address.");
    }

    @JSBody(params = "bytes", script = "return new TextDecoder().decode(bytes);")
    private static native String decode(ArrayBuffer bytes);

    /**
     * Lets the messages and events that wait have their turn. Waits. {@code Thread.yield()} mostly returns at once, and a timer
     * would wait 4 ms.
     */
    static void turn() {
        Promises.await(nextTask());
    }

    @JSBody(script = "return new Promise(function(resolve) { var channel = new MessageChannel();"
            + " channel.port1.onmessage = function() { channel.port1.close(); resolve(); };"
            + " channel.port2.postMessage(null); });")
    private static native JSPromise<JSObject> nextTask();

    /** SHA-256 (hex) of a text in UTF-8; null on a page without Web Crypto. Waits. */
    static String sha256(String text) {
        JSString hash = Promises.await(digest(encode(text)));
        return hash == null ? null : hash.stringValue();
    }

    /** What is known of a script of the site. */
    abstract static class Described implements JSObject {
        /** In hex; null when the script could not be read, or on a page without Web Crypto. */
        @JSProperty
        abstract String getSha256();

        /** Name and version that the script states in a comment at its beginning, or null. */
        @JSProperty
        abstract String getTitle();
    }

    /** Reads a script of the site once more, for its checksum and version. Waits. */
    static Described describe(String url) {
        return Promises.await(described(url));
    }

    @JSBody(params = "text", script = "return new TextEncoder().encode(text);")
    private static native JSObject encode(String text);

    @JSBody(params = "bytes", script = "if (!globalThis.crypto || !crypto.subtle) { return Promise.resolve(null); }"
            + " return crypto.subtle.digest('SHA-256', bytes).then(function(hash) {"
            + " return Array.from(new Uint8Array(hash), function(byte) {"
            + " return byte.toString(16).padStart(2, '0'); }).join(''); });")
    private static native JSPromise<JSString> digest(JSObject bytes);

    @JSBody(params = "url", script = "var unknown = {sha256: null, title: null};\n"
            + "return fetch(url).then(function(answer) { return answer.ok ? answer.arrayBuffer() : null; })\n"
            + ".then(function(bytes) {\n"
            + "    if (bytes === null) { return unknown; }\n"
            + "    var head = new TextDecoder().decode(bytes.slice(0, 200));\n"
            + "    var stated = /^\\/\\*! (\\S+ \\d\\S*) /.exec(head), title = stated ? stated[1] : null;\n"
            + "    if (!globalThis.crypto || !crypto.subtle) { return {sha256: null, title: title}; }\n"
            + "    return crypto.subtle.digest('SHA-256', bytes).then(function(hash) {\n"
            + "        return {title: title, sha256: Array.from(new Uint8Array(hash), function(byte) {\n"
            + "            return byte.toString(16).padStart(2, '0'); }).join('')};\n"
            + "    });\n"
            // a report without this checksum is still a report
            + "}).catch(function() { return unknown; });")
    private static native JSPromise<Described> described(String url);

    /**
     * {@code url}, relative to {@code base}, as an absolute address. On the page, {@code base} is relative to the page;
     * in a worker it must be absolute.
     */
    @JSBody(params = {"url", "base"}, script = "var root = typeof document === 'undefined' ? undefined"
            + " : document.baseURI; return new URL(url, new URL(base, root)).href;")
    static native String resolve(String url, String base);

    /** Why the models cannot run in this browser, with what to do about it; null when nothing is known to be in the way. */
    static String unavailableReason() {
        String reason = GpuRequirement.unmet(hasGpu(), isSecure());
        return reason != null || hasWorkers() ? reason
                : "This browser has no workers, in which the models run. Use a current one.";
    }

    @JSBody(script = "return !!navigator.gpu;")
    private static native boolean hasGpu();

    @JSBody(script = "return globalThis.isSecureContext === true;")
    private static native boolean isSecure();

    @JSBody(script = "return typeof Worker === 'function';")
    private static native boolean hasWorkers();

    @JSBody(script = "return navigator.userAgent;")
    static native String userAgent();

    /** Milliseconds since the page started, with fractions. */
    @JSBody(script = "return performance.now();")
    static native double millis();
}
