package org.recursivemas.facts;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.recursivemas.models.ModelStore;

/** A server and a browser's caches in memory; what goes wrong is set by the tests. */
final class SimulatedStore implements ModelStore {
    private static final int CHUNK = 1 << 18;

    final Map<String, byte[]> server = new LinkedHashMap<>();
    final Map<String, Object> trees = new LinkedHashMap<>();
    final Map<String, TreeMap<String, byte[]>> caches = new LinkedHashMap<>();
    /** What was asked of the server: address, '@' and first byte. */
    final List<String> asked = new ArrayList<>();
    final List<Integer> pauses = new ArrayList<>();
    boolean ranges = true;
    /** Bytes after which the next connections break off; used up one by one. */
    final List<Integer> breaks = new ArrayList<>();
    /** Statuses that the next answers have instead of their file; used up one by one. */
    final List<Integer> statuses = new ArrayList<>();
    long quota = -1;
    boolean persisted;
    String type = "application/octet-stream";
    private double clock;

    private static final class Chunks implements Answer {
        private final byte[] bytes;
        private final int status;
        private final long from;
        private final String type;
        private final int breakAt;
        private int at;

        Chunks(byte[] bytes, int status, long from, String type, int breakAt) {
            this.bytes = bytes;
            this.status = status;
            this.from = from;
            this.type = type;
            this.breakAt = breakAt;
            at = (int) from;
        }

        @Override
        public int status() {
            return status;
        }

        @Override
        public String type() {
            return type;
        }

        @Override
        public long from() {
            return from;
        }

        @Override
        public byte[] read() {
            int sent = at - (int) from;
            if (sent >= breakAt) {
                throw new NetworkLoss("the connection broke off");
            }
            if (at == bytes.length) {
                return null;
            }
            int count = Math.min(Math.min(CHUNK, bytes.length - at), breakAt - sent);
            at += count;
            return Arrays.copyOfRange(bytes, at - count, at);
        }

        @Override
        public void close() {
            at = bytes.length;
        }
    }

    @Override
    public Answer get(String url, long from) {
        asked.add(url.substring(url.lastIndexOf('/') + 1) + "@" + from);
        int breakAt = breaks.isEmpty() ? Integer.MAX_VALUE : breaks.remove(0);
        if (breakAt == 0) {
            throw new NetworkLoss("the server cannot be reached");
        }
        if (!statuses.isEmpty()) {
            return new Chunks(new byte[0], statuses.remove(0), 0, "text/plain", Integer.MAX_VALUE);
        }
        byte[] file = server.get(url);
        if (file == null) {
            return new Chunks(new byte[0], 404, 0, "text/html", Integer.MAX_VALUE);
        }
        boolean part = ranges && from > 0;
        return part && from >= file.length ? new Chunks(new byte[0], 416, 0, "", Integer.MAX_VALUE)
                : new Chunks(file, part ? 206 : 200, part ? from : 0, type, breakAt);
    }

    TreeMap<String, byte[]> cache(String scope) {
        return caches.computeIfAbsent(scope, any -> new TreeMap<>());
    }

    @Override
    public List<Stored> list(String scope) {
        List<Stored> list = new ArrayList<>();
        cache(scope).forEach((url, bytes) -> list.add(new Stored(url, bytes.length)));
        return list;
    }

    @Override
    public Stored find(String scope, String url) {
        byte[] bytes = cache(scope).get(url);
        return bytes == null ? null : new Stored(url, bytes.length);
    }

    @Override
    public Content open(String scope, String url) {
        byte[] bytes = cache(scope).get(url);
        return bytes == null ? null : new Chunks(bytes, 200, 0, "", Integer.MAX_VALUE);
    }

    @Override
    public void put(String scope, String url, String mediaType, List<String> parts, List<byte[]> tail) {
        List<byte[]> all = new ArrayList<>();
        parts.forEach(part -> all.add(cache(PARTS).get(part)));
        all.addAll(tail);
        int length = 0;
        for (byte[] bytes : all) {
            length += bytes.length;
        }
        byte[] whole = new byte[length];
        int at = 0;
        for (byte[] bytes : all) {
            System.arraycopy(bytes, 0, whole, at, bytes.length);
            at += bytes.length;
        }
        if (quota >= 0 && used() + length > quota) {
            throw new StorageRefusal(true, "Quota exceeded.");
        }
        cache(scope).put(url, whole);
    }

    long used() {
        long sum = 0;
        for (TreeMap<String, byte[]> cache : caches.values()) {
            for (byte[] bytes : cache.values()) {
                sum += bytes.length;
            }
        }
        return sum;
    }

    @Override
    public void delete(String scope, String url) {
        cache(scope).remove(url);
    }

    @Override
    public Room room() {
        return new Room(used(), quota);
    }

    @Override
    public boolean persist() {
        persisted = true;
        return true;
    }

    /** The trees of texts that the tests made: the core has no parser of its own. */
    @Override
    public Object parse(String json) {
        Object tree = trees.get(json);
        if (tree == null) {
            throw new IllegalArgumentException("Unexpected token");
        }
        return tree;
    }

    void serve(String url, String json, Object tree) {
        server.put(url, json.getBytes(StandardCharsets.UTF_8));
        trees.put(json, tree);
    }

    @Override
    public void pause(int millis) {
        pauses.add(millis);
        clock += millis;
    }

    @Override
    public double millis() {
        return clock += 50;
    }
}
