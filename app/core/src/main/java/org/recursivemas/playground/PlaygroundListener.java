package org.recursivemas.playground;

import org.recursivemas.data.ModeReport;
import org.recursivemas.data.RunReport;
import org.recursivemas.data.StageReport;
import org.recursivemas.data.Team;

/** What the views are told. Modes are {@code "latent"}, {@code "text"}, {@code "single"}. */
public interface PlaygroundListener {
    void onTeam(Team team);

    /**
     * @param agent agent id
     * @param fraction 0 to 1 of this agent's download and compilation
     * @param text what is going on, for people
     */
    void onLoadProgress(String agent, double fraction, String text);

    /** All models are loaded; {@code millis} is the wall time it took. */
    void onReady(double millis);

    /** A mode of the run starts. */
    void onModeStart(String mode);

    /** An agent starts working. {@code kind} as in {@link StageReport#kind}. */
    void onStageStart(String mode, String agent, int round, String kind);

    void onStageEnd(String mode, StageReport stage);

    /** The last agent's text so far. */
    void onText(String mode, String textSoFar, int decodedTokens);

    void onModeEnd(String mode, ModeReport report);

    /** The run is over (also when it was stopped: the report then holds the finished modes). */
    void onRunEnd(RunReport report, boolean stopped);

    /**
     * A run failed after some of its modes had ended: {@code report} holds those. Called before {@link #onError} tells
     * of the failure.
     */
    default void onPartialReport(RunReport report) {
    }

    /** Loading or running failed. {@code message} says what failed and what to do. */
    void onError(String message);
}
