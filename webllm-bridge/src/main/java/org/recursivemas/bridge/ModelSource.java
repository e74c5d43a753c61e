package org.recursivemas.bridge;

/** Where a model comes from. */
public final class ModelSource {
    private final String id;
    private final String modelUrl;
    private final String libraryUrl;
    private final int hiddenSize;
    private final int contextWindow;

    /**
     * @param id the agent's id, for messages; unique among the models loaded at a time
     * @param modelUrl absolute URL of the folder with mlc-chat-config.json, tensor-cache.json, tokenizer.json and the
     *         shards; a page https://huggingface.co/USER/MODEL stands for its main revision
     * @param libraryUrl absolute URL of the model library (.wasm)
     * @param hiddenSize expected width of the hidden states; 0 takes any
     */
    public ModelSource(String id, String modelUrl, String libraryUrl, int hiddenSize) {
        this(id, modelUrl, libraryUrl, hiddenSize, 0);
    }

    /**
     * The same, with a KV cache of another length than the model's configuration says.
     *
     * @param contextWindow tokens; 0 takes what the configuration says
     */
    public ModelSource(String id, String modelUrl, String libraryUrl, int hiddenSize, int contextWindow) {
        if (id == null || id.isEmpty()) {
            throw new IllegalArgumentException("a model needs an id");
        }
        this.id = id;
        this.modelUrl = checked(id, "model", modelUrl);
        this.libraryUrl = checked(id, "library", libraryUrl);
        this.hiddenSize = hiddenSize;
        this.contextWindow = contextWindow;
    }

    private static String checked(String id, String field, String url) {
        if (url == null || !(url.startsWith("http://") || url.startsWith("https://"))) {
            throw new IllegalArgumentException("model \"" + id + "\": field " + field
                    + " must be an absolute http(s) URL, is " + url);
        }
        return url;
    }

    public String id() {
        return id;
    }

    /** Absolute URL of the model's folder, as given. */
    public String modelUrl() {
        return modelUrl;
    }

    public String libraryUrl() {
        return libraryUrl;
    }

    public int hiddenSize() {
        return hiddenSize;
    }

    /** Tokens of the KV cache; 0 takes what the model's configuration says. */
    public int contextWindow() {
        return contextWindow;
    }

    /** The URL of the folder that holds the files, with a slash at its end. */
    public String folder() {
        String folder = modelUrl.endsWith("/") ? modelUrl : modelUrl + "/";
        return isHub(folder) && !folder.contains("/resolve/") ? folder + "resolve/main/" : folder;
    }

    /**
     * The model URL that makes WebLLM read {@link #folder()}: it appends {@code resolve/main/} to every URL without
     * such a part, and normalises the URL afterwards.
     */
    String webLlmUrl() {
        return folder().matches(".+/resolve/.+/") ? folder() : folder() + "resolve/main/../../";
    }

    private static boolean isHub(String url) {
        return url.startsWith("https://huggingface.co/");
    }
}
