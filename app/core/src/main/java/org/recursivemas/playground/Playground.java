package org.recursivemas.playground;

import org.recursivemas.data.Team;

/**
 * The playground behind the views. All methods return at once; what happens later is told to the listener, on the page's
 * thread. One load or run at a time.
 */
public interface Playground {
    /** Who hears what happens. Set once, before anything else. */
    void setListener(PlaygroundListener listener);

    /** Why latent runs are impossible here (no WebGPU, ...), with what to do about it; null when they are possible. */
    String unavailableReason();

    /** Loads the team file (not the models). Ends in {@code onTeam} or {@code onError}. */
    void open(String teamUrl);

    /** The text of the open team's file, or null while none is open. */
    String teamText();

    /**
     * Opens a team file that a person changed or gave; its paths are relative to the address of the team that is open.
     * {@code onTeam} follows at once.
     *
     * @throws org.recursivemas.data.FormatException naming the field that does not fit; the open team stays
     * @throws IllegalStateException while something loads or runs
     */
    void openText(String text);

    /** Downloads and compiles the models of the team. Progress, then {@code onReady} or {@code onError}. */
    void load();

    /** {@link #load}, in which stored weights that are damaged are fetched again. */
    void repair();

    /** Runs the modes of the request one after the other. Loads the models first when that has not been done. */
    void run(RunRequest request);

    /** Lets a halted run go on, as {@link TeamEngine#proceed}. */
    void proceed(boolean toTheEnd);

    /** Stops the run or the download under way; what is finished stays. */
    void stop();

    /**
     * Ends the engine at once, whatever it is doing, and starts a fresh one: the way out where it has crashed or no
     * longer answers. Ends in {@code onLost} when something was under way or loaded.
     */
    void restart();

    /** A fresh problem with its answer. Needs no GPU. */
    Problem newProblem(int seed);

    /** The team opened last, or null. */
    Team team();

    /** A problem and its expected answer. */
    final class Problem {
        private final String text;
        private final String answer;

        public Problem(String text, String answer) {
            this.text = text;
            this.answer = answer;
        }

        public String text() {
            return text;
        }

        public String answer() {
            return answer;
        }
    }
}
