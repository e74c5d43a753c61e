package org.recursivemas.ui;

import java.util.ArrayList;
import java.util.List;
import org.recursivemas.data.StageReport;
import org.recursivemas.ui.retrieval.CandidatesTable;
import org.teavm.jso.dom.html.HTMLElement;

/** Every stage of one mode as a table, and what the agents wrote to each other. */
final class StagesView implements View {
    private final String mode;
    private final HTMLElement summary = Dom.text("summary", "", "");
    private final HTMLElement rows = Dom.element("tbody", "");
    private final HTMLElement messages = Dom.element("div", "messages");
    private final HTMLElement element;
    private List<StageReport> shown = new ArrayList<>();
    private int shownMarks;

    StagesView(String mode) {
        this.mode = mode;
        HTMLElement head = Dom.element("tr", "");
        for (int i = 0; i < Texts.STAGE_COLUMNS.length; i++) {
            HTMLElement cell = Dom.text("th", isNumber(i) ? "num" : "", Texts.STAGE_COLUMNS[i]);
            cell.setAttribute("scope", "col");
            head.appendChild(cell);
        }
        HTMLElement table = Dom.element("table", "", Dom.element("thead", "", head), rows);
        table.setId("stages-" + mode + "-table");
        // A table may be wider than a phone: it scrolls by itself, with the keyboard too.
        HTMLElement scroll = Dom.element("div", "table-scroll", table);
        Dom.with(scroll, "tabindex", "0", "role", "region", "aria-label", Texts.tableLabel(mode));
        element = Dom.withId(Dom.element("details", "stages", summary, scroll, messages), "stages-" + mode);
    }

    @Override
    public HTMLElement element() {
        return element;
    }

    @Override
    public void render(PlaygroundState state) {
        List<StageReport> stages = state.run(mode).stages();
        Dom.show(element, !stages.isEmpty());
        Dom.setText(summary, Texts.stagesOf(mode, stages.size()));
        if (!isShown(stages)) {
            showStages(state, stages);
        }
    }

    /** Whether a column holds numbers: all but agent and kind. */
    private static boolean isNumber(int column) {
        return column != 0 && column != 2;
    }

    /**
     * How much is known of the stages' hidden states: number of norms, and of stages that are not finite. A run fills
     * both in after the stages have ended, in the same objects.
     */
    private static int marks(List<StageReport> stages) {
        int marks = 0;
        for (StageReport stage : stages) {
            marks += stage.hiddenNorms.length + (stage.finite ? 0 : 1);
        }
        return marks;
    }

    private boolean isShown(List<StageReport> stages) {
        if (stages.size() != shown.size() || marks(stages) != shownMarks) {
            return false;
        }
        for (int i = 0; i < shown.size(); i++) {
            if (stages.get(i) != shown.get(i)) {
                return false;
            }
        }
        return true;
    }

    private void showStages(PlaygroundState state, List<StageReport> stages) {
        shown = new ArrayList<>(stages);
        shownMarks = marks(stages);
        Dom.clear(rows);
        Dom.clear(messages);
        for (StageReport stage : shown) {
            String agent = state.agentTitle(stage.agent);
            String[] values = {agent, Integer.toString(stage.round), Texts.kind(stage.kind),
                Numbers.count(stage.promptPositions), Numbers.count(stage.latentSteps),
                Numbers.count(stage.decodedTokens), Numbers.millis(stage.millis), norm(stage)};
            HTMLElement row = Dom.element("tr", stage.finite ? "" : "is-bad");
            for (int i = 0; i < values.length; i++) {
                row.appendChild(Dom.text("td", isNumber(i) ? "num" : "", values[i]));
            }
            rows.appendChild(row);
            if (stage.text != null && stage.kind.equals("text")) {
                messages.appendChild(Dom.text("p", "hint", Texts.written(agent, stage.round)));
                messages.appendChild(Dom.text("pre", "message", stage.text));
            }
        }
        messages.appendChild(CandidatesTable.of("candidates-" + mode, 0, shown, state::agentTitle));
    }

    private static String norm(StageReport stage) {
        if (!stage.finite) {
            return Texts.NOT_FINITE;
        }
        return stage.hiddenNorms.length == 0 ? "\u2013" : Numbers.fixed(Numbers.mean(stage.hiddenNorms), 2);
    }
}
