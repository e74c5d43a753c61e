package org.recursivemas.engine;

/** Hears the text while it is decoded. */
@FunctionalInterface
public interface TokenListener {
    /**
     * @param textSoFar the whole text decoded so far (a later call may revise a trailing half character)
     * @param decodedTokens tokens sampled so far
     */
    void onText(String textSoFar, int decodedTokens);
}
