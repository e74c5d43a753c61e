package org.recursivemas.ui.learn;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.recursivemas.data.ModeReport;
import org.recursivemas.data.RunReport;
import org.recursivemas.learn.Tour;
import org.recursivemas.learn.Tour.Step;
import org.recursivemas.learn.Tour.Way;
import org.recursivemas.ui.Dom;
import org.recursivemas.ui.Numbers;
import org.recursivemas.ui.PlaygroundController;
import org.recursivemas.ui.PlaygroundState;
import org.recursivemas.ui.View;
import org.recursivemas.ui.measure.Runner;
import org.recursivemas.ui.measure.Tables;
import org.teavm.jso.dom.html.HTMLButtonElement;
import org.teavm.jso.dom.html.HTMLElement;

/** The guided tour. */
public final class LearnView implements View {
    private final Touring touring;
    private final Map<Step, HTMLButtonElement> pages = new EnumMap<>(Step.class);
    private final HTMLElement title = Dom.withId(Dom.text("h3", "tour__title", ""), "tour-page");
    private final HTMLElement text = Dom.withId(Dom.element("div", "tour__text"), "tour-text");
    private final HTMLElement problem = Dom.withId(Dom.text("p", "tour__question", ""), "tour-question");
    private final HTMLElement expected = Dom.withId(Dom.text("p", "hint", ""), "tour-expected");
    private final HTMLButtonElement another;
    private final HTMLButtonElement run;
    private final HTMLButtonElement stop;
    private final HTMLButtonElement back;
    private final HTMLButtonElement next;
    private final HTMLElement lacking = Dom.withId(Dom.text("p", "hint", ""), "tour-lacking");
    private final HTMLButtonElement open;
    private final HTMLElement blocked = Dom.withId(Dom.text("p", "hint", ""), "tour-blocked");
    private final HTMLElement said = Dom.withId(Dom.text("p", "status", ""), "tour-status");
    private final HTMLElement live = Dom.withId(Dom.text("pre", "output tour__live", ""), "tour-live");
    private final HTMLElement results = Dom.withId(Dom.element("div", ""), "tour-results");
    private final HTMLElement verdict = Dom.withId(Dom.text("p", "tour__verdict", ""), "tour-verdict");
    private final HTMLElement element;
    private int shown = -1;
    private Step shownStep;
    private String shownDecider;

    /**
     * @param changed has the views rendered
     * @param openOwn opens the site's own team, with which all pages can be run
     */
    public LearnView(PlaygroundController controller, Runner runner, Consumer<RunReport> keep, Runnable changed,
            Runnable openOwn) {
        open = button("tour-open", LearnTexts.OPEN_TEAM, "button", openOwn);
        touring = new Touring(controller, runner, keep, changed);
        HTMLElement list = Dom.element("ol", "tour__pages");
        for (Step step : Step.values()) {
            HTMLButtonElement button = Dom.button("tour__page", LearnTexts.page(step), () -> go(step));
            pages.put(step, button);
            list.appendChild(Dom.element("li", "", button));
        }
        another = button("tour-problem", LearnTexts.ANOTHER, "button button--small", touring::anotherProblem);
        run = button("tour-run", LearnTexts.RUN, "button button--primary", touring::start);
        stop = button("tour-stop", LearnTexts.STOP, "button", touring::stop);
        back = button("tour-back", LearnTexts.BACK, "button", () -> go(touring.tour().before()));
        next = button("tour-next", LearnTexts.NEXT, "button", () -> go(touring.tour().after()));
        run.setAttribute("aria-describedby", "tour-blocked");
        title.setAttribute("tabindex", "-1");
        said.setAttribute("role", "status");
        verdict.setAttribute("role", "status");
        HTMLElement buttons = Dom.element("div", "row", back, next, stop, run);
        element = Dom.section("tour", LearnTexts.TITLE, Dom.text("p", "hint", LearnTexts.INTRO),
                Dom.with(Dom.element("nav", "", list), "aria-label", LearnTexts.PAGES), title, text,
                Dom.element("div", "tour__problem", Dom.element("div", "row", Dom.text("h4", "", LearnTexts.PROBLEM), another),
                        problem, expected),
                buttons, Dom.element("div", "row", lacking, open), blocked, said, live, results, verdict);
    }

    private static HTMLButtonElement button(String id, String label, String classes, Runnable action) {
        HTMLButtonElement button = Dom.button(classes, label, action);
        button.setId(id);
        return button;
    }

    private void go(Step step) {
        touring.go(step);
        // The page's text is new: that is where reading goes on.
        title.focus();
    }

    @Override
    public HTMLElement element() {
        return element;
    }

    @Override
    public void render(PlaygroundState state) {
        Tour tour = touring.tour();
        String reason = touring.running() ? null : touring.blocked();
        boolean left = !tour.toRun().isEmpty();
        String without = touring.running() || !left ? null : touring.lacking(state.links());
        Dom.setText(lacking, without == null ? "" : without);
        Dom.show(lacking, without != null);
        Dom.show(open, without != null);
        Dom.enable(run, touring.blocked() == null && left && without == null);
        Dom.show(run, tour.step() != Step.START);
        Dom.enable(stop, touring.running() && !touring.stopping());
        Dom.show(stop, tour.step() != Step.START || touring.running());
        Dom.enable(back, tour.before() != null);
        Dom.enable(next, tour.after() != null);
        Dom.enable(another, tour.problem() != null && !touring.running());
        String why = reason != null ? reason : left || touring.running() ? "" : LearnTexts.NOTHING_LEFT;
        Dom.setText(blocked, why);
        Dom.show(blocked, !why.isEmpty() && tour.step() != Step.START);
        Way present = touring.present();
        Dom.setText(said, present == null ? touring.said() : touring.stopping() ? LearnTexts.STOPPING
                : state.modelsReady() ? LearnTexts.running(present) : state.status());
        String writing = present == null || state.activeMode() == null ? "" : state.run(state.activeMode()).text();
        Dom.setText(live, writing);
        Dom.show(live, !writing.isEmpty());
        if (tour.problem() != null) {    // from when the tour has heard of the team
            renderPage(state, tour);
        }
    }

    private void renderPage(PlaygroundState state, Tour tour) {
        String decider = state.agentTitle(tour.decider());
        if (tour.step() != shownStep || !decider.equals(shownDecider)) {
            shownStep = tour.step();
            shownDecider = decider;
            pages.forEach((step, button) -> Dom.setAttribute(button, "aria-current", step == shownStep ? "step" : null));
            Dom.setText(title, LearnTexts.title(shownStep));
            Dom.clear(text);
            for (String paragraph : LearnTexts.paragraphs(shownStep, decider, state.team().agents.size(),
                    tour.latentSteps())) {
                text.appendChild(Dom.text("p", "", paragraph));
            }
            Formulas.of(shownStep).forEach(text::appendChild);
        }
        if (touring.version() != shown) {
            shown = touring.version();
            Dom.setText(problem, tour.problem() == null ? "" : tour.problem().text());
            Dom.setText(expected, tour.problem() == null ? "" : LearnTexts.expected(tour.problem().answer()));
            Dom.setText(verdict, LearnTexts.verdict(tour, decider));
            Dom.clear(results);
            if (!tour.step().ways().isEmpty()) {
                renderResults(tour);
            }
        }
    }

    private void renderResults(Tour tour) {
        List<String[]> rows = new ArrayList<>();
        for (Way way : tour.step().ways()) {
            ModeReport report = tour.result(way);
            rows.add(report == null ? new String[] {LearnTexts.way(way), LearnTexts.NOT_RUN, LearnTexts.NONE,
                LearnTexts.NONE, LearnTexts.NONE, LearnTexts.NONE}
                    : new String[] {LearnTexts.way(way), report.answer.isEmpty() ? LearnTexts.NONE : report.answer,
                        Tables.marked(report), Numbers.count(report.decodedTokens), Numbers.count(report.positions),
                        Numbers.seconds(report.millis)});
        }
        results.appendChild(Tables.table("tour-table", LearnTexts.CAPTION, LearnTexts.COLUMNS, 3, rows));
        for (Way way : tour.step().ways()) {
            ModeReport report = tour.result(way);
            if (report != null) {
                results.appendChild(Dom.element("details", "", Dom.text("summary", "",
                        LearnTexts.WROTE + ": " + LearnTexts.way(way)), Dom.text("pre", "output", report.text)));
            }
        }
    }
}
