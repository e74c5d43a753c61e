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
            Generation text = i == 0 ? scope.decode(agent, part, prompt, counting, until)
                    : scope.decodeAgain(agent, part, i, counting, until);
            stage.promptPositions += part.promptPositions;
            stage.decodedTokens += part.decodedTokens;
            stage.positions += part.positions;
            stage.text = text.text();
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
            scope.report.answers.add(answer);
            answers.add(answer.answer);
        }
        Generation chosen = texts.get(Answers.mostFrequent(answers));
        stage.text = chosen.text();
        return chosen;
    }
}
