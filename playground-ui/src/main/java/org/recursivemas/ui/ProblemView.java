package org.recursivemas.ui;

import java.util.List;
import org.recursivemas.data.Team;
import org.teavm.jso.dom.events.KeyboardEvent;
import org.teavm.jso.dom.html.HTMLButtonElement;
import org.teavm.jso.dom.html.HTMLElement;
import org.teavm.jso.dom.html.HTMLSelectElement;
import org.teavm.jso.dom.html.HTMLTextAreaElement;

/** The problem box with its examples. */
final class ProblemView implements View {
    private final HTMLTextAreaElement box;
    private final HTMLSelectElement examples;
    private final HTMLElement examplesField;
    private final HTMLButtonElement fresh;
    private final HTMLElement answerKnown;
    private final HTMLElement answer;
    private final HTMLElement answerUnknown;
    private final HTMLElement teamTitle;
    private final HTMLElement teamDescription;
    private final HTMLElement element;
    private Team shown;

    ProblemView(PlaygroundController controller) {
        box = (HTMLTextAreaElement) Dom.withId(Dom.element("textarea", "problem__box"), "problem-box");
        box.setRows(4);
        box.setPlaceholder(Texts.PROBLEM_PLACEHOLDER);
        box.setAttribute("aria-describedby", "problem-note");
        box.setAttribute("aria-keyshortcuts", "Control+Enter");
        Dom.listen(box, "input", () -> controller.editProblem(box.getValue()));
        box.addEventListener("keydown", (KeyboardEvent e) -> {
            if (e.isCtrlKey() && "Enter".equals(e.getKey())) {
                e.preventDefault();
                controller.run();
            }
        });

        examples = (HTMLSelectElement) Dom.withId(Dom.element("select", ""), "examples");
        Dom.listen(examples, "change", () -> {
            if (examples.getSelectedIndex() > 0) {
                controller.chooseExample(examples.getSelectedIndex() - 1);
            }
        });
        examplesField = Dom.element("div", "field problem__examples", Dom.label(Texts.EXAMPLES_LABEL, "examples"),
                examples);
        fresh = Dom.button("button", Texts.NEW_PROBLEM, controller::newProblem);
        fresh.setId("new-problem");

        answer = Dom.withId(Dom.text("strong", "", ""), "expected-answer");
        answerKnown = Dom.element("span", "", Dom.text("span", "", Texts.ANSWER_KNOWN), answer,
                Dom.text("span", "", "."));
        answerUnknown = Dom.text("span", "", Texts.ANSWER_UNKNOWN);
        HTMLElement note = Dom.withId(Dom.element("p", "hint", answerKnown, answerUnknown), "problem-note");

        teamTitle = Dom.withId(Dom.text("strong", "", ""), "team-title");
        teamDescription = Dom.withId(Dom.text("span", "", ""), "team-description");
        HTMLElement team = Dom.element("p", "team", teamTitle, teamDescription);

        HTMLElement label = Dom.label(Texts.PROBLEM_LABEL, "problem-box");
        label.setClassName("unseen");
        element = Dom.section("problem", Texts.PROBLEM_TITLE, team, label, box, note,
                Dom.element("div", "row", examplesField, fresh));
    }

    @Override
    public HTMLElement element() {
        return element;
    }

    @Override
    public void render(PlaygroundState state) {
        if (!state.problem().equals(box.getValue())) {
            box.setValue(state.problem());
        }
        Team team = state.team();
        if (team != null && team != shown) {
            showTeam(team);
        }
        List<String> texts = team == null ? List.of() : team.examples;
        int selected = texts.indexOf(state.problem()) + 1;
        if (examples.getSelectedIndex() != selected) {
            examples.setSelectedIndex(selected);
        }
        Dom.show(examplesField, !texts.isEmpty());
        Dom.enable(fresh, team != null);
        String expected = state.expected();
        Dom.setText(answer, expected == null ? "" : expected);
        Dom.show(answerKnown, expected != null);
        Dom.show(answerUnknown, expected == null && !state.problem().isBlank());
    }

    private void showTeam(Team team) {
        shown = team;
        Dom.setText(teamTitle, team.title == null ? team.id : team.title);
        Dom.setText(teamDescription, team.description == null ? "" : " \u2013 " + team.description);
        Dom.clear(examples);
        examples.appendChild(Dom.text("option", "", Texts.EXAMPLES_CHOOSE));
        for (String example : team.examples) {
            examples.appendChild(Dom.text("option", "", example));
        }
    }
}
