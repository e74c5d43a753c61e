package org.recursivemas.ui;

import org.teavm.jso.dom.html.HTMLElement;

/** What a person should know of how team and models were had; said without interrupting. */
final class NoteView implements View {
    private final HTMLElement note = Dom.withId(Dom.text("p", "notice", ""), "note");
    private final HTMLElement element = Dom.element("div", "notes", note);

    NoteView() {
        element.setAttribute("role", "status");
    }

    @Override
    public HTMLElement element() {
        return element;
    }

    @Override
    public void render(PlaygroundState state) {
        Dom.setText(note, state.note() == null ? "" : state.note());
        Dom.show(note, state.note() != null);
    }
}
