package org.recursivemas.team;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.recursivemas.data.AnswerReport;
import org.recursivemas.data.LinkEntry;
import org.recursivemas.data.LinkFile;
import org.recursivemas.data.StageReport;
import org.recursivemas.engine.Clock;
import org.recursivemas.engine.EngineException;
import org.recursivemas.engine.Generation;
import org.recursivemas.engine.HiddenStateProbe;
import org.recursivemas.engine.LanguageModel;
import org.recursivemas.engine.LatentDevice;
import org.recursivemas.engine.Latents;
import org.recursivemas.engine.Link;
import org.recursivemas.engine.PromptPiece;
import org.recursivemas.engine.RunControl;
import org.recursivemas.playground.RunRequest;
import org.recursivemas.together.LatentBlock;
import org.recursivemas.tools.ToolBox;

/**
 * Some agents of a team, with their models and links, ready to do single stages of a latent run whose other agents are
 * somewhere else. It computes what {@link RecursiveTeam} does; messages come and go as {@link LatentBlock}s. The outer
 * link is applied here, by the sender: what leaves is ready for its reader, in the reader's width.
 */
public final class TeamPart {
    private final TeamPlan plan;
    private final Map<String, LanguageModel> models;
    private final LatentDevice device;
    private final Clock clock;
    private final ToolBox tools;
    private final Map<String, Link> inner = new HashMap<>();
    private final Map<Edge, Link> outer = new HashMap<>();

    /** What a stage has made. */
    public static final class Result {
        /** The stage, with its norms. */
        public StageReport stage;
        /** Device time of its links; negative when the device cannot tell. */
        public double linkMillis;
        /** Messages [m, width of the reader] by index of the edge in {@link TeamPlan#edges()}; null when it answered. */
        public Map<Integer, LatentBlock> messages = new HashMap<>();
        /** {@code "stop"}, {@code "length"} or {@code "cancelled"} of an answer, else null. */
        public String finish;
        /** What stands after the answer marker, or null. */
        public String answer;
        /** All answers when there were to be several, of which {@link #answer} is the most frequent; else empty. */
        public List<AnswerReport> answers = new ArrayList<>();
    }

    /** A part without tools: as the other constructor. */
    public TeamPart(TeamPlan plan, Map<String, LanguageModel> models, LatentDevice device, LinkFile links,
            Clock clock) {
        this(plan, models, device, links, clock, ToolBox.NONE);
    }

    /**
     * @param models of the agents played here, by agent id
     * @param tools the plan's tools, ready to run, where the deciding agent is played here
     * @throws EngineException when a model does not fit the team file, or a link or a tool is missing or does not fit
     */
    public TeamPart(TeamPlan plan, Map<String, LanguageModel> models, LatentDevice device, LinkFile links,
            Clock clock, ToolBox tools) {
        if (models.containsKey(plan.decider().id())) {
            LoadedLinks.requireTools(plan, tools);
        }
        this.tools = tools;
        this.plan = plan;
        this.models = new HashMap<>(models);
        this.device = device;
        this.clock = clock;
        LinkIndex index = LinkIndex.of(links);
        String lacking = index.fault(plan, plan.edges().stream().filter(edge -> models.containsKey(edge.from())).toList());
        if (lacking != null) {
            throw new EngineException(lacking);
        }
        models.forEach((id, model) -> LoadedLinks.requireWidth(plan, plan.agent(id), model));
        Map<LinkEntry, Link> loaded = new HashMap<>();
        for (Edge edge : plan.edges()) {
            LanguageModel source = models.get(edge.from());
            if (source == null) {
                continue;
            }
            inner.computeIfAbsent(edge.from(), from -> device.link(LoadedLinks.find(links, "inner", from, from), source,
                    source));
            Link link = loaded.computeIfAbsent(LoadedLinks.find(links, "outer", edge.from(), edge.to()),
                    entry -> device.outgoing(entry, source));
            int width = plan.agent(edge.to()).hiddenSize();
            if (link.outWidth() != width) {
                throw new EngineException("link " + link.id() + " makes vectors of width " + link.outWidth() + ", but "
                        + edge.to() + " reads width " + width + ". Use the links that were trained for these models");
            }
            outer.put(edge, link);
        }
    }

    /** Agents played here. */
    public boolean plays(String agent) {
        return models.containsKey(agent);
    }

    /**
     * Does one stage.
     *
     * @param request the run; its modes are not looked at, and of its system messages only this agent's
     * @param visit what to do
     * @param slots messages by slot name, each [m, width of this agent]; no rows when m is 0
     * @param listener hears the text of an answer
     * @throws Cancelled when {@code control} stopped it
     * @throws IllegalArgumentException when the request puts something impossible in a link's place
     * @throws EngineException when a message or a hidden state is not finite or does not fit, or the model fails
     */
    public Result work(RunRequest request, Schedule.Visit visit, Map<String, LatentBlock> slots, TeamListener listener,
            RunControl control) {
        TeamPlan runPlan = plan.withSystems(request.systems());
        PlannedAgent agent = runPlan.agent(visit.agent());
        LanguageModel model = models.get(agent.id());
        if (model == null) {
            throw new EngineException("agent " + agent.id() + " is not played in this browser. Choose it as a role");
        }
        ChatMarkers.refuse(request.problem(), "the problem", agent, model);
        if (request.systems().containsKey(agent.id())) {
            ChatMarkers.refuse(agent.system(), "the system message", agent, model);
        }
        Scope scope = new Scope(runPlan, models, tools, clock, request, listener, control);
        scope.report.mode = Mode.LATENT;
        Map<String, Latents> read = new HashMap<>();
        try {
            int rows = 0;
            for (Map.Entry<String, LatentBlock> slot : slots.entrySet()) {
                rows += slot.getValue().rows();
                read.put(slot.getKey(), slot.getValue().rows() == 0 ? null
                        : device.write(slot.getValue().toRows(), model));
            }
            List<PromptPiece> prompt = agent.user(visit.round()).renderLatents(agent.chat(), agent.system(),
                    request.problem(), read);
            StageReport stage = scope.start(agent, visit.round(), visit.answers() ? "answer" : "rollout");
            stage.latentRowsIn = rows;
            Result result = new Result();
            result.stage = stage;
            if (visit.answers()) {
                answer(scope, agent, prompt, result);
            } else {
                rollOut(scope, agent, visit, prompt, result);
            }
            result.linkMillis = device.takeLinkMillis();
            scope.end(stage);
            return result;
        } finally {
            read.values().forEach(latents -> {
                if (latents != null) {
                    latents.close();
                }
            });
        }
    }

    private void answer(Scope scope, PlannedAgent agent, List<PromptPiece> prompt, Result result) {
        Generation generation = scope.decodeAnswer(agent, result.stage, prompt,
                (text, tokens) -> scope.listener.onText(Mode.LATENT, text, tokens), scope.control);
        scope.decide(generation);
        result.finish = scope.report.finish;
        result.answer = scope.report.answer;
        result.answers.addAll(scope.report.answers);
    }

    private void rollOut(Scope scope, PlannedAgent agent, Schedule.Visit visit, List<PromptPiece> prompt,
            Result result) {
        StageReport stage = result.stage;
        int steps = agent.latentSteps(scope.request.latentSteps());
        stage.latentSteps = steps;
        if (steps == 0) {
            for (int edge : visit.sends()) {
                result.messages.put(edge, new LatentBlock(0, width(edge), new float[0]));
            }
            return;
        }
        Map<String, String> swaps = scope.request.links();
        int seed = scope.request.seed();
        int past = (visit.round() - 1) * steps;   // an agent that hands over does so once in every round
        LanguageModel model = models.get(agent.id());
        Link own = LinkSwap.of(agent.id(), swaps.get(agent.id()), inner.get(agent.id()), model, device, seed, past);
        try (Rollout rollout = Rollout.run(model, own, prompt, steps, scope.control);
                HiddenStateProbe probe = device.probe()) {
            probe.record(rollout.hidden());
            stage.promptPositions = rollout.promptPositions();
            stage.positions = rollout.promptPositions() + steps - 1;
            for (int edge : visit.sends()) {
                Edge along = plan.edges().get(edge);
                String name = LinkSwap.name(along);
                result.messages.put(edge, LinkSwap.message(name, swaps.get(name), outer.get(along), rollout.linked(),
                        device, seed, past));
            }
            float[] norms = probe.read()[0].norms();
            stage.hiddenNorms = new double[norms.length];
            for (int i = 0; i < norms.length; i++) {
                stage.hiddenNorms[i] = norms[i];
            }
        }
        requireFinite(stage, result.messages);
    }

    private int width(int edge) {
        return plan.agent(plan.edges().get(edge).to()).hiddenSize();
    }

    private void requireFinite(StageReport stage, Map<Integer, LatentBlock> messages) {
        for (int i = 0; i < stage.hiddenNorms.length; i++) {
            if (Double.isNaN(stage.hiddenNorms[i]) || Double.isInfinite(stage.hiddenNorms[i])) {
                throw new EngineException("agent " + stage.agent + ", round " + stage.round + ", latent step " + (i + 1)
                        + " of " + stage.hiddenNorms.length + ": the hidden state is not finite, so the run was "
                        + "stopped. Use a model in f32 (q0f32, q4f32_1), or check that the links were made for these "
                        + "models");
            }
        }
        messages.forEach((edge, block) -> {
            int row = block.firstNotFinite();
            if (row >= 0) {
                throw new EngineException("link " + plan.edges().get(edge) + ", round " + stage.round + ": row "
                        + (row + 1) + " of the message is not finite, so the run was stopped. Check that the link was "
                        + "made for these models, or fit it again");
            }
        });
    }
}
