package org.recursivemas.bridge;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.recursivemas.bridge.js.JavaScriptException;
import org.recursivemas.bridge.js.Promises;
import org.recursivemas.engine.EngineException;
import org.recursivemas.engine.RunControl;
import org.recursivemas.models.ModelStore;
import org.teavm.jso.core.JSString;
import org.teavm.jso.typedarrays.ArrayBuffer;
import org.teavm.jso.typedarrays.Uint8Array;

/**
 * The files of one model, looked at before and after WebLLM reads them: WebLLM itself never revalidates what it has
 * stored, and most of its errors name no file.
 */
final class ModelFiles {
    private static final String CONFIG_SCOPE = "webllm/config";
    private static final String MODEL_SCOPE = "webllm/model";
    private static final String CONFIG = "mlc-chat-config.json";
    private static final String INDEX = "tensor-cache.json";
    private static final String TOKENIZER = "tokenizer.json";
    private static final String CONVERT = " Convert the model again with this project's convert command and publish the"
            + " whole folder.";
    private static final String COMPILE = " Compile the library from the same config.json and quantization as the"
            + " weights.";
    private static final String[] CONFIG_FIELDS = {"tokenizer_files", "vocab_size", "context_window_size",
        "sliding_window_size", "conv_template", "temperature", "repetition_penalty"};

    /** Checksums for reports; null on a page without Web Crypto. */
    static final class Hashes {
        final String library;
        final String weights;

        Hashes(String library, String weights) {
            this.library = library;
            this.weights = weights;
        }
    }

    private final ModelSource source;
    private final KeptFiles kept;
    private final String folder;
    private final Json config;
    private final Json index;
    private final ArrayBuffer library;
    private final Hashes hashes;

    /**
     * Downloads what is small and checks it. Where the server is out of reach and the browser has stored the model, what
     * was stored counts.
     *
     * @throws EngineException naming the file, the field and the remedy
     */
    ModelFiles(ModelSource source, KeptFiles kept) {
        this.source = source;
        this.kept = kept;
        folder = source.folder();
        String configText;
        String indexText;
        boolean fresh = true;
        try {
            configText = text(CONFIG);
            indexText = text(INDEX);
        } catch (Unreached e) {
            // Both from the same time: half an update of the server's would fit nothing.
            configText = stored(CONFIG_SCOPE, CONFIG);
            indexText = stored(MODEL_SCOPE, INDEX);
            if (configText == null || indexText == null) {
                throw e.failure;
            }
            fresh = false;
            kept.unreached(folder);
        }
        config = parsed(CONFIG, configText);
        for (String field : CONFIG_FIELDS) {
            if (!config.has(field)) {
                throw new EngineException(named(CONFIG) + " lacks the field " + field + "." + CONVERT);
            }
        }
        index = parsed(INDEX, indexText);
        if (!index.has("records") || index.get("records").size() == 0) {
            throw new EngineException(named(INDEX) + " lists no shards in the field records." + CONVERT);
        }
        library = library();
        hashes = new Hashes(sha256(library), sha256(Fetched.utf8(indexText)));
        if (fresh) {
            forgetOtherVersions(configText, indexText);
        }
    }

    /** A server could not be reached. */
    private static final class Unreached extends RuntimeException {
        private final EngineException failure;

        Unreached(EngineException failure) {
            super(failure);
            this.failure = failure;
        }
    }

    private static String sha256(ArrayBuffer bytes) {
        JSString hash = Promises.await(Fetched.sha256(bytes));
        return hash == null ? null : hash.stringValue();
    }

    /** The weights that are stored. */
    StoredShards stored(LoadProgress progress, RunControl control) {
        return new StoredShards(source.id(), folder, index.get("records"), progress, control);
    }

    Hashes hashes() {
        return hashes;
    }

    ArrayBuffer libraryBytes() {
        return library;
    }

    /** Width of the hidden states by the configuration, or 0 when it does not say. */
    int hiddenSize() {
        return config.has("model_config") && config.get("model_config").has("hidden_size")
                ? (int) config.get("model_config").number("hidden_size") : 0;
    }

    private String named(String file) {
        return "Model \"" + source.id() + "\": " + folder + file;
    }

    /** @throws Unreached when there is no answer */
    private static Fetched fetch(String method, String url, String what) {
        try {
            Fetched answer = Promises.await(Fetched.fetch(method, url));
            if (!Fetched.isGatewayFault(answer.getStatus())) {
                return answer;
            }
            throw new Unreached(KeptFiles.unreached(what, "HTTP status " + answer.getStatus(), null));
        } catch (JavaScriptException e) {
            throw new Unreached(KeptFiles.unreached(what, e.getMessage(), e));
        }
    }

    private String stored(String scope, String file) {
        Fetched stored = Promises.await(Fetched.stored(scope, folder + file));
        return stored == null ? null : Promises.await(stored.text()).stringValue();
    }

    private String text(String file) {
        Fetched answer = fetch("GET", folder + file, named(file));
        if (answer.getStatus() != 200) {
            throw new EngineException(named(file) + " is missing (HTTP status " + answer.getStatus()
                    + "). Check the model's URL." + CONVERT);
        }
        try {
            return Promises.await(answer.text()).stringValue();
        } catch (JavaScriptException e) {
            throw new Unreached(KeptFiles.unreached(named(file), e.getMessage(), e));
        }
    }

    private Json parsed(String file, String text) {
        Json json = Json.parse(text);
        if (json == null) {
            throw new EngineException(named(file) + " is not JSON; the server may answer missing files with a page."
                    + " Check the model's URL." + CONVERT);
        }
        return json;
    }

    private ArrayBuffer library() {
        String url = source.libraryUrl();
        String name = "Model \"" + source.id() + "\": the library " + url;
        ArrayBuffer bytes = kept.get(url, name, "Check the library's URL, or compile it.");
        Uint8Array head = new Uint8Array(bytes);
        if (bytes.getByteLength() < 8 || head.get(0) != 0 || head.get(1) != 'a' || head.get(2) != 's'
                || head.get(3) != 'm') {
            throw new EngineException(name + " is not a WebAssembly module. Check the library's URL, or compile it"
                    + " again.");
        }
        return bytes;
    }

    /** What WebLLM stored under these URLs earlier may belong to other weights: then all of it goes. */
    private void forgetOtherVersions(String configText, String indexText) {
        if (differs(CONFIG_SCOPE, CONFIG, configText) || differs(MODEL_SCOPE, INDEX, indexText)) {
            forget();
        }
    }

    /**
     * Forgets what WebLLM has stored of this model.
     *
     * @throws EngineException when the browser refuses, naming the model and the remedy
     */
    void forget() {
        try {
            Promises.await(Fetched.forget(CONFIG_SCOPE, folder));
            Promises.await(Fetched.forget(MODEL_SCOPE, folder));
            Promises.await(Fetched.forget(ModelStore.CHECKED, folder));
        } catch (JavaScriptException e) {
            throw new EngineException(EngineException.STORAGE, "Model \"" + source.id()
                    + "\": the files that the browser has stored of " + folder + " could not be removed ("
                    + e.getMessage() + ").", "Allow this site to store data in the browser's settings, or free disk"
                    + " space, then load again.", e);
        }
    }

    private boolean differs(String scope, String file, String text) {
        String stored = stored(scope, file);
        return stored != null && !stored.equals(text);
    }

    /** Ids of the special tokens; read after WebLLM has stored the tokenizer. */
    Set<Integer> specialIds() {
        Set<Integer> ids = new HashSet<>();
        Fetched stored = Promises.await(Fetched.stored(MODEL_SCOPE, folder + TOKENIZER));
        Fetched file;
        try {
            file = stored != null ? stored : fetch("GET", folder + TOKENIZER, named(TOKENIZER));
        } catch (Unreached e) {
            throw e.failure;
        }
        if (file.getStatus() != 200) {
            return ids; // a model with tokenizer.model only: it has no list of special tokens
        }
        Json tokenizer = parsed(TOKENIZER, Promises.await(file.text()).stringValue());
        if (tokenizer.has("added_tokens")) {
            Json added = tokenizer.get("added_tokens");
            for (int i = 0; i < added.size(); i++) {
                if (added.at(i).isTrue("special")) {
                    ids.add((int) added.at(i).number("id"));
                }
            }
        }
        return ids;
    }

    /**
     * Checks that the library was made for these weights.
     *
     * @param metadata what the library says about itself
     * @throws EngineException naming the first parameter that does not fit
     */
    void requireFit(Json metadata) {
        Map<String, Json> weights = new HashMap<>();
        Json shards = index.get("records");
        for (int i = 0; i < shards.size(); i++) {
            Json records = shards.at(i).get("records");
            for (int j = 0; j < records.size(); j++) {
                weights.put(records.at(j).text("name"), records.at(j));
            }
        }
        Json params = metadata.get("params");
        Map<String, String> sizes = new HashMap<>();
        for (int i = 0; i < params.size(); i++) {
            Json param = params.at(i);
            String name = param.text("name");
            Json weight = weights.get(name);
            if (weight == null) {
                throw misfit("wants the parameter " + name + ", which " + folder + INDEX + " does not list");
            }
            requireSame("dtype", param, weight, param.text("dtype").equals(weight.text("dtype")));
            requireSame("shape", param, weight, sameShape(param.get("shape"), weight.get("shape"), sizes));
        }
    }

    /**
     * Libraries of MLC-LLM leave sizes open that the kernels do not depend on, and give a name in their place, mostly
     * {@code ["vocab_size", 2048]}: it stands for any size, but for the same one everywhere.
     */
    private static boolean sameShape(Json wanted, Json found, Map<String, String> sizes) {
        boolean same = wanted.size() == found.size();
        for (int i = 0; same && i < wanted.size(); i++) {
            String size = found.at(i).asText();
            String expected = wanted.at(i).asText();
            if (!isNumber(expected)) {
                expected = sizes.computeIfAbsent(expected, open -> size);
            }
            same = expected.equals(size);
        }
        return same;
    }

    private static boolean isNumber(String text) {
        return !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    private void requireSame(String field, Json param, Json weight, boolean same) {
        if (!same) {
            throw misfit("wants the parameter " + param.text("name") + " with " + field + " "
                    + param.get(field).asText() + ", but " + folder + INDEX + " has " + weight.get(field).asText());
        }
    }

    private EngineException misfit(String what) {
        return new EngineException("Model \"" + source.id() + "\": the library " + source.libraryUrl() + " " + what
                + "." + COMPILE);
    }

    /** What most likely made WebLLM fail with {@code message}, found by looking at the files once more. */
    EngineException diagnose(String message) {
        if (message.toLowerCase(Locale.ROOT).contains("quota")) {
            return new EngineException(EngineException.STORAGE, "Model \"" + source.id()
                    + "\" could not be stored by the browser: " + message + ".",
                    "Free disk space, or clear this site's data in the browser, then load again.", null);
        }
        if (config.get("tokenizer_files").asText().contains("\"" + TOKENIZER + "\"")) {
            EngineException missing = missing(TOKENIZER, -1);
            if (missing != null) {
                return missing;
            }
        }
        Json shards = index.get("records");
        for (int i = 0; i < shards.size(); i++) {
            EngineException missing = missing(shards.at(i).text("dataPath"), shards.at(i).number("nbytes"));
            if (missing != null) {
                return missing;
            }
        }
        return new EngineException("Model \"" + source.id() + "\" (" + folder + " with the library "
                + source.libraryUrl()
                + ") could not be loaded: " + message + "." + (message.contains("ompile the library") ? "" : COMPILE));
    }

    /** @param bytes expected length, or -1 */
    private EngineException missing(String file, double bytes) {
        Fetched answer;
        try {
            answer = fetch("HEAD", folder + file, named(file));
        } catch (Unreached e) {
            // What is stored needs no server, so another file is to blame.
            return Promises.await(Fetched.stored(MODEL_SCOPE, folder + file)) == null ? e.failure : null;
        }
        if (answer.getStatus() != 200) {
            return new EngineException(named(file) + " is missing (HTTP status " + answer.getStatus() + ")." + CONVERT);
        }
        double length = answer.contentLength();
        if (bytes >= 0 && length >= 0 && length != bytes) {
            forget();
            return new EngineException(named(file) + " has " + (long) length + " bytes instead of the " + (long) bytes
                    + " that " + INDEX + " announces." + CONVERT);
        }
        return null;
    }
}
