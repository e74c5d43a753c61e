package org.recursivemas.models;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.recursivemas.engine.EngineException;
import org.recursivemas.links.Digest;

/**
 * Brings models into the caches that WebLLM reads. What is there already is compared, by length and checksum, and fetched
 * only where it is missing or damaged, so that a download that was cancelled, broke off or met a reload goes on where it
 * was: finished files stay; inside a file whose checksum is known the rest is asked for where the server can do that.
 */
public final class Downloader {
    /** Times in a row that a file may break off without a single byte before the download is given up. */
    static final int MAX_FAILURES = 5;
    private static final int FIRST_PAUSE = 1000;
    private static final int LONGEST_PAUSE = 16_000;
    private static final int PAUSE_SLICE = 100;
    private static final double PROGRESS_MILLIS = 100;
    /** What a browser needs beside the bytes themselves. */
    private static final double OVERHEAD = 1.02;

    /** Hears how a download goes on. */
    public interface Listener {
        void onProgress(DownloadProgress progress);

        /** Something that a person should know: a damaged file, a connection that broke off. */
        void onNote(String text);
    }

    private static final class Cancelled extends RuntimeException {
        Cancelled() {
            super("cancelled");
        }
    }

    private final ModelStore store;
    private final Map<String, String> digests;
    private final Listener listener;
    private final BooleanSupplier cancelled;
    private final RateMeter meter = new RateMeter();
    private long done;
    private long total;
    private long received;
    private double told = Double.NEGATIVE_INFINITY;

    /**
     * @param digests SHA-256 by address of the files whose package states them; may be empty
     * @param cancelled asked between pieces
     */
    public Downloader(ModelStore store, Map<String, String> digests, Listener listener, BooleanSupplier cancelled) {
        this.store = store;
        this.digests = digests;
        this.listener = listener;
        this.cancelled = cancelled;
    }

    /**
     * Downloads the models of these folders, or checks and repairs what is there. Waits.
     *
     * @param folders addresses with a slash at their end
     * @return false when it was cancelled
     * @throws EngineException naming the file and what to do; what was finished stays
     */
    public boolean download(List<String> folders) {
        try {
            List<ModelFile> missing = new ArrayList<>();
            List<ModelFile> shards = new ArrayList<>();
            Map<ModelFile, byte[]> small = new LinkedHashMap<>();
            for (String folder : folders) {
                plan(folder, small, shards);
            }
            for (ModelFile file : shards) {
                total += Math.max(0, file.bytes());
            }
            for (ModelFile file : shards) {
                if (!sound(file)) {
                    missing.add(file);
                }
            }
            requireRoom(missing);
            small.forEach((file, content) -> put(file, () ->
                    store.put(file.scope(), file.url(), "application/json", List.of(), List.of(content))));
            for (ModelFile file : missing) {
                fetch(file);
            }
            tell("", false, true);
            return true;
        } catch (Cancelled e) {
            return false;
        }
    }

    private void checkCancelled() {
        if (cancelled.getAsBoolean()) {
            throw new Cancelled();
        }
    }

    private void tell(String file, boolean checking, boolean always) {
        double now = store.millis();
        if (always || now - told >= PROGRESS_MILLIS) {
            told = now;
            meter.add(now, received);
            listener.onProgress(new DownloadProgress(done, total, checking ? 0 : meter.perSecond(), file, checking));
        }
    }

    /** Reads the two files that list the others. Files of another version of the model are forgotten. */
    private void plan(String folder, Map<ModelFile, byte[]> small, List<ModelFile> shards) {
        ModelFile config = ModelFolder.config(folder, digests);
        ModelFile index = ModelFolder.index(folder, digests);
        byte[] configBytes = small(config);
        byte[] indexBytes = small(index);
        Object configTree = parse(config, configBytes);
        Object indexTree = parse(index, indexBytes);
        if (differs(config, configBytes) || differs(index, indexBytes)) {
            listener.onNote("The stored files belong to another version of this model, so they are fetched again.");
            CachedModels.delete(store, folder);
        }
        small.put(config, configBytes);
        small.put(index, indexBytes);
        shards.add(ModelFolder.tokenizer(folder, configTree, digests));
        shards.addAll(ModelFolder.shards(folder, indexTree, digests));
    }

    private Object parse(ModelFile file, byte[] bytes) {
        try {
            return store.parse(Bytes.text(bytes));
        } catch (IllegalArgumentException e) {
            throw new EngineException(EngineException.NETWORK, file.url() + " is not JSON (" + e.getMessage() + ").",
                    "Check the address: a server may answer a missing file with a page.", e);
        }
    }

    private boolean differs(ModelFile file, byte[] fresh) {
        ModelStore.Content stored = store.open(file.scope(), file.url());
        return stored != null && !Arrays.equals(Bytes.all(stored), fresh);
    }

    /** A small file as a whole, with the same retries as large ones. */
    private byte[] small(ModelFile file) {
        for (int failures = 1; ; failures++) {
            checkCancelled();
            tell(file.name(), false, false);
            try {
                ModelStore.Answer answer = store.get(file.url(), 0);
                requireStatus(file, answer);
                byte[] bytes = Bytes.all(answer);
                Digest digest = file.digest();
                if (digest == null || digest.update(bytes, 0, bytes.length).hex().equals(file.hash())) {
                    return bytes;
                }
                throw damagedAtTheServer(file);
            } catch (ModelStore.NetworkLoss e) {
                waitAndRetry(file, failures, e);
            }
        }
    }

    /** Whether the cache has this file as it must be; what is damaged is forgotten and said. */
    private boolean sound(ModelFile file) {
        checkCancelled();
        ModelStore.Stored stored = store.find(file.scope(), file.url());
        if (stored == null) {
            return false;
        }
        boolean sound = file.bytes() < 0 ? stored.bytes() > 0 : stored.bytes() == file.bytes();
        Digest digest = file.digest();
        if (sound && digest != null) {
            ModelStore.Content content = store.open(file.scope(), file.url());
            long before = done;
            for (byte[] chunk = content.read(); chunk != null; chunk = content.read()) {
                digest.update(chunk, 0, chunk.length);
                done += file.bytes() < 0 ? 0 : chunk.length;
                tell(file.name(), true, false);
                if (cancelled.getAsBoolean()) {
                    content.close();
                    throw new Cancelled();
                }
            }
            sound = digest.hex().equals(file.hash());
            done = sound ? done : before;
        } else if (sound) {
            done += Math.max(0, file.bytes());
        }
        if (!sound) {
            listener.onNote(file.name() + " in the cache is damaged; it is fetched again.");
            store.delete(file.scope(), file.url());
        }
        return sound;
    }

    private void requireRoom(List<ModelFile> missing) {
        long needed = 0;
        for (ModelFile file : missing) {
            needed += Math.max(0, file.bytes());
        }
        for (ModelStore.Stored part : store.list(ModelStore.PARTS)) {
            String owner = Parts.owner(part.url());
            if (missing.stream().anyMatch(file -> file.url().equals(owner))) {
                needed -= part.bytes();
            }
        }
        if (needed <= 0) {
            return;
        }
        store.persist();
        ModelStore.Room room = store.room();
        if (room.quota() >= 0 && needed * OVERHEAD > room.quota() - room.usage()) {
            throw full(Math.max(0, room.quota() - room.usage()), needed);
        }
    }

    private EngineException full(long free, long needed) {
        return new EngineException(EngineException.STORAGE, "The browser gives this site " + Sizes.of(free) + " more, but "
                + Sizes.of(needed) + " are to be stored.", deletable(), null);
    }

    private String deletable() {
        StringBuilder list = new StringBuilder();
        for (CachedModels.Cached cached : CachedModels.list(store)) {
            list.append(list.length() == 0 ? "" : "; ").append(cached.folder()).append(" (").append(Sizes.of(cached.bytes()))
                    .append(')');
        }
        return list.length() == 0 ? "Free disk space: nothing of this site's models is stored that could be deleted."
                : "Delete what you do not need, below: " + list + ".";
    }

    private void put(ModelFile file, Runnable storing) {
        try {
            storing.run();
        } catch (ModelStore.StorageRefusal e) {
            throw new EngineException(EngineException.STORAGE, file.name() + " could not be stored ("
                    + (e.full() ? "the browser has no room left for this site" : e.getMessage()) + ").",
                    e.full() ? deletable() : "Allow this site to store data in the browser's settings, then continue.", e);
        }
    }

    private void fetch(ModelFile file) {
        Parts parts = new Parts(store, file);
        long base = done;
        int failures = 0;
        int mismatches = 0;
        while (true) {
            checkCancelled();
            count(file, parts, base);
            long before = parts.bytes();
            try {
                String type = file.bytes() >= 0 && parts.bytes() == file.bytes() ? "" : receive(file, parts, base);
                if (parts.bytes() < file.bytes()) {
                    throw new ModelStore.NetworkLoss("the connection ended after " + parts.bytes() + " of "
                            + file.bytes() + " bytes");
                }
                String hash = parts.hash();
                boolean right = hash == null ? file.bytes() < 0 || parts.bytes() == file.bytes() : hash.equals(file.hash());
                if (right) {
                    put(file, () -> parts.finish(type.isEmpty() ? "application/octet-stream" : type));
                    tell(file.name(), false, true);
                    return;
                }
                parts.reset();
                if (++mismatches > 1) {
                    throw damagedAtTheServer(file);
                }
                listener.onNote(file.name() + " came damaged; it is fetched again.");
            } catch (ModelStore.NetworkLoss e) {
                failures = parts.bytes() > before ? 1 : failures + 1;
                if (!parts.canContinue()) {
                    parts.reset();
                }
                count(file, parts, base);
                waitAndRetry(file, parts, failures, e);
            } catch (Cancelled e) {
                put(file, parts::keep);
                throw e;
            }
        }
    }

    /** Counts what is there of a file. @param base bytes of all others */
    private void count(ModelFile file, Parts parts, long base) {
        done = base + (file.bytes() < 0 ? 0 : parts.bytes());
    }

    /** Receives what is missing of a file, from where it is if the server can do that. @return the media type */
    private String receive(ModelFile file, Parts parts, long base) {
        ModelStore.Answer answer = store.get(file.url(), parts.bytes());
        if (answer.status() == 416 || answer.status() == 206 && answer.from() != parts.bytes() && answer.from() != -1) {
            answer.close();
            parts.reset();
            answer = store.get(file.url(), 0);
            requireStatus(file, answer);
        } else {
            requireStatus(file, answer);
            if (answer.status() == 200 && parts.bytes() > 0) {
                parts.reset();   // a server without ranges
            }
        }
        for (byte[] chunk = answer.read(); chunk != null; chunk = answer.read()) {
            put(file, new Append(parts, chunk));
            received += chunk.length;
            count(file, parts, base);
            tell(file.name(), false, false);
            if (cancelled.getAsBoolean()) {
                answer.close();
                throw new Cancelled();
            }
        }
        return answer.type();
    }

    private record Append(Parts parts, byte[] chunk) implements Runnable {
        @Override
        public void run() {
            parts.append(chunk);
        }
    }

    /** @throws ModelStore.NetworkLoss when another attempt may help; EngineException when not */
    private void requireStatus(ModelFile file, ModelStore.Answer answer) {
        int status = answer.status();
        boolean page = answer.type().equals("text/html");
        if ((status == 200 || status == 206) && !page) {
            return;
        }
        answer.close();
        if (status == 408 || status == 429 || status >= 500) {
            throw new ModelStore.NetworkLoss("the server answered with status " + status);
        }
        throw new EngineException(EngineException.NETWORK, file.url() + (page && status < 300 ? " is a page, not a file of a model."
                : " cannot be had (HTTP status " + status + ")."), status == 401 || status == 403
                ? "The server wants you to log in or to accept a licence first, which this page cannot do."
                : "Check the address; the model may have been moved.", null);
    }

    private EngineException damagedAtTheServer(ModelFile file) {
        return new EngineException(EngineException.NETWORK, file.url() + " does not have the checksum that its model states ("
                + file.hash() + "), also when it is fetched again.",
                "Whoever publishes the model has to publish it anew; nothing of this file was stored.", null);
    }

    private void waitAndRetry(ModelFile file, Parts parts, int failures, ModelStore.NetworkLoss loss) {
        try {
            waitAndRetry(file, failures, loss);
        } catch (Cancelled | EngineException e) {
            put(file, parts::keep);
            throw e;
        }
    }

    private void waitAndRetry(ModelFile file, int failures, ModelStore.NetworkLoss loss) {
        if (failures >= MAX_FAILURES) {
            throw new EngineException(EngineException.NETWORK, file.url() + " could not be fetched (" + loss.getMessage()
                    + ").", "Check the network, then continue: what is there stays.", loss);
        }
        int pause = Math.min(LONGEST_PAUSE, FIRST_PAUSE << failures - 1);
        listener.onNote(file.name() + ": " + loss.getMessage() + ". Trying again in " + pause / 1000 + " s.");
        for (int waited = 0; waited < pause; waited += PAUSE_SLICE) {
            checkCancelled();
            store.pause(PAUSE_SLICE);
        }
    }
}
