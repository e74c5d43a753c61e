package org.recursivemas.ui;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.recursivemas.data.ModeReport;
import org.recursivemas.data.StageReport;

/** What the page knows of one mode of the present or the last run. */
public final class ModeRun {
    /** How far a mode is. */
    public enum Status {
        /** Not part of the last run, or no run yet. */
        IDLE,
        /** Chosen, waits for its turn. */
        WAITING, RUNNING, DONE,
        /** Ended by Stop before it was done. */
        STOPPED,
        /** Ended by an error. */
        FAILED
    }

    private final String mode;
    private Status status = Status.IDLE;
    private String text = "";
    private int writtenTokens;
    private int finishedTokens;
    private String activeAgent;
    private int activeRound;
    private String activeKind;
    private ModeReport report;
    private final List<StageReport> stages = new ArrayList<>();

    ModeRun(String mode) {
        this.mode = mode;
    }

    public String mode() {
        return mode;
    }

    public Status status() {
        return status;
    }

    /** The last agent's text so far, or its whole text. */
    public String text() {
        return text;
    }

    /** Tokens decoded so far by all agents of this mode; the report's count once there is a report. */
    public int decodedTokens() {
        return report == null ? finishedTokens + writtenTokens : report.decodedTokens;
    }

    /** Id of the agent at work, or null. */
    public String activeAgent() {
        return activeAgent;
    }

    /** The present round, 1-based; 0 before the first stage. */
    public int activeRound() {
        return activeRound;
    }

    /** The present stage's kind, or null. */
    public String activeKind() {
        return activeKind;
    }

    /** The stages that ended so far, in the order in which they ran. */
    public List<StageReport> stages() {
        return Collections.unmodifiableList(stages);
    }

    /** The mode's report, or null while it has none. */
    public ModeReport report() {
        return report;
    }

    /** Whether the numbers of this mode are those of a whole, undisturbed run. */
    public boolean isComparable() {
        return status == Status.DONE && report != null && !"cancelled".equals(report.finish);
    }

    void reset(Status next) {
        status = next;
        text = "";
        writtenTokens = 0;
        finishedTokens = 0;
        report = null;
        stages.clear();
        rest();
        activeRound = 0;
    }

    void start() {
        reset(Status.RUNNING);
    }

    void startStage(String agent, int round, String kind) {
        activeAgent = agent;
        activeRound = round;
        activeKind = kind;
        writtenTokens = 0;
    }

    void endStage(StageReport stage) {
        stages.add(stage);
        finishedTokens += stage.decodedTokens;
        writtenTokens = 0;
        rest();
    }

    void write(String textSoFar, int tokens) {
        text = textSoFar;
        writtenTokens = tokens;
    }

    void end(ModeReport result) {
        report = result;
        text = result.text == null ? "" : result.text;
        stages.clear();
        stages.addAll(result.stages);
        status = "cancelled".equals(result.finish) ? Status.STOPPED : Status.DONE;
        rest();
    }

    /** Ends a mode that has no report: it keeps what it showed. */
    void interrupt(Status why) {
        if (status == Status.RUNNING) {
            status = why;
        } else if (status == Status.WAITING) {
            status = Status.IDLE;
        }
        rest();
    }

    private void rest() {
        activeAgent = null;
        activeKind = null;
    }
}
