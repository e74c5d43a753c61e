package org.recursivemas.ui.search;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.recursivemas.tools.WikiAddress;
import org.recursivemas.ui.Dom;
import org.recursivemas.ui.PlaygroundController;
import org.recursivemas.ui.PlaygroundState;
import org.recursivemas.ui.View;
import org.teavm.jso.JSBody;
import org.teavm.jso.dom.html.HTMLElement;
import org.teavm.jso.dom.html.HTMLInputElement;
import org.teavm.jso.dom.html.HTMLOptionElement;
import org.teavm.jso.dom.html.HTMLSelectElement;

/**
 * The choice between a team's corpus and a wiki on the web. A wiki that the page's address does not name
 * ({@code ?search=ADDRESS}) is offered by a link that reloads the page: its policy cannot be loosened later.
 */
public final class SearchView implements View {
    private static final String OTHER = "other";

    private final PlaygroundController controller;
    private final HTMLInputElement corpus = Dom.input("radio", "search-corpus");
    private final HTMLInputElement web = Dom.input("radio", "search-web");
    private final HTMLSelectElement edition = (HTMLSelectElement) Dom.withId(Dom.element("select", ""),
            "search-edition");
    private final HTMLInputElement address = Dom.input("text", "search-address");
    private final HTMLElement addressField;
    private final HTMLElement wrong = Dom.withId(Dom.text("p", "hint hint--error", ""), "search-wrong");
    private final HTMLElement statement = Dom.withId(Dom.text("p", "hint", ""), "search-statement");
    private final HTMLElement reload = Dom.withId(Dom.text("a", "", ""), "search-reload");
    private final HTMLElement reloadHint = Dom.text("p", "hint", "");
    private final HTMLElement offer = Dom.element("div", "", Dom.element("p", "", reload), reloadHint);
    private final HTMLElement suggestion = Dom.withId(Dom.text("p", "hint", ""), "search-suggestion");
    private final HTMLElement element;
    private String suggested;
    /** Origins that the page's policy allows. */
    private final List<String> allowed = new ArrayList<>();

    public SearchView(PlaygroundController controller) {
        this.controller = controller;
        for (HTMLInputElement radio : new HTMLInputElement[] {corpus, web}) {
            radio.setName("search-source");
            Dom.listen(radio, "change", this::choose);
        }
        Dom.with(corpus, "aria-describedby", "search-corpus-hint");
        Dom.with(web, "aria-describedby", "search-statement");
        for (String[] one : SearchTexts.EDITIONS) {
            edition.appendChild(option(one[0], one[1]));
        }
        edition.appendChild(option(OTHER, SearchTexts.OTHER));
        Dom.listen(edition, "change", this::choose);
        Dom.with(address, "inputmode", "url", "autocomplete", "off", "aria-describedby", "search-address-hint search-wrong");
        Dom.listen(address, "input", this::choose);
        wrong.setAttribute("role", "alert");
        addressField = Dom.element("div", "field", Dom.label(SearchTexts.ADDRESS, "search-address"), address,
                Dom.withId(Dom.text("p", "hint", SearchTexts.ADDRESS_HINT), "search-address-hint"), wrong);
        HTMLElement sources = Dom.element("fieldset", "modes", Dom.text("legend", "", SearchTexts.LEGEND),
                Dom.element("div", "mode", corpus, Dom.label(SearchTexts.CORPUS, "search-corpus"),
                        Dom.withId(Dom.text("span", "hint", SearchTexts.CORPUS_HINT), "search-corpus-hint")),
                Dom.element("div", "mode", web, Dom.label(SearchTexts.WIKI, "search-web")));
        element = Dom.section("search", SearchTexts.TITLE, sources, Dom.element("div", "field",
                Dom.label(SearchTexts.EDITION, "search-edition"), edition), addressField, suggestion, statement, offer);
        String preset = null;
        for (String asked : asked().isEmpty() ? new String[0] : asked().split("\n")) {
            String api = api(asked);
            if (api != null) {
                allowed.add(WikiAddress.origin(api));
                preset = preset == null ? api : preset;
            }
        }
        edition.setValue(SearchTexts.EDITIONS[0][0]);
        if (preset != null) {
            preset(preset);
        }
    }

    /** Shows the wiki that the page's address names, without choosing it. */
    private void preset(String api) {
        edition.setValue(OTHER);
        address.setValue(api);
        for (String[] one : SearchTexts.EDITIONS) {
            if (WikiAddress.api(one[0]).equals(api)) {
                edition.setValue(one[0]);
            }
        }
    }

    private static HTMLElement option(String value, String text) {
        HTMLOptionElement option = (HTMLOptionElement) Dom.text("option", "", text);
        option.setValue(value);
        return option;
    }

    @Override
    public HTMLElement element() {
        return element;
    }

    private void choose() {
        String api = named();
        controller.searchIn(web.isChecked() && api != null && allowed.contains(WikiAddress.origin(api)) ? api : null);
    }

    /** The wiki that the form names, or null. */
    private String named() {
        return api(edition.getValue().equals(OTHER) ? address.getValue() : edition.getValue());
    }

    private static String api(String asked) {
        return fault(asked) == null ? WikiAddress.api(asked) : null;
    }

    private static String fault(String asked) {
        try {
            WikiAddress.api(asked);
            return null;
        } catch (IllegalArgumentException e) {
            return e.getMessage();
        }
    }

    @Override
    public void render(PlaygroundState state) {
        Dom.show(element, state.searches());
        if (!Objects.equals(suggested, state.suggestedSearch())) {
            suggested = state.suggestedSearch();
            if (suggested != null) {
                preset(suggested);
            }
        }
        Dom.setText(suggestion, suggested == null || suggested.equals(state.search()) ? "" : SearchTexts.suggested(suggested));
        String api = named();
        boolean free = api != null && allowed.contains(WikiAddress.origin(api));
        boolean chosen = state.search() != null;
        if (corpus.isChecked() == chosen) {
            corpus.setChecked(!chosen);
        }
        if (web.isChecked() != chosen) {
            web.setChecked(chosen);
        }
        Dom.enable(web, free);
        boolean other = edition.getValue().equals(OTHER);
        Dom.show(addressField, other);
        String fault = other && !address.getValue().trim().isEmpty() ? fault(address.getValue()) : null;
        Dom.setText(wrong, fault == null ? "" : fault);
        Dom.setAttribute(address, "aria-invalid", fault == null ? null : "true");
        Dom.setText(statement, api == null ? "" : SearchTexts.statement(api));
        Dom.show(offer, api != null && !free);
        if (api != null && !free) {
            Dom.setText(reload, SearchTexts.reload(api));
            String settings = settings(state);
            Dom.setText(reloadHint, SearchTexts.reloadHint(api, !settings.isEmpty()));
            Dom.setAttribute(reload, "href", reloading(other ? api : edition.getValue()) + settings);
        }
    }

    /** What the page takes over after the reload; empty when there is too much of it for an address. */
    private static String settings(PlaygroundState state) {
        try {
            return state.seedError() == null && state.team() != null ? state.setup().write() : "";
        } catch (IllegalArgumentException e) {
            return "";
        }
    }

    /** The values of {@code search} in the page's address, a line each. */
    @JSBody(script = "return new URLSearchParams(location.search).getAll('search').join('\\n');")
    private static native String asked();

    /** The page's own address with that wiki. */
    @JSBody(params = "wiki", script = "var query = new URLSearchParams(location.search); query.set('search', wiki);"
            + " return '?' + query.toString();")
    private static native String reloading(String wiki);
}
