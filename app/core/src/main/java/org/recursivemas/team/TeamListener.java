package org.recursivemas.team;

import org.recursivemas.data.ModeReport;
import org.recursivemas.data.StageReport;

/** Follows a run. Called on the thread of the run. */
public interface TeamListener {
    /** Hears nothing. */
    TeamListener NONE = new TeamListener() { };

    default void onModeStart(String mode) {
    }

    /** An agent is next. May wait, for a person who looks at one stage after the other: the run's clock stands still. */
    default void beforeStage(String mode, String agent, int round, String kind) {
    }

    /** An agent starts. {@code kind} as in {@link StageReport#kind}. */
    default void onStageStart(String mode, String agent, int round, String kind) {
    }

    /**
     * An agent is done. In a latent run the hidden states' norms are still empty here, for nothing is read from the
     * device before the first decoded token; they are filled in afterwards and complete in the {@link ModeReport}.
     */
    default void onStageEnd(String mode, StageReport stage) {
    }

    /** The deciding agent's text of the last round so far. */
    default void onText(String mode, String textSoFar, int decodedTokens) {
    }

    default void onModeEnd(String mode, ModeReport report) {
    }
}
