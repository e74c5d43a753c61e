package org.recursivemas.ui;

import org.teavm.jso.dom.html.HTMLElement;

/** Why the team cannot run in this browser, and what to do about it. */
final class UnavailableView implements View {
    private final HTMLElement reason = Dom.withId(Dom.text("p", "", ""), "unavailable-reason");
    private final HTMLElement element;

    UnavailableView() {
        element = Dom.withId(Dom.element("div", "notice notice--unavailable",
                Dom.withId(Dom.text("h2", "", Texts.UNAVAILABLE_TITLE), "unavailable-title"), reason,
                Dom.text("p", "", Texts.UNAVAILABLE_REST)), "unavailable");
        Dom.with(element, "role", "region", "aria-labelledby", "unavailable-title");
    }

    @Override
    public HTMLElement element() {
        return element;
    }

    @Override
    public void render(PlaygroundState state) {
        Dom.setText(reason, state.unavailable() == null ? "" : state.unavailable());
        Dom.show(element, state.unavailable() != null);
    }
}
