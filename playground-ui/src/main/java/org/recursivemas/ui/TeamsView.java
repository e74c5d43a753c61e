package org.recursivemas.ui;

import org.teavm.jso.dom.html.HTMLElement;

/** The teams that the site ships, each a link that opens it; nothing where there is only one. */
final class TeamsView implements View {
    private final HTMLElement element = Dom.withId(Dom.element("nav", "teams"), "teams");

    /**
     * @param shipped the site's teams, one a line: address of the team file, blank, title; null for none
     * @param opened address of the team that is open
     */
    TeamsView(String shipped, String opened) {
        element.setAttribute("aria-label", Texts.TEAMS_LABEL);
        HTMLElement list = Dom.element("ul", "");
        int count = 0;
        for (String line : shipped == null ? new String[0] : shipped.split("\n")) {
            int blank = line.indexOf(' ');
            if (blank < 1) {
                continue;
            }
            String address = line.substring(0, blank);
            HTMLElement link = Dom.text("a", "", line.substring(blank + 1));
            link.setAttribute("href", "?team=" + address);
            Dom.setAttribute(link, "aria-current", address.equals(opened) ? "page" : null);
            list.appendChild(Dom.element("li", "", link));
            count++;
        }
        if (count > 1) {
            element.appendChild(Dom.text("span", "teams-label", Texts.TEAMS_LABEL));
            element.appendChild(list);
        }
        Dom.show(element, count > 1);
    }

    @Override
    public HTMLElement element() {
        return element;
    }

    @Override
    public void render(PlaygroundState state) {
        // What is shipped does not change.
    }
}
