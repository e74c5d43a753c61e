package org.recursivemas.engine;

/**
 * Hears the text while it is decoded. Called on the thread that called {@code generate}, and may wait for the device: the first call
 * of a latent run reads the hidden states' statistics.
 */
@FunctionalInterface
public interface TokenListener {
    /**
     * @param textSoFar the whole text decoded so far (a later call may revise a trailing half character)
     * @param decodedTokens tokens sampled so far
     */
    void onText(String textSoFar, int decodedTokens);
}
