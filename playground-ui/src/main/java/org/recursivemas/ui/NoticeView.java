package org.recursivemas.ui;

import org.teavm.jso.dom.html.HTMLElement;

/** What stands in the way: no GPU to run on, or the last failure. */
final class NoticeView implements View {
    private final HTMLElement unavailable;
    private final HTMLElement reason;
    private final HTMLElement error;
    private final HTMLElement message;
    private final HTMLElement element;

    NoticeView(PlaygroundController controller) {
        reason = Dom.withId(Dom.text("p", "", ""), "unavailable-reason");
        unavailable = Dom.withId(Dom.element("div", "notice notice--unavailable",
                Dom.text("h2", "", Texts.UNAVAILABLE_TITLE), reason, Dom.text("p", "", Texts.UNAVAILABLE_REST)),
                "unavailable");
        unavailable.setAttribute("role", "note");
        message = Dom.withId(Dom.text("p", "", ""), "error-message");
        error = Dom.withId(Dom.element("div", "notice notice--error", Dom.text("h2", "", Texts.ERROR_TITLE), message,
                Dom.button("button", Texts.DISMISS, controller::dismissError)), "error");
        Dom.show(unavailable, false);
        Dom.show(error, false);
        // The region is there from the start, so that what appears in it is said.
        HTMLElement alert = Dom.element("div", "", error);
        alert.setAttribute("role", "alert");
        element = Dom.element("div", "notices", unavailable, alert);
    }

    @Override
    public HTMLElement element() {
        return element;
    }

    @Override
    public void render(PlaygroundState state) {
        Dom.setText(reason, state.unavailable() == null ? "" : state.unavailable());
        Dom.show(unavailable, state.unavailable() != null);
        Dom.setText(message, state.error() == null ? "" : state.error());
        Dom.show(error, state.error() != null);
    }
}
