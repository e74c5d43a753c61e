package org.recursivemas.team;

/**
 * One validated edge of the hand-off graph. Compared by identity: two edges may join the same agents at different
 * slots.
 */
public final class Edge {
    private final String from;
    private final String to;
    private final String slot;
    private final boolean feedback;

    Edge(String from, String to, String slot, boolean feedback) {
        this.from = from;
        this.to = to;
        this.slot = slot;
        this.feedback = feedback;
    }

    /** Agent id of the sender. */
    public String from() {
        return from;
    }

    /** Agent id of the receiver. */
    public String to() {
        return to;
    }

    /** Slot in the receiver's prompt. */
    public String slot() {
        return slot;
    }

    /** True when the message is delivered in the next round. */
    public boolean feedback() {
        return feedback;
    }

    @Override
    public String toString() {
        return from + (feedback ? " ~> " : " -> ") + to + "." + slot;
    }
}
