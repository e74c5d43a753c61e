package org.recursivemas.team;

import java.util.HashMap;
import java.util.Map;
import org.recursivemas.data.LinkFile;
import org.recursivemas.data.ModeReport;
import org.recursivemas.data.RunReport;
import org.recursivemas.engine.Clock;
import org.recursivemas.engine.EngineException;
import org.recursivemas.engine.LanguageModel;
import org.recursivemas.engine.LatentDevice;
import org.recursivemas.engine.RunControl;
import org.recursivemas.playground.RunRequest;
import org.recursivemas.tools.ToolBox;

/**
 * A team that is ready to run: plan, one loaded model per agent, links on the device.
 *
 * <p>Latent mode: in every round each agent rolls out on its prompt (question and upstream messages in it) and sends
 * {@code outer(inner(H))} along each of its edges; feedback edges deliver in the next round; only the deciding agent of
 * the last round decodes. Nothing falls back to text. The baselines use the same agents, prompts, decoding and meter.
 */
public final class RecursiveTeam {
    private final TeamPlan plan;
    private final Map<String, LanguageModel> models;
    private final LatentDevice device;
    private final LoadedLinks links;
    private final LinkIndex index;
    private final Clock clock;
    private final ToolBox tools;

    /** A team without tools: as the other constructor. */
    public RecursiveTeam(TeamPlan plan, Map<String, LanguageModel> models, LatentDevice device, LinkFile links,
            Clock clock) {
        this(plan, models, device, links, clock, ToolBox.NONE);
    }

    /**
     * @param models by agent id, one for every agent; agents may share one
     * @param device may be null when {@code links} is
     * @param links null when only the baselines will be run
     * @param tools the plan's tools, ready to run
     * @throws EngineException when a model is missing or has another hidden size than the team file says, or when a
     *     tool is missing or does not fit
     */
    public RecursiveTeam(TeamPlan plan, Map<String, LanguageModel> models, LatentDevice device, LinkFile links,
            Clock clock, ToolBox tools) {
        this(plan, models, device, links, LinkIndex.of(links), clock, tools);
    }

    /**
     * The same with links that do not all fit.
     *
     * @param index what {@code links} holds, and which agents run another model than the one that they were made for
     */
    public RecursiveTeam(TeamPlan plan, Map<String, LanguageModel> models, LatentDevice device, LinkFile links,
            LinkIndex index, Clock clock, ToolBox tools) {
        this.plan = plan;
        this.models = new HashMap<>(models);
        this.device = device;
        this.clock = clock;
        this.tools = tools;
        LoadedLinks.requireTools(plan, tools);
        for (PlannedAgent agent : plan.agents()) {
            LanguageModel model = models.get(agent.id());
            if (model == null) {
                throw new EngineException("agent " + agent.id() + " has no loaded model. Load one for every agent");
            }
            LoadedLinks.requireWidth(plan, agent, model);
        }
        this.index = index;
        this.links = new LoadedLinks(plan, this.models, device, links, index);
    }

    public TeamPlan plan() {
        return plan;
    }

    /**
     * Answers one problem in one mode.
     *
     * @param mode one of {@link Mode}; the request's own list of modes is not looked at
     * @return the measured run; when {@code control} stopped it, finish is {@code "cancelled"} and there is no answer
     * @throws EngineException when the problem holds a control marker, a model or the device fails, or a hidden state
     *     is not finite (naming agent, round and step); no text has then been handed out as an answer
     * @throws IllegalArgumentException when the team cannot run this request; a latent one without its links names these
     */
    public ModeReport answer(String mode, RunRequest request, TeamListener listener, RunControl control) {
        TeamPlan runPlan = plan.withSystems(request.systems());
        requirePossible(mode, request);
        refuseMarkers(runPlan, request);
        if (mode.equals(Mode.LATENT)) {
            links.requireSwappable(request.links());
        }
        ToolBox runTools = request.search() == null ? tools : tools.searching(request.search());
        Scope scope = new Scope(runPlan, models, runTools, clock, request, listener, control);
        ModeReport report = scope.report;
        report.mode = mode;
        report.rounds = mode.equals(Mode.SINGLE) ? 1 : request.rounds();
        report.latentSteps = mode.equals(Mode.LATENT) ? request.latentSteps() : 0;
        if (mode.equals(Mode.LATENT) && request.stopEarly() > 0) {
            report.stopEarly = request.stopEarly();
            report.mostRounds = request.rounds();
        }
        report.retrieval = mode.equals(Mode.SINGLE) ? 0 : request.retrieval();
        report.text = "";
        report.answer = "";
        report.finish = "cancelled";
        listener.onModeStart(mode);
        double start = clock.millis();
        try {
            if (mode.equals(Mode.LATENT)) {
                LatentRun.run(scope, links.swapped(request, models, device), device);
            } else if (mode.equals(Mode.TEXT)) {
                TextRun.team(scope);
            } else {
                TextRun.single(scope);
            }
        } catch (Cancelled e) {
            report.finish = "cancelled";
        }
        report.millis = clock.millis() - start - scope.asideMillis;
        listener.onModeEnd(mode, report);
        return report;
    }

    /**
     * Runs the request's modes one after the other and enters request and finished modes into {@code report}, which is
     * complete up to the failed mode when this throws.
     *
     * @return false when {@code control} stopped the run
     */
    public boolean run(RunRequest request, RunReport report, TeamListener listener, RunControl control) {
        report.team = plan.id();
        report.problem = request.problem();
        report.expected = request.expected();
        report.temperature = request.temperature();
        report.seed = request.seed();
        report.topP = request.topP();
        report.answers = request.answers();
        report.search = request.search();
        report.systems.clear();
        report.links.clear();
        report.links.putAll(request.links());
        plan.withSystems(request.systems()).agents().forEach(agent -> report.systems.put(agent.id(), agent.system()));
        for (String mode : request.modes()) {
            ModeReport finished = answer(mode, request, listener, control);
            if (finished.finish.equals("cancelled")) {
                return false;
            }
            report.modes.add(finished);
        }
        return true;
    }

    private void requirePossible(String mode, RunRequest request) {
        if (!mode.equals(Mode.LATENT) && !mode.equals(Mode.TEXT) && !mode.equals(Mode.SINGLE)) {
            throw new IllegalArgumentException("unknown mode \"" + mode + "\"; known are latent, text and single");
        }
        if (!mode.equals(Mode.SINGLE) && request.rounds() > 1 && !plan.hasFeedback()) {
            throw new IllegalArgumentException("team " + plan.id()
                    + " has no feedback hand-off, so it can run 1 round, not "
                    + request.rounds());
        }
        if (mode.equals(Mode.LATENT)) {
            String lacking = index.fault(plan, request.rounds(), request.latentSteps());
            if (lacking != null) {
                throw new IllegalArgumentException(lacking);
            }
            if (device == null) {
                throw new IllegalStateException("team " + plan.id() + " was loaded without a device for latents");
            }
        }
    }

    private void refuseMarkers(TeamPlan runPlan, RunRequest request) {
        for (PlannedAgent agent : runPlan.agents()) {
            ChatMarkers.refuse(request.problem(), "the problem", agent, models.get(agent.id()));
            if (request.systems().containsKey(agent.id())) {
                ChatMarkers.refuse(agent.system(), "the system message", agent, models.get(agent.id()));
            }
        }
    }
}
