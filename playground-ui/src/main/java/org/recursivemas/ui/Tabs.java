package org.recursivemas.ui;

import java.util.ArrayList;
import java.util.List;
import org.teavm.jso.browser.Window;
import org.teavm.jso.dom.events.Event;
import org.teavm.jso.dom.events.KeyboardEvent;
import org.teavm.jso.dom.html.HTMLDocument;
import org.teavm.jso.dom.html.HTMLElement;
import org.teavm.jso.dom.xml.Node;

/**
 * The page's sections, one of which is shown at a time. The address names it ({@code #run}, {@code #learn}, ...), so that
 * the back button, a bookmark and a reload lead to it; an address that names an element inside a section leads there too.
 * Sections are hidden, never rebuilt: what was typed in them and what goes on in them stays. Keyboard and roles are those
 * of the tabs pattern of the ARIA Authoring Practices: one stop for the Tab key, arrow keys, Home and End between tabs.
 */
final class Tabs {
    private final List<Section> sections;
    private final List<HTMLElement> tabs = new ArrayList<>();
    private final HTMLElement strip = Dom.element("div", "tabs");
    private final HTMLElement panels = Dom.element("div", "");
    private int current = -1;

    /**
     * A section of the page.
     *
     * @param id    what the address calls it: lower-case letters
     * @param title what its tab says
     * @param root  its content
     * @param shown called whenever it is shown
     */
    record Section(String id, String title, HTMLElement root, Runnable shown) {
        Section(String id, String title, HTMLElement root) {
            this(id, title, root, () -> { });
        }
    }

    /** @param sections at least one; the first is shown where the address names none */
    Tabs(List<Section> sections) {
        this.sections = List.copyOf(sections);
        Dom.with(strip, "role", "tablist", "aria-label", Texts.TABS);
        for (int i = 0; i < sections.size(); i++) {
            build(i);
        }
        strip.addEventListener("keydown", (KeyboardEvent event) -> key(event));
    }

    private void build(int index) {
        Section section = sections.get(index);
        HTMLElement tab = Dom.withId(Dom.button("tab", section.title(), () -> choose(index)), "tab-" + section.id());
        HTMLElement panel = Dom.withId(Dom.element("div", "", section.root()), "panel-" + section.id());
        Dom.with(tab, "role", "tab", "aria-controls", "panel-" + section.id());
        Dom.with(panel, "role", "tabpanel", "aria-labelledby", "tab-" + section.id());
        tabs.add(tab);
        strip.appendChild(tab);
        panels.appendChild(panel);
    }

    /** Puts tabs and sections into the page and shows the section that the address names, from now on too. */
    void mount(HTMLElement main) {
        main.appendChild(strip);
        main.appendChild(panels);
        show(0);
        follow();
        Window.current().addEventListener("hashchange", (Event event) -> follow());
        Window.current().addEventListener("popstate", (Event event) -> follow());
    }

    private void follow() {
        String hash = Window.current().getLocation().getHash();
        String name = hash == null || hash.isEmpty() ? sections.get(0).id() : hash.substring(1);
        for (int i = 0; i < sections.size(); i++) {
            // "together=CODE" hands something to the section "together"
            if (name.equals(sections.get(i).id()) || name.startsWith(sections.get(i).id() + "=")) {
                show(i);
                return;
            }
        }
        if (name.indexOf('=') >= 0) {
            show(0);    // a shared set-up, which belongs to the run
            return;
        }
        HTMLElement target = HTMLDocument.current().getElementById(name);
        for (int i = 0; target != null && i < sections.size(); i++) {
            if (i != current && within(sections.get(i).root(), target)) {
                show(i);
                target.focus();
            }
        }
    }

    private static boolean within(Node outer, Node inner) {
        for (Node node = inner; node != null; node = node.getParentNode()) {
            if (node == outer) {
                return true;
            }
        }
        return false;
    }

    /** Shows a section and has the address say so, without the jump to an element that a changed hash brings. */
    private void choose(int index) {
        if (index != current) {
            Window.current().getHistory().pushState(null, "", "#" + sections.get(index).id());
            show(index);
        }
    }

    private void show(int index) {
        current = index;
        for (int i = 0; i < tabs.size(); i++) {
            Dom.setAttribute(tabs.get(i), "aria-selected", i == index ? "true" : "false");
            Dom.setAttribute(tabs.get(i), "tabindex", i == index ? "0" : "-1");
            Dom.show((HTMLElement) sections.get(i).root().getParentNode(), i == index);
        }
        sections.get(index).shown().run();
    }

    private void key(KeyboardEvent event) {
        int count = tabs.size();
        int index;
        switch (event.getKey()) {
            case "ArrowRight":
                index = (current + 1) % count;
                break;
            case "ArrowLeft":
                index = (current + count - 1) % count;
                break;
            case "Home":
                index = 0;
                break;
            case "End":
                index = count - 1;
                break;
            default:
                return;
        }
        event.preventDefault();
        choose(index);
        tabs.get(index).focus();
    }
}
