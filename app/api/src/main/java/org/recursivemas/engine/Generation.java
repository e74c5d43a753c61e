package org.recursivemas.engine;

/** What one decode produced. */
public final class Generation {
    /** Why decoding ended. */
    public enum Finish { STOP, LENGTH, CANCELLED }

    private final String text;
    private final int promptPositions;
    private final int decodedTokens;
    private final Finish finish;

    /**
     * @param promptPositions positions of the prompt pushed through the model (tokens and latents)
     * @param decodedTokens tokens sampled, a closing stop token included
     */
    public Generation(String text, int promptPositions, int decodedTokens, Finish finish) {
        this.text = text;
        this.promptPositions = promptPositions;
        this.decodedTokens = decodedTokens;
        this.finish = finish;
    }

    public String text() {
        return text;
    }

    public int promptPositions() {
        return promptPositions;
    }

    public int decodedTokens() {
        return decodedTokens;
    }

    public Finish finish() {
        return finish;
    }
}
