package org.recursivemas.ui;

import org.teavm.jso.dom.html.HTMLElement;

/** A part of the page: built once, then made to show the state as often as that changes. */
public interface View {
    HTMLElement element();

    void render(PlaygroundState state);
}
