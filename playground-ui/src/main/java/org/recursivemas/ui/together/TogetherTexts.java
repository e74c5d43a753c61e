package org.recursivemas.ui.together;

import org.recursivemas.playground.RunRequest;
import org.recursivemas.together.PeerMessage;
import org.recursivemas.ui.Numbers;

/** The view's texts. */
final class TogetherTexts {
    static final String TITLE = "Together: one team in several browsers";
    static final String INTRO = "Each browser loads only the agents it plays and hands their latents to the others, "
            + "from browser to browser. One of them is the host: it passes the messages on along the team's graph.";
    static final String PRIVACY = "The question reaches every browser in the room, because every agent reads it. No "
            + "server takes part unless you name one below.";
    static final String NAME = "Your name";
    static final String ROLES = "Agents to play here";
    static final String SERVERS = "STUN or TURN servers (only needed between two networks)";
    static final String SERVERS_HINT = "One a line: stun:host:port, or turn:host:port user password. Left empty, no "
            + "server is contacted and the browsers must be in the same network.";
    static final String CREATE = "Open a room";
    static final String JOIN = "Join";
    static final String REJOIN = "Join again";
    static final String INVITATION = "Invitation (a code or a link from the host)";
    static final String INVITE = "Invite a browser";
    static final String LINK = "Link with the invitation, for one guest";
    static final String CODE = "Or the invitation as a code";
    static final String REPLY_IN = "The guest's reply";
    static final String CONNECT = "Connect";
    static final String REPLY_OUT = "Your reply: send it back to the host";
    static final String COPY = "Copy";
    static final String LEAVE = "Leave the room";
    static final String PROBLEM = "Problem for the room";
    static final String ROUNDS = "Rounds";
    static final String STEPS = "Latent steps";
    static final String ENCODING = "Latents travel as";
    static final String[][] ENCODINGS = {{"f32", "f32, exact"}, {"f16", "f16, half the bytes"},
        {"int8", "8 bits, a quarter of the bytes"}};
    static final String LATENT_ONLY = "In a room the agents hand over latents: the text modes run on one page.";
    static final String RUN = "Run together";
    static final String ANSWERS = "All answers";
    static final String[] ANSWER_COLUMNS = {"Seed", "Answer", "Tokens", "Text"};
    static final String STOP = "Stop for all";
    static final String SEATS = "Who plays what";
    static final String[] SEAT_COLUMNS = {"Agent", "Browser", "State"};
    static final String HOPS = "Hand-offs";
    static final String[] HOP_COLUMNS = {"Round", "From", "To", "Rows", "Bytes", "As", "ms"};
    static final String STAGES = "Stages";
    static final String[] STAGE_COLUMNS = {"Round", "Agent", "Browser", "Positions", "Tokens", "ms"};
    static final String QUESTION = "Question: ";
    static final String ANSWER = "Answer: ";
    static final String HOST_NAME = "Host";
    static final String GUEST_NAME = "Guest";

    private TogetherTexts() {
    }

    static String state(PeerMessage.Seat.State state) {
        switch (state) {
            case FREE:
                return "free";
            case LOADING:
                return "loading";
            case READY:
                return "ready";
            case WORKING:
                return "working";
            case SILENT:
                return "silent: not heard for some seconds";
            default:
                return "away: invite again, the run waits";
        }
    }

    static final String JOINING = "Waiting for the host";
    static final String APART = "Not connected";
    static final String READY = "In the room";
    static final String SILENT = ", the host has not been heard for some seconds";
    static final String RUNNING = "Running";
    static final String STOPPED = "Stopped";

    /** What is taken over from the tab Run. */
    static String settings(RunRequest request) {
        return "As on the tab Run: " + described(request) + ". Change it there.";
    }

    /** Everything but problem and depth. */
    static String described(RunRequest request) {
        StringBuilder text = new StringBuilder("temperature " + Numbers.fixed(request.temperature(), 1));
        if (request.temperature() > 0) {
            text.append(", top-p ").append(Numbers.fixed(request.topP(), 2)).append(", seed ").append(request.seed());
        }
        if (request.answers() > 1) {
            text.append(", ").append(request.answers()).append(" answers");
        }
        request.links().forEach((link, swap) -> text.append(", ").append(swap).append(" for link ").append(link));
        request.systems().keySet().forEach(agent -> text.append(", changed prompt of ").append(agent));
        return text.toString();
    }

    static String done(double millis) {
        return "Done in " + Math.round(millis) / 1000.0 + " s";
    }
}
