package org.recursivemas.together;

import java.util.List;
import org.recursivemas.playground.RunRequest;

/** Everything that two peers say to each other; {@link PeerCodec} has the bytes. Runs and visits are numbers of the host. */
public sealed interface PeerMessage {
    /** Goes up with every change of a message or frame; both ends must be of the same. */
    int VERSION = 2;
    /** Most characters of a problem or a system message. */
    int MOST_TEXT = 200_000;

    /**
     * Guest to host, first.
     *
     * @param member what this guest calls itself as long as its page is open: who comes back is known by it
     * @param agents the agents it plays
     */
    record Hello(int version, String member, String name, TeamCard card, List<String> agents) implements PeerMessage {
    }

    /** Host to guest: come in. */
    record Welcome() implements PeerMessage {
    }

    /** Host to guest: no, and why, as sentences. */
    record Refused(String reason) implements PeerMessage {
    }

    /** Host to all: who plays what. */
    record Seats(List<Seat> seats) implements PeerMessage {
    }

    /** An agent and who plays it. @param player empty when nobody does */
    record Seat(String agent, String player, State state) {
        /** How it is with an agent. */
        public enum State { FREE, LOADING, READY, WORKING, AWAY, SILENT }
    }

    /** Guest to host: its models are loaded. */
    record Ready() implements PeerMessage {
    }

    /**
     * Host to all: a run. Everybody gets the question: the method shows it to every agent. A changed system message goes
     * to who plays the agent, and to nobody else.
     */
    record Begin(int run, RunRequest request, String encoding) implements PeerMessage {
    }

    /** A message along an edge of the team's graph, in the run's encoding. */
    record Block(int edge, int rows, int width, byte[] bytes) {
    }

    /** One of several answers behind the same messages. @param answer empty when there is none in the text */
    record Answer(int seed, String text, String answer, String finish, int tokens) {
    }

    /** Host to guest: do this visit with these messages. */
    record Work(int run, int visit, List<Block> blocks) implements PeerMessage {
    }

    /** Who answers to host, host to all: the text so far. */
    record Text(int run, String text, int tokens) implements PeerMessage {
    }

    /**
     * Guest to host: a visit is done.
     *
     * @param blocks its messages; none when it answered
     * @param text what it wrote, or empty
     * @param answer what stands after the answer marker, or empty
     * @param answers all of them when there were to be several, else none
     */
    record Done(int run, int visit, double millis, int positions, int tokens, String text, String answer,
            List<Answer> answers, List<Block> blocks) implements PeerMessage {
    }

    /** Guest to host: a visit, or loading (visit -1), failed. */
    record Failed(int run, int visit, String message) implements PeerMessage {
    }

    /** Guest to host: how long the last {@link Done} was under way. */
    record Delivered(int run, int visit, double millis) implements PeerMessage {
    }

    /** Host to all: a visit is done. */
    record Stage(int run, int visit, String agent, String player, int round, double millis, int positions,
            int tokens) implements PeerMessage {
    }

    /**
     * Host to all: a message has been handed over; told again with the same id when more is known.
     *
     * @param millis from the sender's page to the reader's, acknowledgements included
     */
    record Hop(int run, int id, String from, String to, int round, int rows, int width, int bytes, String encoding,
            double millis) implements PeerMessage {
    }

    /** To the host: stop the run. Host to all: it is stopped. */
    record Stop(int run) implements PeerMessage {
    }

    /** Host to all: the run is over. @param message why it failed; empty when it did not */
    record Ended(int run, boolean stopped, String message, String text, String answer, List<Answer> answers,
            double millis) implements PeerMessage {
    }
}
