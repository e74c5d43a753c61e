package org.recursivemas.bridge;

import org.recursivemas.engine.EngineException;

/** Loading was stopped on request. Nothing of the model is left on the GPU. */
public final class LoadCancelledException extends EngineException {
    LoadCancelledException(String modelId) {
        super("Loading of model \"" + modelId + "\" was stopped.");
    }
}
