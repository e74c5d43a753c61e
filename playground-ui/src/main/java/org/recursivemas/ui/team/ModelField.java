package org.recursivemas.ui.team;

import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.recursivemas.models.AgentModel;
import org.recursivemas.ui.Dom;
import org.recursivemas.ui.models.ModelChoices;
import org.teavm.jso.dom.html.HTMLButtonElement;
import org.teavm.jso.dom.html.HTMLElement;
import org.teavm.jso.dom.html.HTMLInputElement;
import org.teavm.jso.dom.html.HTMLOptionElement;
import org.teavm.jso.dom.html.HTMLSelectElement;

/** The choice of an agent's model: one of the team's, one that the section of models knows, or one at an address. */
final class ModelField implements ModelChoices.Outcome {
    private final ModelChoices choices;
    private final IntConsumer takeOwn;
    private final Consumer<AgentModel> takeOther;
    private final HTMLSelectElement select;
    private final HTMLInputElement address;
    private final HTMLInputElement library;
    private final HTMLElement fault;
    private final HTMLElement allow;
    private final HTMLElement element;
    private final int own;
    private final int chosen;
    private HTMLElement others;
    private List<ModelChoices.Choice> offered = List.of();

    /**
     * @param id of the select element; those of the others begin with it
     * @param models the team's models, each once
     * @param chosen place in {@code models} of the agent's
     * @param takeOwn hears the place of a model of the team that was chosen
     * @param takeOther hears a model from elsewhere, once it is known
     */
    ModelField(String id, List<String> models, int chosen, ModelChoices choices, IntConsumer takeOwn,
            Consumer<AgentModel> takeOther) {
        this.choices = choices;
        this.takeOwn = takeOwn;
        this.takeOther = takeOther;
        this.chosen = chosen;
        own = models.size();
        select = (HTMLSelectElement) Dom.withId(Dom.element("select", ""), id);
        HTMLElement group = group(TeamTexts.GROUP_TEAM);
        models.forEach(model -> group.appendChild(option(model)));
        select.appendChild(group);
        select.setSelectedIndex(chosen);
        Dom.listen(select, "change", this::changed);
        address = Dom.input("text", id + "-address");
        library = Dom.input("text", id + "-library");
        for (HTMLInputElement input : List.of(address, library)) {
            Dom.with(input, "autocomplete", "off", "spellcheck", "false", "aria-describedby", id + "-fault");
        }
        fault = Dom.withId(Dom.text("p", "hint hint--error", ""), id + "-fault");
        fault.setAttribute("role", "alert");
        allow = Dom.withId(Dom.text("a", "button button--small", TeamTexts.ALLOW), id + "-allow");
        Dom.show(allow, false);
        HTMLButtonElement find = Dom.button("button", TeamTexts.FIND, this::find);
        find.setId(id + "-find");
        element = Dom.element("div", "team__model", field(TeamTexts.MODEL, select, id),
                Dom.element("details", "", Dom.text("summary", "", TeamTexts.ADDRESS_TITLE),
                        field(TeamTexts.ADDRESS, address, id + "-address"),
                        field(TeamTexts.LIBRARY, library, id + "-library"), find), fault, allow);
        refresh();
    }

    private static HTMLElement field(String label, HTMLElement control, String id) {
        return Dom.element("div", "field", Dom.label(label, id), control);
    }

    private static HTMLElement group(String label) {
        HTMLElement group = Dom.element("optgroup", "");
        group.setAttribute("label", label);
        return group;
    }

    private static HTMLElement option(String text) {
        HTMLOptionElement option = (HTMLOptionElement) Dom.text("option", "", text);
        option.setValue(text);
        return option;
    }

    HTMLElement element() {
        return element;
    }

    /** Offers what the section of models knows by now. */
    void refresh() {
        List<ModelChoices.Choice> now = choices.choices();
        if (now == offered) {
            return;
        }
        offered = now;
        if (others != null) {
            select.removeChild(others);
        }
        others = group(TeamTexts.GROUP_OTHER);
        for (ModelChoices.Choice choice : now) {
            others.appendChild(option(choice.label() + (choice.stored() ? TeamTexts.STORED : "")));
        }
        select.appendChild(others);
        select.setSelectedIndex(chosen);
    }

    private void changed() {
        int index = select.getSelectedIndex();
        if (index < own) {
            takeOwn.accept(index);
        } else {
            looking();
            choices.take(offered.get(index - own), library.getValue(), this);
        }
    }

    private void find() {
        looking();
        choices.find(address.getValue(), library.getValue(), this);
    }

    private void looking() {
        Dom.setText(fault, TeamTexts.LOOKING);
        Dom.show(allow, false);
    }

    @Override
    public void found(AgentModel model) {
        Dom.setText(fault, "");
        takeOther.accept(model);
    }

    @Override
    public void failed(String reason, String allowed) {
        Dom.setText(fault, reason);
        Dom.show(allow, allowed != null);
        Dom.setAttribute(allow, "href", allowed);
        select.setSelectedIndex(chosen);
    }
}
