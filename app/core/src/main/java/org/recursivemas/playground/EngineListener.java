package org.recursivemas.playground;

import org.recursivemas.data.ModeReport;
import org.recursivemas.data.RunReport;
import org.recursivemas.data.StageReport;
import org.recursivemas.team.LinkIndex;

/** What an engine tells while it works. Modes are {@code "latent"}, {@code "text"}, {@code "single"}. */
public interface EngineListener {
    /**
     * The engine is up.
     *
     * @param unavailable why it cannot run models where it is, with what to do about it; null when it can
     */
    default void onStarted(String unavailable) {
    }

    /**
     * What the opened team's link file holds, without its numbers. Told once after every {@link TeamEngine#open}.
     *
     * @param links null when the file could not be read
     * @param fault why not, with what to do about it; else null
     */
    default void onLinks(LinkIndex links, String fault) {
    }

    /**
     * @param agent agent id
     * @param fraction 0 to 1 of this agent's download and compilation
     * @param text what is going on, for people
     */
    void onLoadProgress(String agent, double fraction, String text);

    /** Something that a person should know of a load that goes well: files of this browser stand in for a server's. */
    default void onNote(String text) {
    }

    /** All models are loaded; {@code millis} is the wall time it took. */
    void onReady(double millis);

    /** A mode of the run starts. */
    void onModeStart(String mode);

    /** A stepwise run waits before this stage until {@link TeamEngine#proceed} or a stop. */
    default void onHalt(String mode, String agent, int round, String kind) {
    }

    /** An agent starts working. {@code kind} as in {@link StageReport#kind}. */
    void onStageStart(String mode, String agent, int round, String kind);

    /** An agent is done. Its norms may come later, with the mode's report. */
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

    /** Loading or running failed. */
    void onError(Failure failure);

    /**
     * The models are gone (the GPU was lost, the worker has ended), and with them what was under way. The next load or
     * run starts anew.
     */
    void onLost(Failure failure);
}
