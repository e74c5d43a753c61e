package org.recursivemas.engine;

/**
 * One stretch of a prompt: text that is tokenized on its own (recursivemas.md 1.5), or latent vectors that stand in a slot.
 * Exactly one of the two is set.
 */
public final class PromptPiece {
    private final String text;
    private final Latents latents;

    private PromptPiece(String text, Latents latents) {
        this.text = text;
        this.latents = latents;
    }

    public static PromptPiece text(String text) {
        if (text == null) {
            throw new IllegalArgumentException("text is null");
        }
        return new PromptPiece(text, null);
    }

    /** {@code latents} [rows, hidden size of the reading model]; not closed by the piece. */
    public static PromptPiece latents(Latents latents) {
        if (latents == null) {
            throw new IllegalArgumentException("latents is null");
        }
        return new PromptPiece(null, latents);
    }

    public boolean isText() {
        return text != null;
    }

    /** The text, or null when this piece holds latents. */
    public String text() {
        return text;
    }

    /** The latents, or null when this piece holds text. */
    public Latents latents() {
        return latents;
    }
}
