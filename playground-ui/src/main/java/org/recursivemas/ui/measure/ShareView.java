package org.recursivemas.ui.measure;

import org.recursivemas.data.FormatException;
import org.recursivemas.data.Team;
import org.recursivemas.measure.SharedSetup;
import org.recursivemas.ui.Dom;
import org.recursivemas.ui.PlaygroundController;
import org.recursivemas.ui.PlaygroundState;
import org.recursivemas.ui.RunObserver;
import org.recursivemas.ui.View;
import org.teavm.jso.JSBody;
import org.teavm.jso.JSFunctor;
import org.teavm.jso.JSObject;
import org.teavm.jso.dom.html.HTMLButtonElement;
import org.teavm.jso.dom.html.HTMLElement;
import org.teavm.jso.dom.html.HTMLInputElement;

/** Makes the link that restores the present set-up, and restores it when the page was opened by one. */
final class ShareView implements View, RunObserver {
    @JSFunctor
    private interface Copied extends JSObject {
        void accept(boolean done);
    }

    @JSFunctor
    private interface Changed extends JSObject {
        void run();
    }

    private final PlaygroundController controller;
    private final PlaygroundState state;
    private final HTMLInputElement link = Dom.input("text", "share-link");
    private final HTMLButtonElement copy;
    private final HTMLElement said = Dom.withId(Dom.text("span", "status", ""), "share-status");
    private final HTMLButtonElement make;
    private final HTMLElement element;
    private Team opened;
    private String made = "";
    private String madeOf;

    ShareView(PlaygroundController controller, PlaygroundState state) {
        this.controller = controller;
        this.state = state;
        make = Dom.button("button", MeasureTexts.SHARE, this::make);
        make.setId("share-make");
        copy = Dom.button("button", MeasureTexts.COPY, this::copy);
        copy.setId("share-copy");
        link.setAttribute("readonly", "");
        said.setAttribute("role", "status");
        element = Dom.section("share", MeasureTexts.SHARE_TITLE, Dom.text("p", "hint", MeasureTexts.SHARE_HINT),
                Dom.element("div", "row", make, copy, said),
                Dom.element("div", "field", Dom.label(MeasureTexts.SHARE_LABEL, "share-link"), link));
        onHashChange(this::restore);
    }

    private void make() {
        if (state.seedError() != null) {
            Dom.setText(said, state.seedError());
            return;
        }
        try {
            madeOf = state.setup().write();
            made = pageAddress() + madeOf;
            Dom.setText(said, "");
        } catch (FormatException | IllegalArgumentException e) {
            made = "";
            madeOf = null;
            Dom.setText(said, e.getMessage());
        }
        link.setValue(made);
        render(state);
    }

    private void copy() {
        copy(link, made, done -> Dom.setText(said, done ? MeasureTexts.COPIED : MeasureTexts.COPY_FAILED));
    }

    @Override
    public void onTeam(Team team) {
        opened = team;
        restore();
    }

    /** Takes over what the page's address says, once there is a team. */
    private void restore() {
        String fragment = fragment();
        if (opened == null || !SharedSetup.isShared(fragment)) {
            return;
        }
        forgetFragment();
        try {
            controller.restore(SharedSetup.read(fragment));
            Dom.setText(said, MeasureTexts.SHARED);
        } catch (FormatException | IllegalArgumentException e) {
            controller.report(e.getMessage());
        }
    }

    @Override
    public HTMLElement element() {
        return element;
    }

    @Override
    public void render(PlaygroundState now) {
        Dom.enable(make, now.team() != null);
        Dom.enable(copy, !made.isEmpty());
        // A link of what was set before would mislead.
        if (madeOf != null && (now.seedError() != null || !isPresent())) {
            made = "";
            madeOf = null;
            link.setValue("");
            Dom.enable(copy, false);
        }
    }

    private boolean isPresent() {
        try {
            return state.setup().write().equals(madeOf);
        } catch (FormatException | IllegalArgumentException e) {
            return false;
        }
    }

    /** As it stands in the address: some browsers give location.hash without its escapes. */
    @JSBody(script = "var at = location.href.indexOf('#'); return at < 0 ? '' : location.href.slice(at);")
    private static native String fragment();

    /** The page's address without its fragment; the team is in its query. */
    @JSBody(script = "return location.href.split('#')[0];")
    private static native String pageAddress();

    /** What was taken over once is not taken over again by a reload or by the back button. */
    @JSBody(script = "history.replaceState(null, '', location.pathname + location.search);")
    private static native void forgetFragment();

    @JSBody(params = "changed", script = "addEventListener('hashchange', function() { changed(); });")
    private static native void onHashChange(Changed changed);

    @JSBody(params = {"input", "text", "copied"}, script = """
            input.select();
            if (!navigator.clipboard) { copied(false); return; }
            navigator.clipboard.writeText(text).then(function() { copied(true); }, function() { copied(false); });
            """)
    private static native void copy(HTMLInputElement input, String text, Copied copied);
}
