package org.recursivemas.ui;

import java.util.LinkedHashMap;
import java.util.Map;
import org.recursivemas.data.AgentSpec;
import org.recursivemas.data.Team;
import org.teavm.jso.dom.html.HTMLButtonElement;
import org.teavm.jso.dom.html.HTMLElement;
import org.teavm.jso.dom.html.HTMLTextAreaElement;

/** The agents' prompts: the system message to edit, the user message to read. */
final class RolesView implements View {
    private static final class Role {
        HTMLTextAreaElement box;
        HTMLButtonElement reset;
        HTMLElement edited;
    }

    private final PlaygroundController controller;
    private final HTMLElement list = Dom.element("div", "roles__list");
    private final HTMLElement element;
    private final Map<String, Role> roles = new LinkedHashMap<>();
    private Team shown;

    RolesView(PlaygroundController controller) {
        this.controller = controller;
        element = Dom.section("roles", Texts.ROLES_TITLE, Dom.text("p", "hint", Texts.ROLES_INTRO), list);
    }

    @Override
    public HTMLElement element() {
        return element;
    }

    @Override
    public void render(PlaygroundState state) {
        Dom.show(element, state.team() != null);
        if (state.team() == null) {
            return;
        }
        if (state.team() != shown) {
            build(state);
        }
        for (Map.Entry<String, Role> entry : roles.entrySet()) {
            Role role = entry.getValue();
            String system = state.system(entry.getKey());
            if (!system.equals(role.box.getValue())) {
                role.box.setValue(system);
            }
            boolean edited = state.isSystemEdited(entry.getKey());
            Dom.enable(role.reset, edited);
            Dom.show(role.edited, edited);
        }
    }

    private void build(PlaygroundState state) {
        shown = state.team();
        Dom.clear(list);
        roles.clear();
        for (int i = 0; i < shown.agents.size(); i++) {
            AgentSpec agent = shown.agents.get(i);
            String title = state.agentTitle(agent.id);
            Role role = new Role();
            // Ids count the agents: an agent's own id may hold anything.
            String id = "system-" + i;
            role.box = (HTMLTextAreaElement) Dom.withId(Dom.element("textarea", ""), id);
            role.box.setRows(3);
            Dom.listen(role.box, "input", () -> controller.editSystem(agent.id, role.box.getValue()));
            role.reset = Dom.button("button button--small", Texts.RESET, () -> {
                controller.resetSystem(agent.id);
                // The button is now disabled and would drop the focus.
                role.box.focus();
            });
            role.reset.setId("reset-" + i);
            Help.describe(role.box, HelpTexts.ROLES);
            Help.describe(role.reset, HelpTexts.ROLES);
            role.reset.setAttribute("aria-label", Texts.resetLabel(title));
            role.edited = Dom.text("span", "tag", Texts.EDITED);
            HTMLElement head = Dom.element("div", "role__head", Dom.text("h3", "", title),
                    Dom.text("span", "hint", Texts.width(agent.hiddenSize)), role.edited, role.reset);
            HTMLElement part = Dom.element("div", "role", head, Dom.label(Texts.systemLabel(title), id), role.box,
                    messages(agent));
            list.appendChild(part);
            roles.put(agent.id, role);
        }
    }

    private static HTMLElement messages(AgentSpec agent) {
        HTMLElement details = Dom.element("details", "", Dom.text("summary", "", Texts.USER_MESSAGE));
        addMessage(details, null, agent.user);
        addMessage(details, Texts.USER_FEEDBACK, agent.userFeedback);
        addMessage(details, Texts.USER_ALONE, agent.userAlone);
        return details;
    }

    private static void addMessage(HTMLElement details, String title, String message) {
        if (message == null) {
            return;
        }
        if (title != null) {
            details.appendChild(Dom.text("p", "hint", title));
        }
        details.appendChild(Dom.text("pre", "message", message));
    }
}
