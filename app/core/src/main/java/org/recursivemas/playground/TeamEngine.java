package org.recursivemas.playground;

import java.util.List;
import org.recursivemas.data.RunReport;

/**
 * What runs a team: in a worker with the models, and on the page as its stand-in ({@link RemoteEngine}). All methods
 * return at once. What is begun waits for what was begun before; everything is told to the listener, the end also to the
 * {@link Outcome}.
 */
public interface TeamEngine {
    /** Who hears what happens. Set once, before anything else. */
    void setListener(EngineListener listener);

    /**
     * The team for the next load or run; the one before is unloaded.
     *
     * @param url absolute address of the team file; the paths in it are relative to this
     * @param json the team file
     * @param otherModels ids of agents whose model is not the one that the file at {@code url} gives them
     */
    void open(String url, String json, List<String> otherModels);

    /** Downloads and compiles the models of the team, and puts its links on the GPU. */
    void load(Outcome outcome);

    /** {@link #load}, in which stored weights that are damaged are fetched again. */
    void repair(Outcome outcome);

    /** Runs the modes of the request one after the other. Loads the models first when that has not been done. */
    void run(RunRequest request, Outcome outcome);

    /**
     * Lets a run that has halted before a stage ({@link RunRequest#stepwise}) go on: to the next stage, or without further
     * halts. Without a halted run it does nothing.
     */
    void proceed(boolean toTheEnd);

    /** Stops everything that has begun, also what has halted; what is finished stays. */
    void stop();

    /** Hears the end of one load or run, after the listener has. */
    @FunctionalInterface
    interface Outcome {
        /**
         * @param report of a run: all modes that ended; null for a load, and for a run that came to no mode's end before
         *     it failed
         * @param failure why it failed; null when it did not, also when it was stopped
         */
        void ended(RunReport report, Failure failure);
    }
}
