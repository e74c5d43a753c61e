package org.recursivemas.models;

import java.util.ArrayList;
import java.util.List;
import org.recursivemas.links.Digest;

/**
 * A file under way: pieces that are stored, so that a reload keeps them, and what came in since. Pieces are kept only for
 * files whose checksum is known, because nothing else tells whether old and new pieces belong together.
 */
final class Parts {
    static final int PIECE_BYTES = 4 << 20;
    private static final String MARK = "?part=";

    private final ModelStore store;
    private final ModelFile file;
    private final List<String> stored = new ArrayList<>();
    private final List<byte[]> tail = new ArrayList<>();
    private long bytes;
    private long tailBytes;
    private Digest digest;

    /** Begins with the pieces that an earlier visit left. */
    Parts(ModelStore store, ModelFile file) {
        this.store = store;
        this.file = file;
        digest = file.digest();
        while (digest != null) {
            ModelStore.Content content = store.open(ModelStore.PARTS, partUrl(stored.size()));
            if (content == null) {
                break;
            }
            for (byte[] chunk = content.read(); chunk != null; chunk = content.read()) {
                digest.update(chunk, 0, chunk.length);
                bytes += chunk.length;
            }
            stored.add(partUrl(stored.size()));
        }
        if (file.bytes() >= 0 && bytes > file.bytes()) {
            reset();
        }
    }

    /** The key of a piece: the file's address, marked. */
    private String partUrl(int index) {
        return file.url() + MARK + index;
    }

    /** The address of the file that a piece belongs to. */
    static String owner(String partUrl) {
        int mark = partUrl.indexOf(MARK);
        return mark < 0 ? partUrl : partUrl.substring(0, mark);
    }

    /** Bytes that are there. */
    long bytes() {
        return bytes;
    }

    /** Whether what is there can be continued, or must be fetched again from the beginning. */
    boolean canContinue() {
        return digest != null;
    }

    void append(byte[] chunk) {
        tail.add(chunk);
        tailBytes += chunk.length;
        bytes += chunk.length;
        if (digest != null) {
            digest.update(chunk, 0, chunk.length);
            if (tailBytes >= PIECE_BYTES) {
                keep();
            }
        }
    }

    /** Stores what came in since the last piece, for a later visit. */
    void keep() {
        if (digest != null && tailBytes > 0) {
            String url = partUrl(stored.size());
            store.put(ModelStore.PARTS, url, "application/octet-stream", List.of(), tail);
            stored.add(url);
            tail.clear();
            tailBytes = 0;
        }
    }

    /** The checksum of what is there, or null where none is stated; ends the computation. */
    String hash() {
        return digest == null ? null : digest.hex();
    }

    /** Puts the file together in its cache. */
    void finish(String type) {
        store.put(file.scope(), file.url(), type, stored, tail);
        forget();
    }

    /** Begins anew. */
    void reset() {
        forget();
        digest = file.digest();
    }

    private void forget() {
        for (String part : stored) {
            store.delete(ModelStore.PARTS, part);
        }
        stored.clear();
        tail.clear();
        tailBytes = 0;
        bytes = 0;
    }
}
