package org.recursivemas.together;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

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
    String problem = "";
    String text = "";
    String answer = "";
    double millis;
    final List<PeerMessage.Stage> stages = new ArrayList<>();
    final Map<Integer, PeerMessage.Hop> hops = new LinkedHashMap<>();

    void begin(PeerMessage.Begin begin) {
        if (run == begin.run()) {
            return;   // told again to who comes back
        }
        run = begin.run();
        problem = begin.problem();
        running = true;
        stopped = false;
        fault = "";
        text = "";
        answer = "";
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

    public boolean stopped() {
        return stopped;
    }

    /** The question of the present run, which every browser in the room gets. */
    public String problem() {
        return problem;
    }

    public String text() {
        return text;
    }

    public String answer() {
        return answer;
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
