package org.recursivemas.bridge;

import java.util.ArrayList;
import java.util.List;
import org.recursivemas.bridge.js.JavaScriptException;
import org.recursivemas.bridge.js.Promises;
import org.recursivemas.engine.EngineException;
import org.recursivemas.engine.RunControl;
import org.recursivemas.models.Md5;
import org.recursivemas.models.ModelStore;
import org.teavm.jso.JSBody;
import org.teavm.jso.core.JSPromise;
import org.teavm.jso.core.JSString;
import org.teavm.jso.core.JSUndefined;
import org.teavm.jso.typedarrays.ArrayBuffer;
import org.teavm.jso.typedarrays.Int8Array;

/**
 * The shards of one model that WebLLM has stored, compared as a whole with what the model's index says of them before
 * WebLLM takes them: it looks at no checksum itself, and damaged weights give answers that look like any others.
 *
 * <p>The index states MD5, which browsers do not compute, so that is done once in this program; the SHA-256 of the same
 * bytes, which browsers compute fast, is noted beside it and compared from then on.
 */
final class StoredShards {
    private static final int PIECE = 1 << 20;
    private static final double MILLIS_BETWEEN = 40;

    private final String model;
    private final String folder;
    private final Json records;
    private final RunControl control;
    private final LoadProgress progress;
    private double lastTurn = millis();

    /**
     * @param model id of the model, for messages
     * @param folder its address, with a slash at its end
     * @param records the field {@code records} of tensor-cache.json
     */
    StoredShards(String model, String folder, Json records, LoadProgress progress, RunControl control) {
        this.model = model;
        this.folder = folder;
        this.records = records;
        this.progress = progress;
        this.control = control;
    }

    /**
     * Looks at all of them; those that are not stored yet count as sound. Waits.
     *
     * @throws EngineException naming what is damaged
     * @throws LoadCancelledException when the control says so
     */
    void requireSound() {
        List<String> found = damaged();
        if (!found.isEmpty()) {
            throw new EngineException(EngineException.DAMAGED, "Model \"" + model
                    + "\": damaged in the browser's cache: " + String.join(", ", found) + ".",
                    "Choose \"Repair\" where the models are loaded: only what is damaged is fetched again.", null);
        }
    }

    /**
     * Fetches again what is damaged. Waits.
     *
     * @throws EngineException when a file cannot be fetched, is damaged at its server too, or is not stored; what was
     *     stored stays as it was
     */
    void repair() {
        for (int i = 0; i < records.size(); i++) {
            Json record = records.at(i);
            if (fault(record, stored(record)) != null) {
                repair(record);
            }
        }
    }

    private List<String> damaged() {
        List<String> found = new ArrayList<>();
        for (int i = 0; i < records.size(); i++) {
            Json record = records.at(i);
            progress.onProgress(model, 0, "Checking stored files: " + (i + 1) + " of " + records.size());
            String fault = fault(record, stored(record));
            if (fault != null) {
                found.add(url(record) + " (" + fault + ")");
            }
        }
        return found;
    }

    private String url(Json record) {
        return folder + record.text("dataPath");
    }

    private Fetched stored(Json record) {
        return Promises.await(Fetched.stored(ModelStore.MODEL, url(record)));
    }

    /** What is wrong with a file, or null when nothing is or it is not there. */
    private String fault(Json record, Fetched answer) {
        if (control.cancelled()) {
            throw new LoadCancelledException(model);
        }
        if (answer == null) {
            return null;
        }
        ArrayBuffer bytes;
        try {
            bytes = Promises.await(answer.arrayBuffer());
        } catch (JavaScriptException e) {
            return "cannot be read: " + e.getMessage();
        }
        return fault(record, bytes);
    }

    private String fault(Json record, ArrayBuffer bytes) {
        double length = record.number("nbytes");
        if (bytes.getByteLength() != length) {
            return "has " + bytes.getByteLength() + " bytes instead of " + (long) length;
        }
        if (!record.has("md5sum")) {
            return null;
        }
        String stated = record.text("md5sum");
        JSString native256 = Promises.await(Fetched.sha256(bytes));
        String sum = native256 == null ? null : stated + " " + native256.stringValue();
        Fetched note = Promises.await(Fetched.stored(ModelStore.CHECKED, url(record)));
        String noted = note == null ? "" : Promises.await(note.text()).stringValue();
        if (noted.startsWith(stated + " ") && sum != null) {
            return noted.equals(sum) ? null : "its checksum is another one than before";
        }
        String found = md5(bytes);
        if (!found.equals(stated)) {
            return "MD5 " + found + " instead of " + stated;
        }
        if (sum != null) {
            // Without the note the next load computes MD5 again.
            Promises.await(Fetched.keep(ModelStore.CHECKED, url(record), Fetched.utf8(sum)));
        }
        return null;
    }

    private String md5(ArrayBuffer bytes) {
        Md5 md5 = new Md5();
        int length = bytes.getByteLength();
        for (int at = 0; at < length; at += PIECE) {
            int count = Math.min(PIECE, length - at);
            md5.update(new Int8Array(bytes, at, count).copyToJavaArray(), 0, count);
            if (millis() - lastTurn > MILLIS_BETWEEN) {
                Promises.await(turn());   // a stop is heard
                lastTurn = millis();
                if (control.cancelled()) {
                    throw new LoadCancelledException(model);
                }
            }
        }
        return md5.hex();
    }

    private void repair(Json record) {
        String url = url(record);
        String name = "Model \"" + model + "\": " + url;
        progress.onProgress(model, 0, "Fetching " + record.text("dataPath") + " again");
        ArrayBuffer bytes;
        try {
            Fetched answer = Promises.await(Fetched.fetch("GET", url));
            if (answer.getStatus() != 200) {
                throw new EngineException(EngineException.NETWORK, name + " cannot be had (HTTP status "
                        + answer.getStatus() + ").", "Try again later, or delete the model in the section Models.", null);
            }
            bytes = Promises.await(answer.arrayBuffer());
        } catch (JavaScriptException e) {
            throw new EngineException(EngineException.NETWORK, name + " could not be reached (" + e.getMessage() + ").",
                    "Check the network, then repair again.", e);
        }
        String fault = fault(record, bytes);
        if (fault != null) {
            throw new EngineException(EngineException.DAMAGED, name + " is damaged at its server too (" + fault + ").",
                    "Tell whoever keeps that server; it has to be published again.", null);
        }
        JSString refusal = Promises.await(Fetched.keep(ModelStore.MODEL, url, bytes));
        if (refusal != null) {
            throw new EngineException(EngineException.STORAGE, name + " could not be stored (" + refusal.stringValue()
                    + ").", "Free disk space, or delete models in the section Models, then repair again.", null);
        }
    }

    /** Lets what waits have its turn: a task of its own, which Thread.yield() is not. */
    @JSBody(script = "return new Promise(function(resolve) { setTimeout(resolve, 0); });")
    private static native JSPromise<JSUndefined> turn();

    @JSBody(script = "return performance.now();")
    private static native double millis();
}
