package org.recursivemas.together;

import org.recursivemas.playground.RunRequest;
import org.recursivemas.team.LinkSwap;
import org.recursivemas.team.TeamPlan;

/** What a room can run. */
final class RoomRequests {
    private RoomRequests() {
    }

    /** @throws IllegalArgumentException for people, when a room of this team cannot run it or a text of it is too long */
    static void requirePossible(RunRequest request, TeamPlan plan) {
        if (request.search() != null) {
            throw new IllegalArgumentException("a room asks no wiki, because other people's browsers would. Run it on one "
                    + "page, or search the team's corpus");
        }
        if (request.retrieval() > 0) {
            throw new IllegalArgumentException("a room hands over the newest messages only, because each browser has no more "
                    + "than the messages to its own agents of the present round. Set retrieval to off, or run it on one page");
        }
        requireLength("the problem", request.problem());
        request.systems().forEach((agent, system) -> requireLength("the system message of " + agent, system));
        plan.withSystems(request.systems());
        LinkSwap.require(request.links(), LinkSwap.widths(plan));
    }

    private static void requireLength(String what, String text) {
        if (text.length() > PeerMessage.MOST_TEXT) {
            throw new IllegalArgumentException(what + " has " + text.length() + " characters, a room takes "
                    + PeerMessage.MOST_TEXT + ". Shorten it");
        }
    }
}
