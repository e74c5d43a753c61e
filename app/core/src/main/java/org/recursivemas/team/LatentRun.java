package org.recursivemas.team;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.recursivemas.data.InsideBlock;
import org.recursivemas.data.StageReport;
import org.recursivemas.engine.EngineException;
import org.recursivemas.engine.Generation;
import org.recursivemas.engine.HiddenStateProbe;
import org.recursivemas.engine.LanguageModel;
import org.recursivemas.engine.Latents;
import org.recursivemas.engine.LatentDevice;
import org.recursivemas.engine.PromptPiece;
import org.recursivemas.engine.RunControl;

/**
 * One latent run. From the first prompt to the first decoded token nothing is read from the device, but for one number a
 * round where the run may stop early, and the scores of older messages where a hand-off may bring these; then the norms of
 * all collected hidden states and of all delivered messages are read at once, and a run with one that is not finite ends
 * there. The messages are watched too: a broken link into the deciding agent touches no collected state.
 */
final class LatentRun implements Rounds.Worker<Latents> {
    private final Scope scope;
    private final LoadedLinks links;
    private final LatentDevice device;
    private final HiddenStateProbe probe;
    /** What the probe has recorded, in that order. */
    private final List<Recorded> recorded = new ArrayList<>();
    /** What is looked at after the answer; null when nobody asked to see it. */
    private final KeptLatents kept;
    /** Compares one round's messages with the last one's; null when all rounds are run. */
    private final Agreement agreement;
    /** Brings older messages again; null when a hand-off brings the newest. */
    private final MessageBus<Latents> bus;
    private boolean settled;
    private EngineException broken;

    /** A recorded block: the hidden states of a rollout (no edge), or the message that it sent along an edge. */
    private static final class Recorded {
        final StageReport stage;
        final Edge edge;

        Recorded(StageReport stage, Edge edge) {
            this.stage = stage;
            this.edge = edge;
        }
    }

    /** Rows of several messages stand below each other. */
    private static final class Blocks implements MessageBus.Kind<Latents> {
        @Override
        public PromptPiece piece(Latents message) {
            return PromptPiece.latents(message);
        }

        @Override
        public Latents join(LanguageModel reader, List<Latents> messages) {
            return reader.stack(messages);   // k x [m, d of the reader] -> [k m, d]
        }

        @Override
        public void close(Latents message) {
            message.close();
        }
    }

    private LatentRun(Scope scope, LoadedLinks links, LatentDevice device, HiddenStateProbe probe,
            KeptLatents kept, Agreement agreement, MessageBus<Latents> bus) {
        this.bus = bus;
        this.agreement = agreement;
        this.scope = scope;
        this.links = links;
        this.device = device;
        this.probe = probe;
        this.kept = kept;
    }

    static void run(Scope scope, LoadedLinks links, LatentDevice device) {
        try (HiddenStateProbe probe = device.probe();
                KeptLatents kept = scope.request.seeInside() ? new KeptLatents() : null;
                Agreement agreement = scope.request.stopEarly() > 0
                        ? new Agreement(device, scope.model(scope.plan.decider())) : null;
                MessageBus<Latents> bus = scope.report.retrieval == 0 ? null : new MessageBus<>(scope, new Blocks())) {
            LatentRun run = new LatentRun(scope, links, device, probe, kept, agreement, bus);
            new Rounds<>(scope.plan, run).run(scope.request.rounds());
            if (kept != null) {
                double start = scope.millis();
                scope.report.inside = kept.analyse(device, scope::model, scope.control);
                scope.asideMillis += scope.millis() - start;
            }
        } catch (Cancelled e) {
            scope.report.linkMillis = device.takeLinkMillis();
            throw e;
        } catch (RuntimeException e) {
            takeLinkMillisAfter(e, device);
            throw e;
        }
    }

    /** The next run must not be charged for this one's links. */
    private static void takeLinkMillisAfter(RuntimeException failure, LatentDevice device) {
        try {
            device.takeLinkMillis();
        } catch (RuntimeException again) {
            failure.addSuppressed(again);
        }
    }

    @Override
    public void handOff(PlannedAgent agent, int round, Map<String, Latents> newest, List<Edge> edges,
            Rounds.Outbox<Latents> outbox) {
        StageReport stage = scope.start(agent, round, "rollout");
        Map<String, Latents> slots = slots(agent, round, newest, stage);
        stage.latentSteps = agent.latentSteps(scope.request.latentSteps());
        if (stage.latentSteps == 0) {
            edges.forEach(edge -> outbox.send(edge, null));   // an empty message: nothing has to be thought
        } else {
            try (Rollout rollout = Rollout.run(scope.model(agent), links.inner(agent),
                    prompt(agent, slots, stage), stage.latentSteps, scope.control, kept == null)) {
                keep(stage, InsideBlock.HIDDEN, agent.id(), rollout.hidden());
                keep(stage, InsideBlock.LINKED, agent.id(), rollout.linked());
                probe.record(rollout.hidden());
                recorded.add(new Recorded(stage, null));
                stage.promptPositions = rollout.promptPositions();
                stage.positions = rollout.promptPositions() + stage.latentSteps - 1;
                for (Edge edge : edges) {
                    Latents message = links.outer(edge).apply(rollout.linked());   // [m, d] -> [m, d of the reader]
                    keep(stage, InsideBlock.MESSAGE, edge.to(), message);
                    if (bus != null) {
                        bus.keep(edge, round, message);   // from here on the bus closes it
                    }
                    outbox.send(edge, message);   // from here on the rounds close it, if nobody keeps it
                    probe.record(message);
                    recorded.add(new Recorded(stage, edge));
                }
            }
            // Waiting reads nothing back. It makes the stage's time true and lets a stop take effect soon.
            device.sync();
        }
        scope.end(stage);
    }

    @Override
    public boolean enough(PlannedAgent decider, int round, Map<String, Latents> slots) {
        if (agreement == null) {
            return false;
        }
        Map<Edge, Latents> messages = new LinkedHashMap<>();
        scope.plan.incoming(decider, round).forEach(edge -> messages.put(edge, slots.get(edge.slot())));
        double alike = agreement.next(messages);
        if (Double.isNaN(alike)) {
            return false;
        }
        int count = scope.report.agreements.length;
        scope.report.agreements = Arrays.copyOf(scope.report.agreements, count + 1);
        scope.report.agreements[count] = alike;
        return alike >= scope.request.stopEarly();
    }

    @Override
    public void answer(PlannedAgent agent, int round, Map<String, Latents> newest) {
        scope.report.rounds = round;
        StageReport stage = scope.start(agent, round, "answer");
        Map<String, Latents> slots = slots(agent, round, newest, stage);
        RunControl until = () -> broken != null || scope.control.cancelled();
        Generation generation;
        try {
            generation = scope.decodeAnswer(agent, stage, prompt(agent, slots, stage), (text, tokens) -> {
                settle();
                if (broken == null) {
                    scope.listener.onText(scope.report.mode, text, tokens);
                }
            }, until);
            settle();
        } catch (Cancelled e) {
            throw e;
        } catch (RuntimeException e) {
            throw explained(e);
        }
        if (broken != null) {
            throw broken;
        }
        scope.report.linkMillis = device.takeLinkMillis();
        scope.end(stage);
        scope.decide(generation);
    }

    private void keep(StageReport stage, String kind, String reader, Latents latents) {
        if (kept != null) {
            kept.add(stage.agent, stage.round, kind, reader, latents);
        }
    }

    @Override
    public void drop(Latents message) {
        if (message != null && kept == null && bus == null) {
            message.close();
        }
    }

    /** What stands in the agent's slots: the newest messages, or the most relevant. */
    private Map<String, Latents> slots(PlannedAgent agent, int round, Map<String, Latents> newest, StageReport stage) {
        Map<String, Latents> slots = bus == null ? newest : bus.fill(agent, round, newest, stage);
        stage.latentRowsIn = rows(slots);
        return slots;
    }

    private List<PromptPiece> prompt(PlannedAgent agent, Map<String, Latents> slots, StageReport stage) {
        List<PromptPiece> prompt = agent.user(stage.round).renderLatents(agent.chat(), agent.system(),
                scope.request.problem(), slots);
        if (bus != null) {
            bus.requireRoom(agent, stage, prompt, Math.max(0, stage.latentSteps - 1));
        }
        return prompt;
    }

    private static int rows(Map<String, Latents> slots) {
        int rows = 0;
        for (Latents latents : slots.values()) {
            rows += latents == null ? 0 : latents.rows();
        }
        return rows;
    }

    /** Reads the statistics, once, and finds the first state or message that is not finite. */
    private void settle() {
        if (settled) {
            return;
        }
        settled = true;
        if (recorded.isEmpty()) {
            return;
        }
        HiddenStateProbe.RowStatistics[] statistics = probe.read();
        if (statistics.length != recorded.size()) {
            throw new EngineException("the device recorded " + statistics.length
                    + " blocks of hidden states and messages instead of "
                    + recorded.size() + ". Load the team again");
        }
        for (int i = 0; i < statistics.length; i++) {
            Recorded block = recorded.get(i);
            if (block.edge == null) {
                enter(block.stage, statistics[i]);
            } else {
                check(block, statistics[i]);
            }
        }
    }

    /** A message shows in the report only when it is broken: the norms of a stage are those of its hidden states. */
    private void check(Recorded message, HiddenStateProbe.RowStatistics statistics) {
        int firstBad = firstNotFinite(statistics.norms());
        if (statistics.finite() && firstBad < 0) {
            return;
        }
        message.stage.finite = false;
        if (broken == null) {
            broken = new EngineException("link " + message.edge.from() + " -> " + message.edge.to() + ", round "
                    + message.stage.round + ": "
                    + (firstBad < 0 ? "the message" : "row " + (firstBad + 1) + " of the message")
                    + " is not finite, so the run was stopped. Check that the link was made for these models, or fit "
                    + "it again");
        }
    }

    private static int firstNotFinite(float[] norms) {
        for (int i = 0; i < norms.length; i++) {
            if (Float.isNaN(norms[i]) || Float.isInfinite(norms[i])) {
                return i;
            }
        }
        return -1;
    }

    private void enter(StageReport stage, HiddenStateProbe.RowStatistics statistics) {
        float[] norms = statistics.norms();
        int firstBad = firstNotFinite(norms);
        stage.finite = statistics.finite() && firstBad < 0;
        stage.hiddenNorms = new double[norms.length];
        for (int i = 0; i < norms.length; i++) {
            stage.hiddenNorms[i] = norms[i];
        }
        if (!stage.finite && broken == null) {
            broken = new EngineException("agent " + stage.agent + ", round " + stage.round + ", "
                    + (firstBad < 0 ? "a latent step" : "latent step " + (firstBad + 1) + " of " + norms.length)
                    + ": the hidden state is not finite, so the run was stopped. Use a model in f32 (q0f32, q4f32_1), "
                    + "or check that the links were made for these models");
        }
    }

    /** A decode that failed on a broken message failed because of the message: say so. */
    private RuntimeException explained(RuntimeException failure) {
        try {
            settle();
        } catch (RuntimeException reading) {
            failure.addSuppressed(reading);
        }
        if (broken == null) {
            return failure;
        }
        broken.addSuppressed(failure);
        return broken;
    }
}
