package org.recursivemas.team;

import org.recursivemas.engine.EngineException;
import org.recursivemas.engine.LanguageModel;

/** Checks against a model's context window. */
final class Limits {
    private Limits() {
    }

    static void requireRoom(LanguageModel model, int promptPositions, int more) {
        if (promptPositions + more > model.contextWindow()) {
            throw new EngineException("model " + model.id() + " has a context window of " + model.contextWindow()
                    + " positions; the prompt takes " + promptPositions + " and " + more
                    + " latent steps follow. Shorten the problem or use fewer latent steps");
        }
    }
}
