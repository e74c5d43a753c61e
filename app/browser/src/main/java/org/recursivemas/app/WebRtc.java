package org.recursivemas.app;

import org.recursivemas.together.PeerChannel;
import org.teavm.jso.JSBody;
import org.teavm.jso.JSFunctor;
import org.teavm.jso.JSObject;
import org.teavm.jso.core.JSPromise;
import org.teavm.jso.core.JSString;
import org.teavm.jso.typedarrays.Int8Array;

/** A WebRTC data channel to one other browser, by the simple-peer library (peers.js). */
final class WebRtc implements PeerChannel {
    private final JSObject peer;

    /** Hears a text. */
    @JSFunctor
    interface Telling extends JSObject {
        void tell(String text);
    }

    /** Hears a frame. */
    @JSFunctor
    interface Framing extends JSObject {
        void frame(Int8Array bytes);
    }

    /** Hears that something happened. */
    @JSFunctor
    interface Happening extends JSObject {
        void happened();
    }

    /** What becomes of a connection. */
    interface Events {
        /** The offer or answer of this side is known, as JSON. */
        void signal(String json);

        /** Both sides are connected. @return what hears the channel */
        Receiver open(PeerChannel channel);

        /** It ended before it was open. */
        void failed(String reason);
    }

    private WebRtc(JSObject peer) {
        this.peer = peer;
    }

    /** Loads the library, once. */
    @JSBody(params = "url", script = "if (window.simplePeer) { return Promise.resolve(null); }\n"
            + "return new Promise(function(done, fail) {\n"
            + "    var script = document.createElement('script');\n"
            + "    script.src = url;\n"
            + "    script.onload = function() { done(null); };\n"
            + "    script.onerror = function() { fail(new Error(url + ' could not be loaded')); };\n"
            + "    document.head.appendChild(script);\n"
            + "});")
    static native JSPromise<JSObject> library(String url);

    /** Whether this browser has WebRTC. */
    @JSBody(script = "return typeof RTCPeerConnection === 'function' && typeof CompressionStream === 'function';")
    static native boolean available();

    /**
     * Begins a connection.
     *
     * @param initiator whether this side makes the offer
     * @param servers STUN and TURN servers as a JSON list of RTCIceServer
     */
    static WebRtc open(boolean initiator, String servers, Events events) {
        WebRtc[] self = {null};
        Receiver[] receiver = {null};
        self[0] = new WebRtc(create(initiator, servers, events::signal,
                () -> receiver[0] = events.open(self[0]),
                bytes -> receiver[0].received(bytes.copyToJavaArray()),
                () -> {
                    if (receiver[0] != null) {
                        receiver[0].drained();
                    }
                },
                reason -> {
                    if (receiver[0] != null) {
                        receiver[0].closed(reason);
                    } else {
                        events.failed(reason);
                    }
                }));
        return self[0];
    }

    /** The other side's offer or answer. */
    void signal(String json) {
        signal(peer, json);
    }

    @Override
    public boolean send(byte[] frame) {
        return write(peer, Int8Array.copyFromJavaArray(frame));
    }

    @Override
    public void close() {
        destroy(peer);
    }

    @JSBody(params = {"initiator", "servers", "signal", "open", "data", "drain", "close"}, script = ""
            + "var peer = new simplePeer.Peer({initiator: initiator, trickle: false,\n"
            + "    config: {iceServers: JSON.parse(servers)}}), over = false, reason = 'The other side has left.';\n"
            + "function end() { if (!over) { over = true; close(reason); } }\n"
            + "peer.on('signal', function(signalled) { if (signalled.sdp) { signal(JSON.stringify(signalled)); } });\n"
            // What came before this side was told that it is connected waits in the stream until somebody listens.
            + "peer.on('connect', function() {\n"
            + "    open();\n"
            + "    peer.on('data', function(bytes) {\n"
            + "        if (!over) { data(new Int8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)); } });\n"
            + "});\n"
            + "peer.on('drain', function() { if (!over) { drain(); } });\n"
            + "peer.on('error', function(fault) { reason = 'The connection failed (' + fault.message + ').'; end(); });\n"
            + "peer.on('disconnect', end);\n"
            + "peer.on('close', end);\n"
            + "return peer;")
    private static native JSObject create(boolean initiator, String servers, Telling signal, Happening open,
            Framing data, Happening drain, Telling close);

    @JSBody(params = {"peer", "json"}, script = "peer.signal(JSON.parse(json));")
    private static native void signal(JSObject peer, String json);

    @JSBody(params = {"peer", "bytes"}, script = "return peer.destroyed || peer.destroying ? true : peer.write(new"
            + " Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));")
    private static native boolean write(JSObject peer, Int8Array bytes);

    @Override
    public void sendLast(byte[] frame) {
        writeNow(peer, Int8Array.copyFromJavaArray(frame));
    }

    /** Past the library's stream, which writes in a later task: there is none when a page is being closed. */
    @JSBody(params = {"peer", "bytes"}, script = "var channel = peer._channel;\n"
            + "if (channel && channel.readyState === 'open') { channel.send(new Uint8Array(bytes.buffer,"
            + " bytes.byteOffset, bytes.byteLength)); }")
    private static native void writeNow(JSObject peer, Int8Array bytes);

    @JSBody(params = "peer", script = "peer.destroy();")
    private static native void destroy(JSObject peer);

    /** A signal as a code of letters, digits, - and _ that can stand in a link. */
    @JSBody(params = "json", script = ""
            + "var stream = new Blob([json]).stream().pipeThrough(new CompressionStream('deflate-raw'));\n"
            + "return new Response(stream).arrayBuffer().then(function(buffer) {\n"
            + "    var text = String.fromCharCode.apply(null, new Uint8Array(buffer));\n"
            + "    return btoa(text).replace(/\\+/g, '-').replace(/\\//g, '_').replace(/=+$/, '');\n"
            + "});")
    static native JSPromise<JSString> encode(String json);

    /** The signal of a code, or of a link with one in it; null when it is none of that {@code type}. */
    @JSBody(params = {"code", "type"}, script = ""
            + "var bare = code.trim().replace(/^.*#together=/, '').replace(/\\s+/g, '');\n"
            + "return Promise.resolve().then(function() {\n"
            + "    var text = atob(bare.replace(/-/g, '+').replace(/_/g, '/'));\n"
            + "    var bytes = Uint8Array.from(text, function(letter) { return letter.charCodeAt(0); });\n"
            + "    var stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'));\n"
            + "    return new Response(stream).text();\n"
            + "}).then(function(json) {\n"
            + "    var signal = JSON.parse(json);\n"
            + "    return signal.type === type && typeof signal.sdp === 'string' ? json : null;\n"
            + "}).catch(function() { return null; });")
    static native JSPromise<JSString> decode(String code, String type);

    /** Lines such as {@code stun:host:3478} or {@code turn:host:3478 user password} as JSON; null for a bad line. */
    @JSBody(params = "text", script = ""
            + "var servers = [];\n"
            + "var lines = text.split('\\n').map(function(line) { return line.trim(); });\n"
            + "for (var at = 0; at < lines.length; at++) {\n"
            + "    var words = lines[at].split(/\\s+/);\n"
            + "    if (lines[at] === '') { continue; }\n"
            + "    if (/^stuns?:\\S+$/.test(words[0]) && words.length === 1) { servers.push({urls: words[0]}); }\n"
            + "    else if (/^turns?:\\S+$/.test(words[0]) && words.length === 3) {\n"
            + "        servers.push({urls: words[0], username: words[1], credential: words[2]});\n"
            + "    } else { return null; }\n"
            + "}\n"
            + "return JSON.stringify(servers);")
    static native String servers(String text);

    /** The invitation in the page's address, or empty. */
    @JSBody(script = "var found = /^#together=([A-Za-z0-9_-]+)$/.exec(location.hash); return found ? found[1] : '';")
    static native String invitation();

    /** The page's address has another fragment now. */
    @JSBody(params = "action", script = "addEventListener('hashchange', function() { action(); });")
    static native void onAddress(Happening action);

    /** The page is left or closed. */
    @JSBody(params = "action", script = "addEventListener('pagehide', function() { action(); });")
    static native void onLeaving(Happening action);

    /** The page's address with an invitation. */
    @JSBody(params = "code", script = "return location.href.replace(/#.*$/, '') + '#together=' + code;")
    static native String link(String code);

    /** 128 random bits in hex. */
    @JSBody(script = "return Array.from(crypto.getRandomValues(new Uint8Array(16)), function(byte) {"
            + " return byte.toString(16).padStart(2, '0'); }).join('');")
    static native String randomName();

    @JSBody(params = {"action", "millis"}, script = "setInterval(action, millis);")
    static native void every(Happening action, int millis);
}
