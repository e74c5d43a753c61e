package org.recursivemas.ui;

import org.teavm.jso.dom.html.HTMLButtonElement;
import org.teavm.jso.dom.html.HTMLElement;

/** The last failure, said at once and shown until it is dismissed. */
final class ErrorView implements View {
    private final HTMLElement message = Dom.withId(Dom.text("p", "", ""), "error-message");
    private final HTMLButtonElement repair;
    private final HTMLElement error;
    private final HTMLElement element;

    ErrorView(PlaygroundController controller) {
        repair = Dom.button("button button--primary", Texts.REPAIR, controller::repair);
        repair.setId("repair");
        error = Dom.withId(Dom.element("div", "notice notice--error", Dom.text("h2", "", Texts.ERROR_TITLE), message,
                Dom.element("div", "row", repair, Dom.button("button", Texts.DISMISS, controller::dismissError))), "error");
        // The region is there from the start, so that what appears in it is said.
        element = Dom.element("div", "errors", error);
        element.setAttribute("role", "alert");
    }

    @Override
    public HTMLElement element() {
        return element;
    }

    @Override
    public void render(PlaygroundState state) {
        Dom.setText(message, state.error() == null ? "" : state.error());
        Dom.show(repair, state.repairable());
        Dom.show(error, state.error() != null);
    }
}
