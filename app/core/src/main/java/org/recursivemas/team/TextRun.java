package org.recursivemas.team;

import java.util.List;
import java.util.Map;
import org.recursivemas.data.StageReport;
import org.recursivemas.engine.Generation;
import org.recursivemas.engine.PromptPiece;
import org.recursivemas.engine.TokenListener;

/** The baselines: the same agents hand over the text they write, or the deciding agent works alone. */
final class TextRun implements Rounds.Worker<String> {
    private static final TokenListener NOBODY = (text, tokens) -> { };

    private final Scope scope;

    private TextRun(Scope scope) {
        this.scope = scope;
    }

    /**
     * Recursive text hand-off: in every round every agent writes, and a feedback message is the sender's whole text.
     */
    static void team(Scope scope) {
        new Rounds<>(scope.plan, new TextRun(scope)).run(scope.request.rounds());
    }

    /** The deciding agent answers the bare problem. */
    static void single(Scope scope) {
        PlannedAgent agent = scope.plan.decider();
        if (agent.alone() == null) {
            throw new IllegalArgumentException(scope.plan.file() + ": agent " + agent.id()
                    + " has no user_alone prompt. "
                    + "Add one to compare with the single agent");
        }
        new TextRun(scope).write(agent, 1, agent.alone(), Map.of());
    }

    @Override
    public void handOff(PlannedAgent agent, int round, Map<String, String> slots, List<Edge> edges,
            Rounds.Outbox<String> outbox) {
        StageReport stage = scope.start(agent, round, "text");
        Generation generation = scope.decode(agent, stage, prompt(agent, agent.user(round), slots), NOBODY,
                scope.control);
        scope.end(stage);
        if (generation.finish() == Generation.Finish.CANCELLED) {
            throw new Cancelled();
        }
        for (Edge edge : edges) {
            PlannedAgent reader = scope.plan.agent(edge.to());
            ChatMarkers.refuse(generation.text(), "what agent " + agent.id() + " wrote in round " + round, reader,
                    scope.model(reader));
            outbox.send(edge, generation.text());
        }
    }

    @Override
    public void answer(PlannedAgent agent, int round, Map<String, String> slots) {
        write(agent, round, agent.user(round), slots);
    }

    @Override
    public void drop(String message) {
        // Text needs no care.
    }

    private void write(PlannedAgent agent, int round, PromptTemplate user, Map<String, String> slots) {
        StageReport stage = scope.start(agent, round, "answer");
        Generation generation = scope.decodeAnswer(agent, stage, prompt(agent, user, slots),
                (text, tokens) -> scope.listener.onText(scope.report.mode, text, tokens), scope.control);
        scope.end(stage);
        scope.decide(generation);
    }

    private List<PromptPiece> prompt(PlannedAgent agent, PromptTemplate user, Map<String, String> slots) {
        return user.renderText(agent.chat(), agent.system(), scope.request.problem(), slots);
    }
}
