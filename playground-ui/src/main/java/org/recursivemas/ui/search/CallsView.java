package org.recursivemas.ui.search;

import java.util.ArrayList;
import java.util.List;
import org.recursivemas.data.StageReport;
import org.recursivemas.data.ToolCallReport;
import org.recursivemas.ui.Dom;
import org.teavm.jso.dom.html.HTMLElement;

/** What the tools of a run were asked and answered, and from where. */
public final class CallsView {
    private final HTMLElement failed = Dom.text("p", "hint hint--error", "");
    private final HTMLElement list = Dom.element("ul", "");
    private final HTMLElement details;
    private final HTMLElement element;
    private List<ToolCallReport> shown = List.of();

    /** @param id of the list's element */
    public CallsView(String id) {
        failed.setAttribute("role", "status");
        details = Dom.withId(Dom.element("details", "several", Dom.text("summary", "", SearchTexts.CALLS), list), id);
        element = Dom.element("div", "", failed, details);
    }

    public HTMLElement element() {
        return element;
    }

    /** Shows the calls of all stages. */
    public void render(List<StageReport> stages) {
        List<ToolCallReport> calls = new ArrayList<>();
        stages.forEach(stage -> calls.addAll(stage.toolCalls));
        if (calls.equals(shown)) {
            Dom.show(details, !calls.isEmpty());
            return;
        }
        shown = calls;
        Dom.show(details, !calls.isEmpty());
        Dom.clear(list);
        String fault = "";
        for (ToolCallReport call : calls) {
            list.appendChild(Dom.element("li", "", Dom.text("strong", "", SearchTexts.call(call)),
                    Dom.text("div", "output", call.result)));
            fault = call.failed ? SearchTexts.failed(call) : fault;
        }
        Dom.setText(failed, fault);
    }
}
