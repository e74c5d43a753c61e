package org.recursivemas.ui.measure;

import java.util.ArrayList;
import java.util.List;
import org.recursivemas.data.ModeReport;
import org.recursivemas.measure.Comparison;
import org.recursivemas.measure.Setting;
import org.recursivemas.ui.Dom;
import org.recursivemas.ui.Numbers;
import org.recursivemas.ui.PlaygroundState;
import org.recursivemas.ui.View;
import org.teavm.jso.dom.html.HTMLButtonElement;
import org.teavm.jso.dom.html.HTMLElement;

/** The button that runs all ways, and their numbers side by side. */
final class CompareView implements View {
    private final Comparing comparing;
    private final HTMLButtonElement start;
    private final HTMLElement said = Dom.withId(Dom.text("p", "status", ""), "compare-status");
    private final HTMLElement blocked = Dom.withId(Dom.text("p", "hint", ""), "compare-blocked");
    private final HTMLElement leftOut = Dom.withId(Dom.text("p", "hint", ""), "compare-left-out");
    private final HTMLElement table = Dom.element("div", "");
    private final HTMLElement element;
    private int shown = -1;

    CompareView(Comparing comparing) {
        this.comparing = comparing;
        start = Dom.button("button", MeasureTexts.COMPARE, comparing::start);
        start.setId("compare-run");
        start.setAttribute("aria-describedby", "compare-blocked");
        said.setAttribute("role", "status");
        element = Dom.section("compare", MeasureTexts.COMPARE_TITLE, Dom.text("p", "hint", MeasureTexts.COMPARE_HINT),
                Dom.element("div", "row", start, said), blocked, leftOut, table, Dom.text("p", "hint", MeasureTexts.METER));
    }

    @Override
    public HTMLElement element() {
        return element;
    }

    @Override
    public void render(PlaygroundState state) {
        String reason = comparing.blocked();
        Dom.enable(start, reason == null);
        Dom.setText(blocked, reason == null || comparing.running() ? "" : reason);
        Dom.show(blocked, reason != null && !comparing.running());
        Dom.setText(said, comparing.said());
        String without = comparing.leftOut();
        Dom.setText(leftOut, without == null ? "" : MeasureTexts.LEFT_OUT + without);
        Dom.show(leftOut, without != null);
        if (shown == comparing.version()) {
            return;
        }
        shown = comparing.version();
        Dom.clear(table);
        if (!comparing.reports().isEmpty()) {
            List<String[]> rows = new ArrayList<>();
            for (Comparison.Row row : Comparison.rows(comparing.reports())) {
                rows.add(cells(row));
            }
            table.appendChild(Tables.table("compare-table", MeasureTexts.COMPARE_CAPTION, MeasureTexts.COMPARE_COLUMNS,
                    3, rows));
        }
    }

    private static String[] cells(Comparison.Row row) {
        ModeReport report = row.report();
        return new String[] {MeasureTexts.way(Setting.of(report)),
            report.answer.isEmpty() ? MeasureTexts.NONE : report.answer, Tables.marked(report),
            Numbers.count(report.decodedTokens), Numbers.count(report.positions), Numbers.seconds(report.millis),
            Tables.factor(row.speedUp()), Tables.percent(row.tokensSaved()), Tables.percent(row.positionsSaved())};
    }
}
