package org.recursivemas.models;

import java.util.List;

/**
 * What downloads need of a browser. Calls wait. Caches that WebLLM reads are kept under the names it knows, with the
 * address of each file as its key.
 */
public interface ModelStore {
    /** The cache of mlc-chat-config.json. */
    String CONFIG = "webllm/config";
    /** The cache of tokenizers, tensor-cache.json and shards. */
    String MODEL = "webllm/model";
    /** The cache of model libraries. */
    String LIBRARY = "webllm/wasm";
    /** The cache of what a team needs beside its models' folders; ours, for times without a network. */
    String KEPT = "recursivemas/kept";
    /** The cache of checksums that stored weights had when they were last compared with those of their index; ours. */
    String CHECKED = "recursivemas/checked";
    /** The cache of pieces of files whose download is not finished; ours, WebLLM does not look into it. */
    String PARTS = "recursivemas/parts";

    /** Nothing was heard from the server, or the connection broke off. */
    final class NetworkLoss extends RuntimeException {
        public NetworkLoss(String message) {
            super(message);
        }
    }

    /** The browser did not store a file: {@code full} when it has no room left. */
    final class StorageRefusal extends RuntimeException {
        private final boolean full;

        public StorageRefusal(boolean full, String message) {
            super(message);
            this.full = full;
        }

        public boolean full() {
            return full;
        }
    }

    /** A stream of bytes. */
    interface Content {
        /** The next bytes, at least one; null at the end. @throws NetworkLoss when it breaks off */
        byte[] read();

        /** Gives up what was not read. */
        void close();
    }

    /** What a server answered. */
    interface Answer extends Content {
        int status();

        /** The media type without parameters, in lower case; "" when none was stated. */
        String type();

        /** Where the body starts in the file: 0, or what a 206 answer states; -1 when a 206 answer hides it. */
        long from();
    }

    /** A file in a cache. */
    record Stored(String url, long bytes) {
    }

    /**
     * Room for this site, by the browser's estimate.
     *
     * @param usage bytes in use
     * @param quota bytes that may be in use; -1 when the browser does not say
     */
    record Room(long usage, long quota) {
    }

    /**
     * Asks for a file, past the browser's own cache.
     *
     * @param from first byte wanted; 0 asks for the whole file
     * @throws NetworkLoss when the server cannot be reached
     */
    Answer get(String url, long from);

    /** All files of a cache. */
    List<Stored> list(String scope);

    /** A file of a cache with its length, or null. */
    Stored find(String scope, String url);

    /** The content of a file of a cache, or null. */
    Content open(String scope, String url);

    /**
     * Stores a file, whole or not at all: the files {@code parts} of {@link #PARTS} one after the other, then {@code
     * tail}. The parts themselves stay.
     *
     * @throws StorageRefusal when the browser does not keep it
     */
    void put(String scope, String url, String type, List<String> parts, List<byte[]> tail);

    /** Forgets a file; does nothing where there is none. */
    void delete(String scope, String url);

    Room room();

    /** Asks the browser not to clear this site's data by itself. @return whether it agreed */
    boolean persist();

    /** @throws IllegalArgumentException when the text is not JSON; trees are made of Map, List, String, Number, Boolean */
    Object parse(String json);

    /** Waits. */
    void pause(int millis);

    /** A clock in milliseconds. */
    double millis();
}
