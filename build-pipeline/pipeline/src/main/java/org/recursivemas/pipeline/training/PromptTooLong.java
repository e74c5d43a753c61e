package org.recursivemas.pipeline.training;

import org.recursivemas.pipeline.InputException;

/** A prompt does not fit its agent's context window. */
public final class PromptTooLong extends InputException {
    PromptTooLong(String agent, int positions, int window) {
        super("agent \"" + agent + "\"", "a prompt of " + positions + " positions does not fit the context window of " + window,
                "Leave out long problems, or use fewer latent steps", null);
    }
}
