package org.recursivemas.together;

import java.util.List;
import java.util.Map;
import org.recursivemas.playground.Failure;
import org.recursivemas.playground.RunRequest;
import org.recursivemas.team.Schedule;
import org.recursivemas.team.TeamPart;

/** The agents played in this browser. All methods return at once; one thing at a time is done. */
public interface Part {
    /** Hears how loading goes. */
    interface Loading {
        /** @param fraction 0 to 1 */
        void progress(String agent, double fraction, String text);

        void ready();

        void failed(Failure failure);
    }

    /** Hears how a stage goes. */
    interface Working {
        /** The text of an answer so far. */
        void text(String text, int tokens);

        void done(TeamPart.Result result);

        /** It failed, or was stopped. */
        void failed(Failure failure);
    }

    /** Loads the models and links of some agents. */
    void load(List<String> agents, Loading loading);

    /** Does a stage. @param slots messages by slot name */
    void work(RunRequest request, Schedule.Visit visit, Map<String, LatentBlock> slots, Working working);

    /** Stops the stage under way. */
    void stop();

    /** Frees everything. */
    void close();
}
