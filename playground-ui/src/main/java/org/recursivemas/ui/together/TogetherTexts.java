package org.recursivemas.ui.together;

import org.recursivemas.playground.RunRequest;
import org.recursivemas.together.PeerMessage;
import org.recursivemas.ui.Numbers;
import org.recursivemas.ui.Words;

/** The view's texts. */
final class TogetherTexts {
    static final String TITLE = Words.of("Together: one team in several browsers");
    static final String INTRO = Words.of("Each browser loads only the agents it plays and hands their latents to the "
            + "others, from browser to browser. One of them is the host: it passes the messages on along the team's "
            + "graph.");
    static final String PRIVACY = Words.of("The question reaches every browser in the room, because every agent reads "
            + "it. No server takes part unless you name one below.");
    static final String NAME = Words.of("Your name");
    static final String ROLES = Words.of("Agents to play here");
    static final String SERVERS = Words.of("STUN or TURN servers (only needed between two networks)");
    static final String SERVERS_HINT = Words.of("One a line: stun:host:port, or turn:host:port user password. Left "
            + "empty, no server is contacted and the browsers must be in the same network.");
    static final String CREATE = Words.of("Open a room");
    static final String JOIN = Words.of("Join");
    static final String REJOIN = Words.of("Join again");
    static final String INVITATION = Words.of("Invitation (a code or a link from the host)");
    static final String INVITE = Words.of("Invite a browser");
    static final String LINK = Words.of("Link with the invitation, for one guest");
    static final String CODE = Words.of("Or the invitation as a code");
    static final String REPLY_IN = Words.of("The guest's reply");
    static final String CONNECT = Words.of("Connect");
    static final String REPLY_OUT = Words.of("Your reply: send it back to the host");
    static final String COPY = Words.of("Copy");
    static final String LEAVE = Words.of("Leave the room");
    static final String PROBLEM = Words.of("Problem for the room");
    static final String ROUNDS = Words.of("Rounds");
    static final String STEPS = Words.of("Latent steps");
    static final String ENCODING = Words.of("Latents travel as");
    static final String[][] ENCODINGS = {{Words.of("f32"), Words.of("f32, exact")}, {Words.of("f16"),
            Words.of("f16, half the bytes")},
        {Words.of("int8"), Words.of("8 bits, a quarter of the bytes")}};
    static final String LATENT_ONLY = Words.of("In a room the agents hand over latents: the text modes run on one page.");
    static final String RUN = Words.of("Run together");
    static final String ANSWERS = Words.of("All answers");
    static final String[] ANSWER_COLUMNS = {Words.of("Seed"), Words.of("Answer"), Words.of("Tokens"), Words.of("Text")};
    static final String STOP = Words.of("Stop for all");
    static final String SEATS = Words.of("Who plays what");
    static final String[] SEAT_COLUMNS = {Words.of("Agent"), Words.of("Browser"), Words.of("State")};
    static final String HOPS = Words.of("Hand-offs");
    static final String[] HOP_COLUMNS = {Words.of("Round"), Words.of("From"), Words.of("To"), Words.of("Rows"),
            Words.of("Bytes"), Words.of("As"), Words.of("ms")};
    static final String STAGES = Words.of("Stages");
    static final String[] STAGE_COLUMNS = {Words.of("Round"), Words.of("Agent"), Words.of("Browser"),
            Words.of("Positions"), Words.of("Tokens"), Words.of("ms")};
    static final String QUESTION = Words.of("Question: ");
    static final String ANSWER = Words.of("Answer: ");
    static final String HOST_NAME = Words.of("Host");
    static final String GUEST_NAME = Words.of("Guest");

    private TogetherTexts() {
    }

    static String state(PeerMessage.Seat.State state) {
        switch (state) {
            case FREE:
                return Words.of("free");
            case LOADING:
                return Words.of("loading");
            case READY:
                return Words.of("ready");
            case WORKING:
                return Words.of("working");
            case SILENT:
                return Words.of("silent: not heard for some seconds");
            default:
                return Words.of("away: invite again, the run waits");
        }
    }

    static final String JOINING = Words.of("Waiting for the host");
    static final String APART = Words.of("Not connected");
    static final String READY = Words.of("In the room");
    static final String SILENT = Words.of(", the host has not been heard for some seconds");
    static final String RUNNING = Words.of("Running");
    static final String STOPPED = Words.of("Stopped");

    /** What is taken over from the tab Run. */
    static String settings(RunRequest request) {
        return Words.of("As on the tab Run: {0}. Change it there.", described(request));
    }

    /** Everything but problem and depth. */
    static String described(RunRequest request) {
        StringBuilder text = new StringBuilder(Words.of("temperature {0}", Numbers.fixed(request.temperature(), 1)));
        if (request.temperature() > 0) {
            text.append(Words.of(", top-p ")).append(Numbers.fixed(request.topP(), 2));
            text.append(Words.of(", seed ")).append(request.seed());
        }
        if (request.answers() > 1) {
            text.append(", ").append(request.answers()).append(Words.of(" answers"));
        }
        request.links().forEach((link, swap) ->
                text.append(", ").append(swap).append(Words.of(" for link ")).append(link));
        request.systems().keySet().forEach(agent -> text.append(Words.of(", changed prompt of ")).append(agent));
        return text.toString();
    }

    static String done(double millis) {
        return Words.of("Done in {0} s", Math.round(millis) / 1000.0);
    }
}
