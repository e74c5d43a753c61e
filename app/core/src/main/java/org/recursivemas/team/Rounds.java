package org.recursivemas.team;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Visits the agents round by round and carries messages along the edges: forward ones arrive in the same round,
 * feedback in the next. The same walk serves latent and text hand-offs.
 *
 * @param <M> a message
 */
public final class Rounds<M> {
    /** Where an agent puts its messages. */
    public interface Outbox<M> {
        /** Takes over {@code message}; null is an empty message. */
        void send(Edge edge, M message);
    }

    /** What an agent does on a visit. */
    public interface Worker<M> {
        /**
         * Works and sends one message along each of {@code edges}.
         *
         * @param slots messages by slot name; not closed here
         */
        void handOff(PlannedAgent agent, int round, Map<String, M> slots, List<Edge> edges, Outbox<M> outbox);

        /**
         * Whether a round that is not the last allowed one shall be the last. Asked before the deciding agent's turn.
         *
         * @param slots its messages by slot name; not closed here
         */
        default boolean enough(PlannedAgent decider, int round, Map<String, M> slots) {
            return false;
        }

        /** The deciding agent of the last round writes the answer. */
        void answer(PlannedAgent agent, int round, Map<String, M> slots);

        /** A message has been read, or will never be; null is an empty message. */
        void drop(M message);
    }

    private final TeamPlan plan;
    private final Worker<M> worker;
    private Map<Edge, M> now = new HashMap<>();
    private Map<Edge, M> next = new HashMap<>();

    public Rounds(TeamPlan plan, Worker<M> worker) {
        this.plan = plan;
        this.worker = worker;
    }

    /**
     * Runs {@code rounds} rounds, or fewer where the worker says that it is {@linkplain Worker#enough enough}. Messages
     * that are still under way when it ends, also by an exception, are dropped.
     */
    public void run(int rounds) {
        try {
            for (int round = 1; round <= rounds; round++) {
                for (PlannedAgent agent : plan.agents()) {
                    if (visit(agent, round, round == rounds)) {
                        return;
                    }
                }
                now.values().forEach(worker::drop);
                now = next;
                next = new HashMap<>();
            }
        } finally {
            now.values().forEach(worker::drop);
            next.values().forEach(worker::drop);
        }
    }

    /** Returns whether the answer has been written. */
    private boolean visit(PlannedAgent agent, int round, boolean last) {
        boolean decides = agent == plan.decider();
        List<Edge> edges = plan.outgoing(agent, !last);
        if (edges.isEmpty() && !decides) {
            return false;   // nobody would read what it does
        }
        List<Edge> incoming = plan.incoming(agent, round);
        Map<String, M> slots = new HashMap<>();
        for (Edge edge : incoming) {
            if (!now.containsKey(edge)) {
                throw new IllegalStateException("no message on " + edge + " in round " + round);
            }
            slots.put(edge.slot(), now.get(edge));
        }
        boolean answers = decides && (last || worker.enough(agent, round, slots));
        if (answers) {
            worker.answer(agent, round, slots);
        } else if (!edges.isEmpty()) {
            worker.handOff(agent, round, slots, edges,
                    (edge, message) -> (edge.feedback() ? next : now).put(edge, message));
        }
        for (Edge edge : incoming) {
            worker.drop(now.remove(edge));
        }
        return answers;
    }
}
