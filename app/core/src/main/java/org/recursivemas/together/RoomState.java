package org.recursivemas.together;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.recursivemas.playground.RunRequest;

/** What there is to see of a room, the same for host and guests. Changed by the room only. */
public final class RoomState {
    /** Where a browser stands. */
    public enum Phase {
        /** In no room. */
        OUTSIDE,
        /** Guest: not let in yet. */
        JOINING,
        /** In the room. */
        INSIDE,
        /** Guest: the host is not heard any more, or has refused. */
        APART
    }

    Phase phase = Phase.OUTSIDE;
    boolean host;
    List<PeerMessage.Seat> seats = List.of();
    String loading = "";
    String fault = "";
    int run = -1;
    boolean running;
    boolean stopped;
    boolean silent;
    RunRequest request;
    String text = "";
    String answer = "";
    List<PeerMessage.Answer> answers = List.of();
    double millis;
    final List<PeerMessage.Stage> stages = new ArrayList<>();
    final Map<Integer, PeerMessage.Hop> hops = new LinkedHashMap<>();

    void begin(PeerMessage.Begin begin) {
        if (run == begin.run()) {
            return;   // told again to who comes back
        }
        run = begin.run();
        request = begin.request();
        running = true;
        stopped = false;
        fault = "";
        text = "";
        answer = "";
        answers = List.of();
        millis = 0;
        stages.clear();
        hops.clear();
    }

    void stage(PeerMessage.Stage stage) {
        stages.removeIf(known -> known.visit() == stage.visit());
        stages.add(stage);
    }

    void ended(PeerMessage.Ended ended) {
        running = false;
        stopped = ended.stopped();
        fault = ended.message();
        text = ended.text();
        answer = ended.answer();
        answers = ended.answers();
        millis = ended.millis();
    }

    public Phase phase() {
        return phase;
    }

    public boolean host() {
        return host;
    }

    public List<PeerMessage.Seat> seats() {
        return seats;
    }

    /** What is being loaded here; empty when nothing is. */
    public String loading() {
        return loading;
    }

    /** What went wrong last; empty when nothing did. */
    public String fault() {
        return fault;
    }

    public boolean running() {
        return running;
    }

    /** Guest: whether the host has not been heard for some seconds. It may come back. */
    public boolean silent() {
        return silent;
    }

    public boolean stopped() {
        return stopped;
    }

    /** The question of the present run, which every browser in the room gets. */
    public String problem() {
        return request == null ? "" : request.problem();
    }

    /**
     * The present run, or null before the first. Of changed system messages a guest knows those of its own agents only.
     */
    public RunRequest request() {
        return request;
    }

    public String text() {
        return text;
    }

    public String answer() {
        return answer;
    }

    /** All answers when there were to be several and the run has ended; else none. */
    public List<PeerMessage.Answer> answers() {
        return answers;
    }

    /** Of the whole run, when it has ended. */
    public double millis() {
        return millis;
    }

    public List<PeerMessage.Stage> stages() {
        return stages;
    }

    public List<PeerMessage.Hop> hops() {
        return new ArrayList<>(hops.values());
    }
}
