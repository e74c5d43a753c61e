package org.recursivemas.team;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.recursivemas.data.StageReport;
import org.recursivemas.engine.Generation;
import org.recursivemas.engine.LanguageModel;
import org.recursivemas.engine.PromptPiece;
import org.recursivemas.engine.TokenListener;

/** The baselines: the same agents hand over the text they write, or the deciding agent works alone. */
final class TextRun implements Rounds.Worker<String> {
    private static final TokenListener NOBODY = (text, tokens) -> { };

    private final Scope scope;
    /** Brings older texts again; null when a hand-off brings the newest. */
    private final MessageBus<String> bus;

    /** Texts that stand in one slot stand apart. */
    private static final class Texts implements MessageBus.Kind<String> {
        @Override
        public PromptPiece piece(String message) {
            return PromptPiece.text(message);
        }

        @Override
        public String join(LanguageModel reader, List<String> messages) {
            return String.join("\n\n", messages);
        }

        @Override
        public void close(String message) {
            // Text needs no care.
        }
    }

    private TextRun(Scope scope) {
        this.scope = scope;
        bus = scope.report.retrieval == 0 ? null : new MessageBus<>(scope, new Texts());
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
        new TextRun(scope).write(agent, 1, stage -> agent.alone().renderText(agent.chat(), agent.system(),
                scope.request.problem(), Map.of()));
    }

    @Override
    public void handOff(PlannedAgent agent, int round, Map<String, String> slots, List<Edge> edges,
            Rounds.Outbox<String> outbox) {
        StageReport stage = scope.start(agent, round, "text");
        Generation generation = scope.decode(agent, stage, prompt(agent, round, slots, stage), NOBODY, scope.control);
        scope.end(stage);
        if (generation.finish() == Generation.Finish.CANCELLED) {
            throw new Cancelled();
        }
        for (Edge edge : edges) {
            PlannedAgent reader = scope.plan.agent(edge.to());
            ChatMarkers.refuse(generation.text(), "what agent " + agent.id() + " wrote in round " + round, reader,
                    scope.model(reader));
            if (bus != null) {
                bus.keep(edge, round, generation.text());
            }
            outbox.send(edge, generation.text());
        }
    }

    @Override
    public void answer(PlannedAgent agent, int round, Map<String, String> slots) {
        write(agent, round, stage -> prompt(agent, round, slots, stage));
    }

    @Override
    public void drop(String message) {
        // Text needs no care.
    }

    private void write(PlannedAgent agent, int round, Function<StageReport, List<PromptPiece>> prompt) {
        StageReport stage = scope.start(agent, round, "answer");
        Generation generation = scope.decodeAnswer(agent, stage, prompt.apply(stage),
                (text, tokens) -> scope.listener.onText(scope.report.mode, text, tokens), scope.control);
        scope.end(stage);
        scope.decide(generation);
    }

    private List<PromptPiece> prompt(PlannedAgent agent, int round, Map<String, String> newest, StageReport stage) {
        Map<String, String> slots = bus == null ? newest : bus.fill(agent, round, newest, stage);
        List<PromptPiece> prompt = agent.user(round).renderText(agent.chat(), agent.system(), scope.request.problem(),
                slots);
        if (bus != null) {
            bus.requireRoom(agent, stage, prompt, 0);
        }
        return prompt;
    }
}
