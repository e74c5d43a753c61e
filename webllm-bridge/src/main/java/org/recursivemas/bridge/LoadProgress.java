package org.recursivemas.bridge;

/** Hears how the loading of a model goes. Called from the browser's callbacks: must return at once. */
@FunctionalInterface
public interface LoadProgress {
    /**
     * @param modelId id of the model that is loading
     * @param fraction 0 to 1 over the whole of this model's loading, never falling
     * @param text what is being done
     */
    void onProgress(String modelId, double fraction, String text);
}
