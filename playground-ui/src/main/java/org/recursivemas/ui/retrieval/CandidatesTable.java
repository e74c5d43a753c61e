package org.recursivemas.ui.retrieval;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.recursivemas.data.CandidateReport;
import org.recursivemas.data.StageReport;
import org.recursivemas.ui.Dom;
import org.recursivemas.ui.Numbers;
import org.recursivemas.ui.measure.Tables;
import org.teavm.jso.dom.html.HTMLElement;

/** The messages that each stage could be given, with their scores, and which of them it was given. */
public final class CandidatesTable {
    private static final int TEXT_COLUMNS = 4;

    private CandidatesTable() {
    }

    /**
     * Setting and table; empty for a run without retrieval.
     *
     * @param id of the table
     * @param most messages for a slot at most; 0 where it is not known yet
     * @param title what to call an agent
     */
    public static HTMLElement of(String id, int most, List<StageReport> stages, UnaryOperator<String> title) {
        HTMLElement element = Dom.element("div", "");
        List<String[]> rows = new ArrayList<>();
        for (StageReport stage : stages) {
            for (CandidateReport candidate : stage.candidates) {
                rows.add(new String[] {title.apply(stage.agent), candidate.slot, title.apply(candidate.from),
                    candidate.chosen ? RetrievalTexts.BROUGHT : RetrievalTexts.LEFT, Integer.toString(stage.round),
                    Integer.toString(candidate.round), Numbers.fixed(candidate.score, 4)});
            }
        }
        if (most > 0) {
            element.appendChild(Dom.text("p", "hint", RetrievalTexts.setting(most)));
        }
        if (!rows.isEmpty()) {
            element.appendChild(Tables.table(id, RetrievalTexts.CAPTION, RetrievalTexts.COLUMNS, TEXT_COLUMNS, rows));
        }
        return element;
    }
}
