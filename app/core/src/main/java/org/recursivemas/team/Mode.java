package org.recursivemas.team;

/** The ways of answering a problem, as they are called in requests and reports. */
public final class Mode {
    /** The team hands over latent vectors. */
    public static final String LATENT = "latent";
    /** The same team, prompts and rounds hand over text. */
    public static final String TEXT = "text";
    /** The deciding agent alone. */
    public static final String SINGLE = "single";

    private Mode() {
    }
}
