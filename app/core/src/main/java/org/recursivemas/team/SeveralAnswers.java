package org.recursivemas.team;

import java.util.ArrayList;
import java.util.List;
import org.recursivemas.data.AnswerReport;
import org.recursivemas.data.StageReport;
import org.recursivemas.engine.Generation;
import org.recursivemas.engine.PromptPiece;
import org.recursivemas.engine.RunControl;
import org.recursivemas.engine.TokenListener;

/**
 * Several answers behind one prompt, with one seed each; the most frequent one is the team's (self-consistency, Wang et
 * al. 2022). What led to the prompt, rollouts or written messages, is not done again.
 */
final class SeveralAnswers {
    private final Scope scope;
    private final PlannedAgent agent;
    private final StageReport stage;
    private final List<PromptPiece> prompt;

    SeveralAnswers(Scope scope, PlannedAgent agent, StageReport stage, List<PromptPiece> prompt) {
        this.scope = scope;
        this.agent = agent;
        this.stage = stage;
        this.prompt = prompt;
    }

    /** Writes them all, enters their counts into the stage and the answers into the report; returns the chosen text. */
    Generation write(TokenListener tokens, RunControl until) {
        List<Generation> texts = new ArrayList<>();
        List<String> answers = new ArrayList<>();
        for (int i = 0; i < scope.request.answers(); i++) {
            int before = stage.decodedTokens;
            StageReport part = new StageReport();
            TokenListener counting = (text, count) -> tokens.onText(text, before + count);
            Generation text = scope.oneAnswer(agent, part, prompt, i, counting, until);
            stage.promptPositions += part.promptPositions;
            stage.decodedTokens += part.decodedTokens;
            stage.positions += part.positions;
            stage.text = text.text();
            stage.toolCalls = part.toolCalls;
            if (text.finish() == Generation.Finish.CANCELLED) {
                return text;
            }
            texts.add(text);
            AnswerReport answer = new AnswerReport();
            answer.seed = scope.seed(i);
            answer.text = text.text();
            answer.answer = scope.whole(text) ? Answers.extract(text.text(), scope.plan.answerMarker()) : "";
            answer.finish = Scope.finishName(text.finish());
            answer.decodedTokens = text.decodedTokens();
            answer.toolCalls = part.toolCalls;
            scope.report.answers.add(answer);
            answers.add(answer.answer);
        }
        int best = Answers.mostFrequent(answers);
        Generation chosen = texts.get(best);
        stage.text = chosen.text();
        stage.toolCalls = scope.report.answers.get(best).toolCalls;
        return chosen;
    }
}
