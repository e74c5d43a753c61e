package org.recursivemas.bridge;

import org.teavm.jso.JSBody;
import org.teavm.jso.JSClass;
import org.teavm.jso.JSObject;
import org.teavm.jso.JSProperty;
import org.teavm.jso.core.JSPromise;
import org.teavm.jso.core.JSString;
import org.teavm.jso.typedarrays.ArrayBuffer;

/** The browser's fetch, Cache API and Web Crypto, as far as loading a model needs them. */
@JSClass(transparent = true)
abstract class Fetched implements JSObject {
    /** Downloads {@code url}; cached copies are revalidated. Rejects only when the server cannot be reached. */
    @JSBody(params = {"method", "url"}, script = "return fetch(url, {method: method, cache: 'no-cache'});")
    static native JSPromise<Fetched> fetch(String method, String url);

    /** What WebLLM has stored of {@code url}; a missing or unusable cache gives null. */
    @JSBody(params = {"scope", "url"}, script = "if (typeof caches === 'undefined') { return Promise.resolve(null); }"
            + " return caches.open(scope).then(function(cache) { return cache.match(url); })"
            + ".then(function(found) { return found || null; }).catch(function() { return null; });")
    static native JSPromise<Fetched> stored(String scope, String url);

    /** Forgets everything that WebLLM has stored below {@code folder}. Rejects when storage is blocked. */
    @JSBody(params = {"scope", "folder"}, script = "if (typeof caches === 'undefined') { return Promise.resolve(0); }"
            + " return caches.open(scope).then(function(cache) { return cache.keys().then(function(keys) {"
            + " return Promise.all(keys.filter(function(key) { return key.url.indexOf(folder) === 0; })"
            + ".map(function(key) { return cache.delete(key); })); }); });")
    static native JSPromise<JSObject> forget(String scope, String folder);

    /**
     * Stores {@code bytes} under {@code url}. Resolves in any case: to null, or to what the browser said when it did not
     * store them.
     */
    @JSBody(params = {"scope", "url", "bytes"}, script = "if (typeof caches === 'undefined') {"
            + " return Promise.resolve('there is no storage'); }"
            + " return caches.open(scope).then(function(cache) { return cache.put(url, new Response(bytes, {headers:"
            + " {'content-type': 'application/octet-stream', 'content-length': String(bytes.byteLength)}})); })"
            + ".then(function() { return null; }).catch(function(fault) { return fault.message || fault.name; });")
    static native JSPromise<JSString> keep(String scope, String url, ArrayBuffer bytes);

    /** Whether an absolute address is of the page's own server; works in its workers too. */
    @JSBody(params = "url", script = "return new URL(url).origin === globalThis.origin;")
    static native boolean isOwn(String url);

    /** Whether a status says that something in between did not reach the server. */
    static boolean isGatewayFault(int status) {
        return status == 502 || status == 503 || status == 504;
    }

    @JSProperty
    abstract int getStatus();

    abstract JSPromise<JSString> text();

    abstract JSPromise<ArrayBuffer> arrayBuffer();

    /** The announced length in bytes, or -1 when there is none or the body is compressed. */
    @JSBody(script = "var length = this.headers.get('content-length');"
            + " return length === null || this.headers.get('content-encoding') !== null ? -1 : Number(length);")
    final native double contentLength();

    /** SHA-256 in hex, or null where the page has no Web Crypto. */
    @JSBody(params = "bytes", script = "if (!globalThis.crypto || !crypto.subtle) { return Promise.resolve(null); }"
            + " return crypto.subtle.digest('SHA-256', bytes).then(function(hash) {"
            + " return Array.from(new Uint8Array(hash), function(byte) {"
            + " return byte.toString(16).padStart(2, '0'); }).join(''); });")
    static native JSPromise<JSString> sha256(ArrayBuffer bytes);

    @JSBody(params = "text", script = "return new TextEncoder().encode(text).buffer;")
    static native ArrayBuffer utf8(String text);

    /** A URL for these bytes; WebLLM fetches such a URL anew each time. */
    @JSBody(params = "bytes", script = "return URL.createObjectURL(new Blob([bytes], {type: 'application/wasm'}));")
    static native String blobUrl(ArrayBuffer bytes);

    @JSBody(params = "url", script = "URL.revokeObjectURL(url);")
    static native void revoke(String url);
}
