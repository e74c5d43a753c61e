package org.recursivemas.bridge;

import static org.recursivemas.bridge.page.PageCases.check;
import static org.recursivemas.bridge.page.PageCases.thrown;

import org.recursivemas.engine.EngineException;
import org.teavm.jso.JSBody;

/** Bad luck that no test can have on purpose: libraries that do not check their weights, full memory, full disk. */
public final class MishapCases {
    private MishapCases() {
    }

    /** WebLLM destroys its device when a buffer cannot be had; here its share is destroyed as it would do. */
    public static void fullMemoryIsNamed(WebLlmModel model) {
        model.lease().destroy();
        String message = thrown(EngineException.class, model::reset).getMessage();
        check(message.contains("ran out of GPU memory") && message.contains(model.id()), message);
        check(model.bufferCount() == 0, "buffers left: " + model.bufferCount());
        model.close();
    }

    public static void fullDiskIsNamed(ModelSource source) {
        String message = new ModelFiles(source, new KeptFiles()).diagnose("Quota exceeded.").getMessage();
        check(message.contains("Free disk space") && message.contains("\"" + source.id() + "\""), message);
    }

    /** Without storage nothing is stored; what has to be removed from it is named. */
    public static void blockedStorageIsNamed(ModelSource source) {
        blockStorage();
        try {
            ModelFiles files = new ModelFiles(source, new KeptFiles());
            check(files.specialIds().size() == 3, "special tokens come from the server");
            String message = thrown(EngineException.class, files::forget).getMessage();
            check(message.contains("storage is blocked") && message.contains("\"" + source.id() + "\"")
                    && message.contains("Allow this site to store data")
                    && message.contains("free disk space"), message);
        } finally {
            allowStorage();
        }
    }

    @JSBody(script = "caches.open = function() { return Promise.reject(new Error('storage is blocked')); };")
    private static native void blockStorage();

    @JSBody(script = "delete caches.open;")
    private static native void allowStorage();

    /** @param source a model with the tensor model.norm.weight, float32 [64] */
    public static void librariesThatDoNotFitAreNamed(ModelSource source) {
        ModelFiles files = new ModelFiles(source, new KeptFiles());
        files.requireFit(params("model.norm.weight", "[64]", "float32"));
        refused(files, params("model.norm.weight", "[96]", "float32"), "with shape [96], but", "has [64]");
        refused(files, params("model.norm.weight", "[64]", "float16"), "with dtype float16, but", "has float32");
        refused(files, params("model.norm.weight", "[64, 1]", "float32"), "with shape [64,1], but", "has [64]");
        files.requireFit(params("model.norm.weight", "[\"open\"]", "float32"));
        files.requireFit(open("lm_head.weight", "[\"open\", 64]"));
        refused(files, open("lm_head.weight", "[64, \"open\"]"), "with shape [64,\"open\"], but", "has [259,64]");
        refused(files, open("model.norm.weight", "[\"open\"]"), "with shape [\"open\"], but", "has [64]");
        refused(files, params("model.norm.gain", "[64]", "float32"), "wants the parameter model.norm.gain, which",
                "tensor-cache.json does not list");
    }

    private static void refused(ModelFiles files, Json metadata, String... parts) {
        String message = thrown(EngineException.class, () -> files.requireFit(metadata)).getMessage();
        for (String part : parts) {
            check(message.contains(part) && message.contains("Compile the library"), "lacks " + part + ": " + message);
        }
    }

    /** The embedding table's rows left open, and another parameter that uses the same name for a size. */
    private static Json open(String name, String shape) {
        return Json.parse("{\"params\": [{\"name\": \"model.embed_tokens.weight\", \"shape\": [\"open\", 64],"
                + " \"dtype\": \"float32\"}, {\"name\": \"" + name + "\", \"shape\": " + shape
                + ", \"dtype\": \"float32\"}]}");
    }

    private static Json params(String name, String shape, String dtype) {
        return Json.parse("{\"params\": [{\"name\": \"" + name + "\", \"shape\": " + shape + ", \"dtype\": \"" + dtype
                + "\"}]}");
    }
}
