package org.recursivemas.team;

import java.util.ArrayList;
import java.util.List;
import org.recursivemas.data.StageReport;
import org.recursivemas.data.ToolCallReport;
import org.recursivemas.engine.DecodingOptions;
import org.recursivemas.engine.EngineException;
import org.recursivemas.engine.Generation;
import org.recursivemas.engine.LanguageModel;
import org.recursivemas.engine.PromptPiece;
import org.recursivemas.engine.RunControl;
import org.recursivemas.engine.TokenListener;
import org.recursivemas.tools.ToolBox;
import org.recursivemas.tools.ToolException;

/**
 * The deciding agent's last text where it may call tools: decoding stops behind a call, the run puts the result into the
 * text in {@code <result>} tags, and the agent goes on.
 *
 * <p>What was written and what was put in are tokenized each on its own, and the whole sequence is encoded again for every
 * part: the counts of the stage say so. The agent's {@code max_tokens} bound the text as a whole, results included. A call
 * beyond the most allowed ones ends the text, as the token limit does.
 */
final class ToolWriting {
    private final Scope scope;
    private final ToolBox tools;
    private final PlannedAgent agent;
    private final LanguageModel model;
    private final StageReport stage;
    private final List<PromptPiece> sequence;
    private final int answer;
    private final StringBuilder text = new StringBuilder();

    /** @param answer which of several answers behind the prompt this is, 0-based */
    ToolWriting(Scope scope, ToolBox tools, PlannedAgent agent, StageReport stage, List<PromptPiece> prompt,
            int answer) {
        this.scope = scope;
        this.tools = tools;
        this.agent = agent;
        this.stage = stage;
        this.answer = answer;
        model = scope.model(agent);
        sequence = new ArrayList<>(prompt);
    }

    /** Writes the whole text and enters the counts into the stage. */
    Generation write(TokenListener tokens, RunControl until) {
        int left = agent.maxTokens();
        int promptPositions = 0;
        int decoded = 0;
        Generation.Finish finish;
        while (true) {
            String before = text.toString();
            int decodedBefore = decoded;
            boolean[] called = {false};
            model.reset();
            DecodingOptions options = scope.decoding(left, answer, stage.toolCalls.size());
            Generation part = model.generate(sequence, options, (soFar, count) -> {
                called[0] = called[0] || tools.firstCall(soFar) != null;
                tokens.onText(before + soFar, decodedBefore + count);
            }, () -> called[0] || until.cancelled());
            promptPositions += part.promptPositions();
            decoded += part.decodedTokens();
            left -= part.decodedTokens();
            // The last sampled token of a part is not fed back before the sequence is encoded again.
            stage.positions += part.promptPositions() + Math.max(0, part.decodedTokens() - 1);
            ToolBox.Call call = tools.firstCall(part.text());
            if (call == null || until.cancelled()) {
                text.append(part.text());
                finish = part.finish();
                break;
            }
            String written = part.text().substring(0, call.end());
            text.append(written);
            if (stage.toolCalls.size() == ToolBox.MOST_CALLS) {
                finish = Generation.Finish.LENGTH;
                break;
            }
            String result = ToolBox.tagged(run(call));
            text.append(result);
            sequence.add(PromptPiece.text(written));
            sequence.add(PromptPiece.text(result));
            tokens.onText(text.toString(), decoded);
            if (until.cancelled()) {
                finish = Generation.Finish.CANCELLED;
                break;
            }
            left -= model.tokenize(result).length;
            if (left < 1) {
                finish = Generation.Finish.LENGTH;
                break;
            }
        }
        stage.text = text.toString();
        stage.promptPositions = promptPositions;
        stage.decodedTokens = decoded;
        return new Generation(stage.text, promptPositions, decoded, finish);
    }

    private String run(ToolBox.Call call) {
        ToolCallReport report = new ToolCallReport();
        report.tool = call.tool().name();
        report.input = call.input();
        report.source = tools.source(call.tool());
        double start = scope.millis();
        try {
            report.result = tools.run(call, scope.control);
            ChatMarkers.refuse(report.result, "the result", agent, model);
        } catch (ToolException | EngineException e) {
            report.failed = true;
            report.result = "error: " + (e instanceof ToolException ? e.getMessage() : "the result holds a control marker");
        }
        report.millis = scope.millis() - start;
        stage.toolCalls.add(report);
        return report.result;
    }
}
