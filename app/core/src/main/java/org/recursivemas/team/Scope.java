package org.recursivemas.team;

import java.util.List;
import java.util.Map;
import org.recursivemas.data.ModeReport;
import org.recursivemas.data.StageReport;
import org.recursivemas.engine.Clock;
import org.recursivemas.engine.DecodingOptions;
import org.recursivemas.engine.Generation;
import org.recursivemas.engine.LanguageModel;
import org.recursivemas.engine.PromptPiece;
import org.recursivemas.engine.RunControl;
import org.recursivemas.engine.TokenListener;
import org.recursivemas.playground.RunRequest;
import org.recursivemas.tools.ToolBox;

/** What the stages of one run share: who runs, who listens, and the one meter for all modes. */
final class Scope {
    /** Seeds between an answer and the next, so that parts of one text do not use another's. */
    private static final int SEEDS_OF_AN_ANSWER = 16;

    final TeamPlan plan;
    final RunRequest request;
    final TeamListener listener;
    final RunControl control;
    final ModeReport report = new ModeReport();
    private final Map<String, LanguageModel> models;
    private final ToolBox tools;
    private final Clock clock;
    /** Time of this run that is not the run's: waiting for a person, looking at its latents afterwards. */
    double asideMillis;
    private double stageStart;

    Scope(TeamPlan plan, Map<String, LanguageModel> models, ToolBox tools, Clock clock, RunRequest request,
            TeamListener listener, RunControl control) {
        this.plan = plan;
        this.models = models;
        this.tools = tools;
        this.clock = clock;
        this.request = request;
        this.listener = listener;
        this.control = control;
    }

    LanguageModel model(PlannedAgent agent) {
        return model(agent.id());
    }

    LanguageModel model(String agent) {
        return models.get(agent);
    }

    double millis() {
        return clock.millis();
    }

    /** Opens a stage. @throws Cancelled when the run was stopped */
    StageReport start(PlannedAgent agent, int round, String kind) {
        double halted = clock.millis();
        listener.beforeStage(report.mode, agent.id(), round, kind);
        asideMillis += clock.millis() - halted;
        if (control.cancelled()) {
            throw new Cancelled();
        }
        StageReport stage = new StageReport();
        stage.agent = agent.id();
        stage.round = round;
        stage.kind = kind;
        listener.onStageStart(report.mode, stage.agent, round, kind);
        stageStart = clock.millis();
        return stage;
    }

    /** Closes a stage: its counts go into the totals. */
    void end(StageReport stage) {
        stage.millis = clock.millis() - stageStart;
        report.stages.add(stage);
        report.promptPositions += stage.promptPositions;
        report.decodedTokens += stage.decodedTokens;
        report.latentStepsTotal += stage.latentSteps;
        report.positions += stage.positions;
        listener.onStageEnd(report.mode, stage);
    }

    /** The deciding agent's last text, or several of them, with the team's tools; counts as {@link #decode} enters them. */
    Generation decodeAnswer(PlannedAgent agent, StageReport stage, List<PromptPiece> prompt, TokenListener tokens,
            RunControl until) {
        return request.answers() == 1 ? oneAnswer(agent, stage, prompt, 0, tokens, until)
                : new SeveralAnswers(this, agent, stage, prompt).write(tokens, until);
    }

    /** One of several answers (0-based) behind the same prompt, its counts entered as {@link #decode} does. */
    Generation oneAnswer(PlannedAgent agent, StageReport stage, List<PromptPiece> prompt, int answer,
            TokenListener tokens, RunControl until) {
        if (!tools.isEmpty()) {
            return new ToolWriting(this, tools, agent, stage, prompt, answer).write(tokens, until);
        }
        return answer == 0 ? decode(agent, stage, prompt, tokens, until)
                : enter(model(agent).generateAgain(decoding(agent.maxTokens(), answer, 0), tokens, until), stage);
    }

    /** The seed of one of several answers, 0-based. */
    int seed(int answer) {
        return request.seed() + answer * SEEDS_OF_AN_ANSWER & Integer.MAX_VALUE;
    }

    /**
     * How the request wants a text sampled.
     *
     * @param answer 0-based, of several answers
     * @param part 0-based, of a text that is decoded in several; below {@link #SEEDS_OF_AN_ANSWER}
     */
    DecodingOptions decoding(int maxTokens, int answer, int part) {
        return new DecodingOptions(maxTokens, request.temperature(), request.temperature() == 0 ? 1 : request.topP(),
                seed(answer) + part & Integer.MAX_VALUE);
    }

    /** Decodes on an empty sequence and enters the counts into {@code stage}, which stays open. */
    Generation decode(PlannedAgent agent, StageReport stage, List<PromptPiece> prompt, TokenListener tokens,
            RunControl until) {
        LanguageModel model = model(agent);
        model.reset();
        return enter(model.generate(prompt, decoding(agent.maxTokens(), 0, 0), tokens, until), stage);
    }

    private static Generation enter(Generation generation, StageReport stage) {
        stage.text = generation.text();
        stage.promptPositions = generation.promptPositions();
        stage.decodedTokens = generation.decodedTokens();
        // The last sampled token is never fed back, be it a stop token or the last one allowed.
        stage.positions = generation.promptPositions() + Math.max(0, generation.decodedTokens() - 1);
        return generation;
    }

    /** The final text: its answer is read and compared. */
    void decide(Generation generation) {
        report.text = generation.text();
        report.finish = finishName(generation.finish());
        boolean cancelled = generation.finish() == Generation.Finish.CANCELLED;
        report.answer = cancelled ? "" : Answers.extract(generation.text(), plan.answerMarker());
        if (!cancelled && request.expected() != null) {
            report.correct = whole(generation) && Answers.same(report.answer, request.expected());
        }
    }

    /** Whether the text shows its whole answer. */
    boolean whole(Generation generation) {
        return generation.finish() == Generation.Finish.STOP
                || Answers.wholeWhenCutOff(generation.text(), plan.answerMarker());
    }

    static String finishName(Generation.Finish finish) {
        switch (finish) {
            case STOP:
                return "stop";
            case LENGTH:
                return "length";
            default:
                return "cancelled";
        }
    }
}
