package org.recursivemas.ui.models;

import java.util.ArrayList;
import java.util.List;
import org.recursivemas.models.ModelStore;
import org.recursivemas.ui.measure.Parser;
import org.teavm.jso.JSBody;
import org.teavm.jso.JSObject;
import org.teavm.jso.JSProperty;
import org.teavm.jso.core.JSArray;
import org.teavm.jso.core.JSPromise;
import org.teavm.jso.typedarrays.Int8Array;

/** The browser's fetch and Cache API. Calls suspend the calling TeaVM thread. */
final class BrowserModelStore implements ModelStore {
    /** The page gets a turn at least this often while much data comes in. */
    private static final double MILLIS_BETWEEN = 12;
    /** Bytes handed on at a time, so that hashing them stays far below what the page may be blocked. */
    private static final int LARGEST_PIECE = 1 << 18;

    private double lastTurn;

    /** What came of a call. */
    abstract static class Result implements JSObject {
        /** Why it failed, or null. */
        @JSProperty
        abstract String getFault();

        /** Whether it failed because there is no room. */
        @JSProperty
        abstract boolean isFull();

        @JSProperty
        abstract int getStatus();

        @JSProperty
        abstract String getType();

        @JSProperty
        abstract double getFrom();

        @JSProperty
        abstract JSObject getReader();

        @JSProperty
        abstract boolean isDone();

        @JSProperty
        abstract Int8Array getBytes();

        @JSProperty
        abstract String[] getUrls();

        @JSProperty
        abstract double[] getSizes();

        @JSProperty
        abstract double getUsage();

        @JSProperty
        abstract double getQuota();
    }

    /** A body that is read piece by piece. */
    private final class Body implements Answer {
        private final Result result;
        private Int8Array piece;
        private int given;

        Body(Result result) {
            this.result = result;
        }

        @Override
        public int status() {
            return result.getStatus();
        }

        @Override
        public String type() {
            return result.getType();
        }

        @Override
        public long from() {
            return (long) result.getFrom();
        }

        @Override
        public byte[] read() {
            if (millis() - lastTurn > MILLIS_BETWEEN) {
                slept(0).await();   // a task of its own: Thread.yield() goes on in the same one
                lastTurn = millis();
            }
            while (piece == null || given == piece.getLength()) {
                Result next = next(result.getReader()).await();
                if (next.getFault() != null) {
                    throw new NetworkLoss(ModelsTexts.brokeOff(next.getFault()));
                }
                if (next.isDone()) {
                    return null;
                }
                piece = next.getBytes();
                given = 0;
            }
            int count = Math.min(LARGEST_PIECE, piece.getLength() - given);
            byte[] bytes = new Int8Array(piece.getBuffer(), piece.getByteOffset() + given, count).copyToJavaArray();
            given += count;
            return bytes;
        }

        @Override
        public void close() {
            cancel(result.getReader());
        }
    }

    @Override
    public Answer get(String url, long from) {
        Result result = fetch(url, from).await();
        if (result.getFault() != null) {
            throw new NetworkLoss(ModelsTexts.unreachable(result.getFault()));
        }
        return new Body(result);
    }

    @Override
    public List<Stored> list(String scope) {
        Result result = listed(scope, null).await();
        List<Stored> files = new ArrayList<>();
        String[] urls = result.getUrls();
        double[] sizes = result.getSizes();
        for (int i = 0; i < urls.length; i++) {
            files.add(new Stored(urls[i], (long) sizes[i]));
        }
        return files;
    }

    @Override
    public Stored find(String scope, String url) {
        double[] sizes = listed(scope, url).await().getSizes();
        return sizes.length == 0 ? null : new Stored(url, (long) sizes[0]);
    }

    @Override
    public Content open(String scope, String url) {
        Result result = opened(scope, url).await();
        return result == null ? null : new Body(result);
    }

    @Override
    public void put(String scope, String url, String type, List<String> parts, List<byte[]> tail) {
        JSArray<Int8Array> pieces = new JSArray<>();
        for (byte[] piece : tail) {
            pieces.push(Int8Array.copyFromJavaArray(piece));
        }
        Result result = put(scope, url, type, PARTS, parts.toArray(new String[0]), pieces).await();
        if (result.getFault() != null) {
            throw new StorageRefusal(result.isFull(), result.getFault());
        }
    }

    @Override
    public void delete(String scope, String url) {
        deleted(scope, url).await();
    }

    @Override
    public Room room() {
        Result result = estimate().await();
        return new Room((long) result.getUsage(), (long) result.getQuota());
    }

    @Override
    public boolean persist() {
        return persisted().await().isDone();
    }

    @Override
    public Object parse(String json) {
        return Parser.parse(json);
    }

    @Override
    public void pause(int millis) {
        slept(millis).await();
    }

    @Override
    public double millis() {
        return now();
    }

    @JSBody(script = "return performance.now();")
    private static native double now();

    @JSBody(params = {"url", "from"}, script = """
            var options = {cache: 'no-store', credentials: 'omit'};
            if (from > 0) { options.headers = {Range: 'bytes=' + from + '-'}; }
            return fetch(url, options).then(function(answer) {
                var range = /^bytes (\\d+)-/.exec(answer.headers.get('content-range') || '');
                var type = answer.headers.get('content-type') || '';
                return {fault: null, status: answer.status, type: type.split(';')[0].trim().toLowerCase(),
                    from: answer.status !== 206 ? 0 : range ? Number(range[1]) : -1,
                    reader: answer.body ? answer.body.getReader() : null};
            }).catch(function(fault) { return {fault: fault.message}; });
            """)
    private static native JSPromise<Result> fetch(String url, double from);

    @JSBody(params = "reader", script = """
            if (!reader) { return Promise.resolve({fault: null, done: true}); }
            return reader.read().then(function(piece) {
                return piece.done ? {fault: null, done: true} : {fault: null, done: false, bytes: new Int8Array(
                    piece.value.buffer, piece.value.byteOffset, piece.value.byteLength)};
            }).catch(function(fault) { return {fault: fault.message}; });
            """)
    private static native JSPromise<Result> next(JSObject reader);

    @JSBody(params = "reader", script = "if (reader) { reader.cancel().catch(function() { return null; }); }")
    private static native void cancel(JSObject reader);

    /** Files of a cache, or the one named, with lengths as stated by the server, else as stored. */
    @JSBody(params = {"scope", "only"}, script = """
            var none = {urls: [], sizes: []};
            if (typeof caches === 'undefined') { return Promise.resolve(none); }
            return caches.has(scope).then(function(there) {
                if (!there) { return none; }
                return caches.open(scope).then(function(cache) {
                    return (only ? Promise.resolve([{url: only}]) : cache.keys()).then(function(keys) {
                        return Promise.all(keys.map(function(key) {
                            return cache.match(key.url).then(function(found) {
                                if (!found) { return null; }
                                var length = found.headers.get('content-length');
                                if (length !== null && found.headers.get('content-encoding') === null) {
                                    return [key.url, Number(length)];
                                }
                                return found.blob().then(function(blob) { return [key.url, blob.size]; });
                            });
                        }));
                    }).then(function(files) {
                        var found = files.filter(Boolean);
                        return {urls: found.map(function(file) { return file[0]; }),
                            sizes: found.map(function(file) { return file[1]; })};
                    });
                });
            }).catch(function() { return none; });
            """)
    private static native JSPromise<Result> listed(String scope, String only);

    @JSBody(params = {"scope", "url"}, script = """
            if (typeof caches === 'undefined') { return Promise.resolve(null); }
            return caches.has(scope).then(function(there) {
                return there ? caches.open(scope).then(function(cache) { return cache.match(url); }) : null;
            }).then(function(found) {
                return found ? {fault: null, status: 200, type: '', from: 0,
                    reader: found.body ? found.body.getReader() : null} : null;
            }).catch(function() { return null; });
            """)
    private static native JSPromise<Result> opened(String scope, String url);

    @JSBody(params = {"scope", "url", "type", "partScope", "parts", "tail"}, script = """
            var pieces = parts.length === 0 ? Promise.resolve([]) : caches.open(partScope).then(function(cache) {
                return Promise.all(parts.map(function(part) {
                    return cache.match(part).then(function(found) {
                        if (!found) { throw new Error('a piece of the file has been cleared by the browser'); }
                        return found.blob();
                    });
                }));
            });
            return pieces.then(function(blobs) {
                var whole = new Blob(blobs.concat(tail));
                return caches.open(scope).then(function(cache) {
                    return cache.put(url, new Response(whole, {headers: {'content-type': type,
                        'content-length': String(whole.size)}}));
                });
            }).then(function() { return {fault: null}; }).catch(function(fault) {
                return {fault: fault.message || fault.name, full: fault.name === 'QuotaExceededError'};
            });
            """)
    private static native JSPromise<Result> put(String scope, String url, String type, String partScope, String[] parts,
            JSArray<Int8Array> tail);

    @JSBody(params = {"scope", "url"}, script = "return caches.open(scope).then(function(cache) { return cache.delete(url); })"
            + ".then(function() { return {fault: null}; }).catch(function(fault) { return {fault: fault.message}; });")
    private static native JSPromise<Result> deleted(String scope, String url);

    @JSBody(script = """
            var unknown = {usage: 0, quota: -1};
            if (!navigator.storage || !navigator.storage.estimate) { return Promise.resolve(unknown); }
            return navigator.storage.estimate().then(function(room) {
                return {usage: room.usage || 0, quota: room.quota === undefined ? -1 : room.quota};
            }).catch(function() { return unknown; });
            """)
    private static native JSPromise<Result> estimate();

    @JSBody(script = "if (!navigator.storage || !navigator.storage.persist) { return Promise.resolve({done: false}); }"
            + " return navigator.storage.persist().then(function(agreed) { return {done: agreed}; })"
            + ".catch(function() { return {done: false}; });")
    private static native JSPromise<Result> persisted();

    @JSBody(params = "millis", script = "return new Promise(function(resolve) {"
            + " setTimeout(function() { resolve({done: true}); }, millis); });")
    private static native JSPromise<Result> slept(int millis);
}
