package org.recursivemas.together;

import java.util.List;
import java.util.function.Supplier;
import org.recursivemas.data.Team;
import org.recursivemas.playground.RunRequest;

/** Playing a team in several browsers, as the views see it. All methods return at once. */
public interface Together {
    /** Called after every change of what can be asked here. */
    void setListener(Runnable changed);

    /** The team that is open, or null. */
    Team team();

    /** The room this browser is in, or one it is outside of. */
    RoomState state();

    /** What to give to the other side: a host's invitation or a guest's reply; empty when there is none. */
    String code();

    /** The page's address with the invitation in it; empty for a guest. */
    String link();

    /** The invitation in the page's address, or empty. */
    String invitation();

    /** What is being done or went wrong outside the room; empty when nothing is. */
    String notice();

    /** Opens a room. @param agents to play here; may be empty */
    void create(String name, List<String> agents);

    /** Host: makes an invitation for one guest. @param servers one STUN or TURN server a line, or empty for none */
    void invite(String servers);

    /** Host: takes the guest's reply to the last invitation. */
    void accept(String reply);

    /** Guest: makes a reply to an invitation, also to come back after the connection was lost. */
    void join(String name, List<String> agents, String invitation, String servers);

    /**
     * Host: begins a run.
     *
     * @param request what to run, in latent mode; what is wrong with it (IllegalArgumentException) becomes the notice
     * @param encoding id of a {@link LatentEncoding}
     */
    void start(Supplier<RunRequest> request, String encoding);

    /** Stops the run for all. */
    void stop();

    /** Leaves the room; a host ends it. */
    void leave();
}
