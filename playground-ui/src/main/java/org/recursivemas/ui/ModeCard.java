package org.recursivemas.ui;

import java.util.LinkedHashMap;
import java.util.Map;
import org.recursivemas.data.AnswerReport;
import org.recursivemas.data.ModeReport;
import org.recursivemas.ui.search.CallsView;
import org.teavm.jso.dom.html.HTMLElement;

/** One mode's result: answer, worth, cost, and the text. */
final class ModeCard implements View {
    private final String mode;
    private final HTMLElement status;
    private final HTMLElement answer;
    private final HTMLElement badge;
    private final HTMLElement expected;
    private final HTMLElement tokens;
    private final HTMLElement positions;
    private final HTMLElement seconds;
    private final HTMLElement links;
    private final HTMLElement linksField;
    private final HTMLElement steps;
    private final HTMLElement stepsField;
    private final HTMLElement outputTitle = Dom.text("h4", "", Texts.OUTPUT);
    private final HTMLElement output;
    private final HTMLElement cutOff;
    private final HTMLElement votes = Dom.text("summary", "", "");
    private final HTMLElement ballots = Dom.element("ol", "ballots");
    private final HTMLElement several;
    private final HTMLElement rounds;
    private final HTMLElement roundsField;
    private final CallsView calls;
    private ModeReport counted;
    private final HTMLElement element;

    ModeCard(String mode) {
        this.mode = mode;
        String id = "card-" + mode;
        status = Dom.withId(Dom.text("span", "tag", ""), id + "-status");
        HTMLElement title = Dom.withId(Dom.text("h3", "", Texts.modeTitle(mode)), id + "-title");

        answer = Dom.withId(Dom.text("span", "card__answer", ""), id + "-answer");
        badge = Dom.withId(Dom.text("span", "badge", ""), id + "-badge");
        expected = Dom.withId(Dom.text("span", "hint", ""), id + "-expected");
        HTMLElement line = Dom.element("p", "card__line", Dom.text("span", "card__answer-label", Texts.ANSWER), answer,
                badge, expected);
        // Said when the answer is there; the text that streams before it would be said piece by piece.
        Dom.with(line, "aria-live", "polite", "aria-atomic", "true");

        tokens = Dom.withId(Dom.text("dd", "", ""), id + "-tokens");
        positions = Dom.withId(Dom.text("dd", "", ""), id + "-positions");
        seconds = Dom.withId(Dom.text("dd", "", ""), id + "-seconds");
        steps = Dom.withId(Dom.text("dd", "", ""), id + "-steps");
        links = Dom.withId(Dom.text("dd", "", ""), id + "-links");
        rounds = Dom.withId(Dom.text("dd", "", ""), id + "-rounds");
        roundsField = number(Texts.ROUNDS_RUN, rounds);
        stepsField = number(Texts.LATENT_STEPS, steps);
        linksField = number(Texts.LINK_MILLIS, links);
        HTMLElement numbers = Dom.element("dl", "numbers", number(Texts.DECODED_TOKENS, tokens),
                number(Texts.POSITIONS, positions), number(Texts.SECONDS, seconds), stepsField, linksField,
                roundsField);

        output = Dom.withId(Dom.text("div", "output", ""), id + "-output");
        Dom.with(output, "tabindex", "0", "role", "region", "aria-label", Texts.modeTitle(mode) + ": " + Texts.OUTPUT);
        cutOff = Dom.text("p", "hint", Texts.CUT_OFF);
        several = Dom.withId(Dom.element("details", "several", votes, ballots), id + "-answers");

        calls = new CallsView(id + "-calls");
        element = Dom.withId(Dom.element("article", "card card--" + mode,
                Dom.element("div", "card__head", title, status), Dom.text("p", "hint", Texts.modeHint(mode)), line,
                several, numbers, outputTitle, output, cutOff, calls.element()), id);
        element.setAttribute("aria-labelledby", id + "-title");
    }

    @Override
    public HTMLElement element() {
        return element;
    }

    @Override
    public void render(PlaygroundState state) {
        ModeRun run = state.run(mode);
        ModeReport report = run.report();
        boolean known = report != null;
        Dom.setText(status, Texts.modeStatus(run.status()));
        Dom.setClass(status, "tag tag--" + run.status().name().toLowerCase());
        Dom.setAttribute(element, "aria-busy", run.status() == ModeRun.Status.RUNNING ? "true" : null);

        boolean none = known && (report.answer == null || report.answer.isEmpty());
        Dom.setText(answer, !known ? "\u2013" : none ? Texts.NO_ANSWER : report.answer);
        Dom.setClass(answer, none ? "card__answer is-missing" : "card__answer");
        Boolean correct = known && run.isComparable() ? report.correct : null;
        Dom.setText(badge, correct == null ? "" : correct ? Texts.CORRECT : Texts.WRONG);
        Dom.setClass(badge, correct == null ? "badge" : correct ? "badge badge--correct" : "badge badge--wrong");
        Dom.show(badge, correct != null);
        String right = state.expectedOfRun();
        boolean correcting = correct != null && !correct && right != null;
        Dom.setText(expected, correcting ? Texts.expected(right) : "");

        calls.render(run.stages());
        renderSeveral(known ? report : null);
        boolean ran = run.status() != ModeRun.Status.IDLE && run.status() != ModeRun.Status.WAITING;
        Dom.setText(tokens, ran ? Numbers.count(run.decodedTokens()) : "\u2013");
        Dom.setText(positions, known ? Numbers.count(report.positions) : "\u2013");
        Dom.setText(seconds, known ? Numbers.seconds(report.millis) : "\u2013");
        Dom.setText(steps, known ? Numbers.count(report.latentStepsTotal) : "\u2013");
        Dom.setText(links, known ? Numbers.millis(report.linkMillis) : "\u2013");
        boolean latent = mode.equals(PlaygroundState.LATENT);
        Dom.show(stepsField, latent);
        // A device without timestamps cannot tell the links' time.
        Dom.show(linksField, latent && known && report.linkMillis >= 0);

        boolean early = known && report.mostRounds > 0;
        Dom.show(roundsField, early);
        Dom.setText(rounds, early ? Texts.roundsRun(report) : "");

        Dom.setText(output, run.text());
        boolean writes = run.status() == ModeRun.Status.RUNNING || !run.text().isEmpty();
        Dom.show(outputTitle, writes);
        Dom.show(output, writes);
        Dom.show(cutOff, known && "length".equals(report.finish));
    }

    /** How often each answer was given, and all of their texts. */
    private void renderSeveral(ModeReport report) {
        boolean some = report != null && !report.answers.isEmpty();
        Dom.show(several, some);
        if (!some || counted == report) {
            return;
        }
        counted = report;
        Map<String, Integer> counts = new LinkedHashMap<>();
        Dom.clear(ballots);
        for (AnswerReport one : report.answers) {
            counts.merge(one.answer, 1, Integer::sum);
            ballots.appendChild(Dom.element("li", "", Dom.text("strong", "", one.answer.isEmpty() ? Texts.NO_ANSWER
                    : one.answer), Dom.text("span", "hint", Texts.ballot(one)), Dom.text("div", "output", one.text)));
        }
        Dom.setText(votes, Texts.votes(report.answers.size(), counts));
    }

    private static HTMLElement number(String name, HTMLElement value) {
        return Dom.element("div", "number", Dom.text("dt", "", name), value);
    }
}
