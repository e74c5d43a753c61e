package org.recursivemas.team;

import java.util.ArrayList;
import java.util.List;

/**
 * The visits of a latent run and what each waits for, so that agents in several places can work as soon as they may.
 * The same visits as {@link Rounds}; in the same order they give the same run.
 */
public final class Schedule {
    private final List<Visit> visits = new ArrayList<>();

    /**
     * One visit to an agent.
     *
     * @param index 0-based, in the order of a run by one machine
     * @param round 1-based
     * @param answers whether it writes the answer; else it rolls out
     * @param sends the edges it sends a message along, as indexes in {@link TeamPlan#edges()}
     * @param reads what fills its slots
     */
    public record Visit(int index, String agent, int round, boolean answers, List<Integer> sends, List<Read> reads) {
    }

    /**
     * A message that a visit reads.
     *
     * @param edge index in {@link TeamPlan#edges()}
     * @param visit index of the visit that sends it
     */
    public record Read(int edge, int visit, String slot) {
    }

    /** @throws IllegalArgumentException when nothing would reach a later round */
    public Schedule(TeamPlan plan, int rounds) {
        if (rounds > 1 && !plan.hasFeedback()) {
            throw new IllegalArgumentException("team " + plan.id()
                    + " has no feedback hand-off, so it can run 1 round, not " + rounds);
        }
        for (int round = 1; round <= rounds; round++) {
            for (PlannedAgent agent : plan.agents()) {
                boolean last = round == rounds;
                boolean answers = last && agent == plan.decider();
                List<Edge> edges = plan.outgoing(agent, !last);
                if (edges.isEmpty() && !answers) {
                    continue;   // nobody would read what it does
                }
                List<Integer> sends = new ArrayList<>();
                if (!answers) {
                    edges.forEach(edge -> sends.add(plan.edges().indexOf(edge)));
                }
                List<Read> reads = new ArrayList<>();
                for (Edge edge : plan.incoming(agent, round)) {
                    int sender = find(edge.from(), edge.feedback() ? round - 1 : round);
                    reads.add(new Read(plan.edges().indexOf(edge), sender, edge.slot()));
                }
                visits.add(new Visit(visits.size(), agent.id(), round, answers, List.copyOf(sends),
                        List.copyOf(reads)));
            }
        }
    }

    private int find(String agent, int round) {
        for (Visit visit : visits) {
            if (visit.agent().equals(agent) && visit.round() == round) {
                return visit.index();
            }
        }
        throw new IllegalStateException("no visit to " + agent + " in round " + round);
    }

    public List<Visit> visits() {
        return visits;
    }
}
