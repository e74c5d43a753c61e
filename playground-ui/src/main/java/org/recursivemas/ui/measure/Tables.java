package org.recursivemas.ui.measure;

import java.util.List;
import org.recursivemas.data.ModeReport;
import org.recursivemas.measure.Tally;
import org.recursivemas.ui.Dom;
import org.recursivemas.ui.Numbers;
import org.teavm.jso.dom.html.HTMLElement;

/** Tables of texts. */
public final class Tables {
    private Tables() {
    }

    /**
     * A table in a box that scrolls by itself where it is wider than the page.
     *
     * @param id of the table
     * @param numbers from which column on there are numbers
     */
    public static HTMLElement table(String id, String caption, String[] columns, int numbers, List<String[]> rows) {
        HTMLElement head = Dom.element("tr", "");
        for (int i = 0; i < columns.length; i++) {
            head.appendChild(Dom.with(Dom.text("th", i >= numbers ? "num" : "", columns[i]), "scope", "col"));
        }
        HTMLElement body = Dom.element("tbody", "");
        rows.forEach(row -> body.appendChild(row(row, numbers)));
        HTMLElement table = Dom.withId(Dom.element("table", "measured", Dom.text("caption", "", caption),
                Dom.element("thead", "", head), body), id);
        return scroll(table, caption);
    }

    static HTMLElement scroll(HTMLElement table, String label) {
        HTMLElement scroll = Dom.element("div", "table-scroll", table);
        Dom.with(scroll, "tabindex", "0", "role", "region", "aria-label", label);
        return scroll;
    }

    private static HTMLElement row(String[] cells, int numbers) {
        HTMLElement row = Dom.element("tr", "");
        for (int i = 0; i < cells.length; i++) {
            HTMLElement cell = Dom.text(i == 0 ? "th" : "td", i >= numbers ? "num" : "", cells[i]);
            if (i == 0) {
                cell.setAttribute("scope", "row");
            }
            row.appendChild(cell);
        }
        return row;
    }

    /** Whether an answer is right, for people. */
    public static String marked(ModeReport report) {
        return report.correct == null ? MeasureTexts.UNMARKED : report.correct ? MeasureTexts.YES : MeasureTexts.NO;
    }

    /** A share as whole percent with its sign, or a dash. */
    static String percent(double share) {
        return Double.isNaN(share) ? MeasureTexts.NONE : Numbers.fixed(100 * share, 0) + " %";
    }

    /** A factor such as 2.4×, or a dash. */
    static String factor(double factor) {
        return Double.isNaN(factor) ? MeasureTexts.NONE : Numbers.fixed(factor, 2) + "\u00d7";
    }

    /** The cells of a line of results. */
    static String[] tally(Tally tally) {
        return new String[] {MeasureTexts.way(tally.setting()), Integer.toString(tally.total()),
            Integer.toString(tally.right()), Numbers.fixed(100 * tally.accuracy(), 1),
            MeasureTexts.interval(tally.interval()),
            Numbers.fixed(tally.tokens(), 1), Numbers.fixed(tally.positions(), 1), Numbers.fixed(tally.seconds(), 2),
            Integer.toString(tally.unanswered())};
    }
}
