package org.recursivemas.ui.models;

import java.util.ArrayList;
import java.util.List;
import org.recursivemas.models.CachedModels;
import org.recursivemas.models.CachedModels.Cached;
import org.recursivemas.ui.Dom;
import org.recursivemas.ui.Numbers;
import org.teavm.jso.dom.html.HTMLElement;

/** What is stored, with its size, and how to get rid of it. */
final class StoredTable {
    private final Models models;
    private final HTMLElement total = Dom.withId(Dom.text("p", "", ""), "stored-total");
    private final HTMLElement none = Dom.withId(Dom.text("p", "hint", ModelsTexts.NONE_STORED), "stored-none");
    private final HTMLElement body = Dom.element("tbody", "");
    private final HTMLElement scroll;
    private final HTMLElement element;
    private final List<HTMLElement> buttons = new ArrayList<>();
    private List<Cached> shown;

    StoredTable(Models models) {
        this.models = models;
        HTMLElement head = Dom.element("tr", "");
        for (String column : ModelsTexts.STORED_COLUMNS) {
            HTMLElement cell = Dom.text(column.isEmpty() ? "td" : "th", "", column);
            if (!column.isEmpty()) {
                cell.setAttribute("scope", "col");
            }
            head.appendChild(cell);
        }
        HTMLElement table = Dom.withId(Dom.element("table", "stages", Dom.element("thead", "", head), body), "stored-table");
        table.setAttribute("aria-label", ModelsTexts.STORED_TITLE);
        scroll = Dom.element("div", "table-scroll", table);
        Dom.with(scroll, "tabindex", "0", "role", "region", "aria-label", ModelsTexts.STORED_TITLE);
        element = Dom.section("stored", ModelsTexts.STORED_TITLE, total, none, scroll);
    }

    HTMLElement element() {
        return element;
    }

    void render() {
        List<Cached> cached = models.cached();
        Dom.setText(total, ModelsTexts.total(Numbers.bytes(CachedModels.total(cached)),
                models.room().quota() < 0 ? null : Numbers.bytes(models.room().quota())));
        Dom.show(none, cached.isEmpty());
        Dom.show(scroll, !cached.isEmpty());
        if (cached != shown) {
            shown = cached;
            Dom.clear(body);
            buttons.clear();
            cached.forEach(one -> body.appendChild(row(one)));
        }
        buttons.forEach(button -> Dom.enable(button, models.running() == null));
    }

    private HTMLElement row(Cached cached) {
        List<String> users = models.users(cached.folder());
        HTMLElement name = Dom.text("th", "stored__name", cached.folder());
        name.setAttribute("scope", "row");
        HTMLElement delete = Dom.button("button button--small", ModelsTexts.DELETE, () -> models.delete(cached.folder()));
        delete.setAttribute("aria-label", ModelsTexts.of(ModelsTexts.DELETE, cached.folder()));
        buttons.add(delete);
        return Dom.element("tr", "", name,
                Dom.text("td", "stored__users", users.isEmpty() ? ModelsTexts.NO_USER : String.join(", ", users)),
                Dom.text("td", "num", Numbers.bytes(cached.bytes())),
                Dom.text("td", "", cached.complete() ? ModelsTexts.WHOLE
                        : ModelsTexts.unfinished(cached.files(), cached.wanted())),
                Dom.element("td", "", delete));
    }
}
