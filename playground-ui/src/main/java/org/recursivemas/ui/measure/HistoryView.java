package org.recursivemas.ui.measure;

import java.util.List;
import org.recursivemas.measure.RunSummary;
import org.recursivemas.measure.RunSummary.Column;
import org.recursivemas.measure.RunSummary.Marks;
import org.recursivemas.ui.Dom;
import org.recursivemas.ui.Numbers;
import org.recursivemas.ui.PlaygroundState;
import org.recursivemas.ui.View;
import org.teavm.jso.JSBody;
import org.teavm.jso.dom.html.HTMLButtonElement;
import org.teavm.jso.dom.html.HTMLElement;
import org.teavm.jso.dom.html.HTMLInputElement;
import org.teavm.jso.dom.html.HTMLSelectElement;

/** The kept runs as a table that sorts and filters, and the run that is looked at. */
final class HistoryView implements View {
    private static final int LINES = 100;
    private static final int MAX_BYTES = 200_000_000;

    private final History history;
    private final RunDetail detail;
    private final HTMLInputElement filter = Dom.input("search", "history-filter");
    private final HTMLSelectElement marks = (HTMLSelectElement) Dom.element("select", "");
    private final HTMLButtonElement exportAll;
    private final HTMLButtonElement deleteAll;
    private final HTMLButtonElement more;
    private final HTMLElement count = Dom.withId(Dom.text("p", "status", ""), "history-count");
    private final HTMLElement said = Dom.withId(Dom.text("p", "status", ""), "history-status");
    private final HTMLElement fault = Dom.withId(Dom.text("p", "hint hint--error", ""), "history-fault");
    private final HTMLElement fleeting = Dom.withId(Dom.text("p", "notice", ""), "history-fleeting");
    private final HTMLElement body = Dom.element("tbody", "");
    private final HTMLElement table;
    private final HTMLElement[] heads = new HTMLElement[Column.values().length];
    private final HTMLElement element;
    private Column column = Column.CREATED;
    private boolean descending = true;
    private int limit = LINES;
    private boolean sure;
    private int shown = -1;

    HistoryView(History history, RunDetail detail) {
        this.history = history;
        this.detail = detail;
        Dom.listen(filter, "input", this::refilter);
        filter.setAttribute("aria-describedby", "history-filter-hint");
        marks.setId("history-marks");
        for (Marks one : Marks.values()) {
            marks.appendChild(Dom.with(Dom.text("option", "", MeasureTexts.marks(one)), "value", one.name()));
        }
        Dom.listen(marks, "change", this::refilter);
        exportAll = Dom.button("button", MeasureTexts.EXPORT_ALL, () -> history.exportAll(
                text -> Files.save("recursivemas-history.json", "application/json", text)));
        exportAll.setId("history-export");
        deleteAll = Dom.button("button", MeasureTexts.DELETE_ALL, this::deleteAll);
        deleteAll.setId("history-delete-all");
        more = Dom.button("button", MeasureTexts.MORE, () -> {
            limit += LINES;
            fill();
        });
        HTMLInputElement file = Dom.input("file", "history-import");
        file.setAttribute("accept", ".json,application/json");
        Dom.listen(file, "change", () -> Files.read(file, MAX_BYTES, (name, text, why) -> {
            if (text == null) {
                history.refuse(MeasureTexts.unreadable(name, why));
            } else {
                history.importFile(name, text);
            }
        }));
        said.setAttribute("role", "status");
        count.setAttribute("role", "status");
        fault.setAttribute("role", "alert");
        HTMLElement head = Dom.element("tr", "");
        for (Column one : Column.values()) {
            String title = MeasureTexts.HISTORY_COLUMNS[one.ordinal()];
            HTMLButtonElement sort = Dom.button("sort", title, () -> sort(one));
            sort.setId("history-sort-" + one.name().toLowerCase());
            sort.setAttribute("aria-label", MeasureTexts.sortBy(title));
            HTMLElement cell = Dom.element("th", one.ordinal() > 3 ? "num" : "", sort);
            cell.setAttribute("scope", "col");
            heads[one.ordinal()] = cell;
            head.appendChild(cell);
        }
        head.appendChild(Dom.with(Dom.text("th", "", MeasureTexts.ACTIONS), "scope", "col"));
        table = Tables.scroll(Dom.withId(Dom.element("table", "measured", Dom.text("caption", "",
                MeasureTexts.HISTORY_CAPTION), Dom.element("thead", "", head), body), "history-table"),
                MeasureTexts.HISTORY_TITLE);
        HTMLElement finder = Dom.element("div", "measure-grid",
                Dom.element("div", "field", Dom.label(MeasureTexts.FILTER, "history-filter"), filter,
                        Dom.withId(Dom.text("p", "hint", MeasureTexts.FILTER_HINT), "history-filter-hint")),
                Dom.element("div", "field", Dom.label(MeasureTexts.MARKS, "history-marks"), marks),
                Dom.element("div", "field", Dom.label(MeasureTexts.IMPORT, "history-import"), file));
        element = Dom.section("history", MeasureTexts.HISTORY_TITLE, Dom.text("p", "hint", MeasureTexts.HISTORY_HINT),
                fleeting, finder, Dom.element("div", "row", exportAll, deleteAll, said), fault, count, table, more,
                detail.element());
    }

    private void refilter() {
        limit = LINES;
        fill();
    }

    private void sort(Column chosen) {
        descending = chosen == column ? !descending : chosen != Column.KIND && chosen != Column.TEAM
                && chosen != Column.PROBLEM;
        column = chosen;
        fill();
    }

    private void deleteAll() {
        if (sure) {
            history.deleteAll();
        }
        sure = !sure;
        Dom.setText(deleteAll, sure ? MeasureTexts.deleteAllSure(history.lines().size()) : MeasureTexts.DELETE_ALL);
    }

    @Override
    public HTMLElement element() {
        return element;
    }

    @Override
    public void render(PlaygroundState state) {
        detail.render(state);
        if (shown != history.version()) {
            shown = history.version();
            sure = false;
            Dom.setText(deleteAll, MeasureTexts.DELETE_ALL);
            Dom.setText(said, history.said());
            Dom.setText(fault, history.fault() == null ? "" : history.fault());
            Dom.setText(fleeting, history.fleeting() == null ? "" : history.fleeting());
            Dom.show(fleeting, history.fleeting() != null);
            fill();
        }
    }

    private void fill() {
        List<RunSummary> lines = RunSummary.select(history.lines(), filter.getValue(), Marks.valueOf(marks.getValue()),
                column, descending);
        int end = Math.min(limit, lines.size());
        Dom.clear(body);
        for (RunSummary line : lines.subList(0, end)) {
            body.appendChild(row(line));
        }
        for (Column one : Column.values()) {
            Dom.setAttribute(heads[one.ordinal()], "aria-sort",
                    one == column ? descending ? "descending" : "ascending" : null);
        }
        boolean any = !history.lines().isEmpty();
        Dom.setText(count, !any ? MeasureTexts.NO_RUNS : lines.isEmpty() ? MeasureTexts.NO_MATCH
                : MeasureTexts.shown(end, history.lines().size()));
        Dom.show(table, !lines.isEmpty());
        Dom.show(more, end < lines.size());
        Dom.enable(exportAll, any);
        Dom.enable(deleteAll, any);
    }

    private HTMLElement row(RunSummary line) {
        HTMLElement row = Dom.element("tr", "");
        String when = localTime(line.created());
        String[] cells = {when, MeasureTexts.kind(line.kind()), line.team(), line.problem(),
            line.marked() == 0 ? MeasureTexts.NONE : line.right() + " of " + line.marked(),
            Numbers.count(line.decodedTokens()), Numbers.count(line.positions()), Numbers.seconds(line.millis())};
        for (int i = 0; i < cells.length; i++) {
            HTMLElement cell = Dom.text(i == 0 ? "th" : "td", i > 3 ? "num" : i == 3 ? "wide" : "", cells[i]);
            if (i == 0) {
                cell.setAttribute("scope", "row");
            }
            row.appendChild(cell);
        }
        HTMLButtonElement open = Dom.button("button button--small", MeasureTexts.OPEN, () -> history.open(line));
        open.setAttribute("aria-label", MeasureTexts.OPEN + " " + when);
        HTMLButtonElement delete = Dom.button("button button--small", MeasureTexts.DELETE, () -> history.delete(line));
        delete.setAttribute("aria-label", MeasureTexts.DELETE + " " + when);
        row.appendChild(Dom.element("td", "", Dom.element("div", "row", open, delete)));
        return row;
    }

    @JSBody(params = "millis", script = "return new Date(millis).toLocaleString();")
    static native String localTime(double millis);
}
