package org.recursivemas.ui.team;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.recursivemas.data.Team;
import org.recursivemas.models.AgentModel;
import org.recursivemas.team.LinkIndex;
import org.recursivemas.ui.Dom;
import org.recursivemas.ui.PlaygroundController;
import org.recursivemas.ui.PlaygroundState;
import org.recursivemas.ui.View;
import org.recursivemas.ui.measure.Files;
import org.recursivemas.ui.measure.Json;
import org.recursivemas.ui.models.ModelChoices;
import org.teavm.jso.dom.html.HTMLButtonElement;
import org.teavm.jso.dom.html.HTMLElement;
import org.teavm.jso.dom.html.HTMLInputElement;
import org.teavm.jso.dom.html.HTMLOptionElement;
import org.teavm.jso.dom.html.HTMLSelectElement;
import org.teavm.jso.dom.html.HTMLTextAreaElement;

/** The team as a form and as a file; nothing takes effect before it is used. */
public final class TeamView implements View {
    private static final int MAX_FILE = 1_000_000;

    private final PlaygroundController controller;
    private final Json json;
    private final ModelChoices choices;
    private final HTMLElement agents = Dom.withId(Dom.element("ol", "team__agents"), "team-agents");
    private final HTMLElement handOffs = Dom.withId(Dom.element("ul", "team__hand-offs"), "team-hand-offs");
    private final HTMLSelectElement from = select("team-from");
    private final HTMLSelectElement to = select("team-to");
    private final HTMLInputElement slot = Dom.input("text", "team-slot");
    private final HTMLInputElement feedback = Dom.input("checkbox", "team-feedback");
    private final HTMLTextAreaElement file = (HTMLTextAreaElement) Dom.withId(Dom.element("textarea", "team__file"), "team-file");
    private final HTMLElement latent = Dom.withId(Dom.text("p", "hint", ""), "team-latent");
    private final List<HTMLElement> tags = new ArrayList<>();
    private final List<ModelField> fields = new ArrayList<>();
    private final HTMLElement fault = Dom.withId(Dom.text("p", "hint hint--error", ""), "team-fault");
    private final HTMLElement said = Dom.withId(Dom.text("p", "hint", ""), "team-said");
    private final HTMLButtonElement use;
    private final HTMLElement element;
    private TeamDraft draft;
    private Team shown;
    private LinkIndex links;
    private String linksFault;

    /** @param choices models that agents can be given beside the team's */
    public TeamView(PlaygroundController controller, Json json, ModelChoices choices) {
        this.controller = controller;
        this.choices = choices;
        this.json = json;
        fault.setAttribute("role", "alert");
        said.setAttribute("role", "status");
        latent.setAttribute("role", "status");
        use = button("team-use", TeamTexts.USE, this::use);
        use.setClassName("button button--primary");
        HTMLInputElement load = Dom.input("file", "team-load");
        load.setAttribute("accept", ".json,application/json");
        Dom.listen(load, "change", () -> Files.read(load, MAX_FILE, (name, text, why) -> {
            if (text == null) {
                say(name + ": " + why, "");
            } else {
                read(name, text);
            }
        }));
        HTMLElement add = Dom.element("div", "row", field(TeamTexts.FROM, from, "team-from"),
                field(TeamTexts.TO, to, "team-to"), field(TeamTexts.SLOT, slot, "team-slot"),
                Dom.element("div", "mode", feedback, Dom.label(TeamTexts.FEEDBACK, "team-feedback")),
                button("team-add", TeamTexts.ADD, () -> change(() -> draft.addHandOff(from.getValue(), to.getValue(),
                        slot.getValue().trim(), feedback.isChecked()))));
        Dom.with(file, "rows", "18", "spellcheck", "false");
        element = Dom.section("team", TeamTexts.TITLE, Dom.text("p", "hint", TeamTexts.HINT),
                Dom.text("h3", "", TeamTexts.AGENTS), agents, Dom.text("h3", "", TeamTexts.HAND_OFFS), handOffs, latent, add,
                Dom.element("div", "row", use, button("team-reset", TeamTexts.RESET, this::reset),
                        button("team-save", TeamTexts.SAVE, this::save), field(TeamTexts.LOAD, load, "team-load")),
                fault, said, Dom.element("details", "", Dom.text("summary", "", TeamTexts.FILE),
                        field(TeamTexts.FILE, file, "team-file"),
                        button("team-read", TeamTexts.READ, () -> read(TeamTexts.FILE, file.getValue()))));
    }

    private static HTMLSelectElement select(String id) {
        return (HTMLSelectElement) Dom.withId(Dom.element("select", ""), id);
    }

    private static HTMLButtonElement button(String id, String label, Runnable action) {
        HTMLButtonElement button = Dom.button("button", label, action);
        button.setId(id);
        return button;
    }

    private static HTMLElement field(String label, HTMLElement control, String id) {
        return Dom.element("div", "field", Dom.label(label, id), control);
    }

    private void say(String wrong, String right) {
        Dom.setText(fault, wrong);
        Dom.setText(said, right);
    }

    private void change(Runnable action) {
        action.run();
        say("", "");
        build();
    }

    private void read(String name, String text) {
        try {
            draft = new TeamDraft(json.parse(text));
            say("", "");
        } catch (IllegalArgumentException e) {
            say(name + ": " + e.getMessage(), "");
            return;
        }
        build();
    }

    private void reset() {
        String text = controller.teamText();
        if (text != null) {
            read(TeamTexts.FILE, text);
        }
    }

    private void save() {
        if (draft != null) {
            Files.save(Files.plain(String.valueOf(draft.tree().get("id"))) + ".json", "application/json", file.getValue());
        }
    }

    private void use() {
        try {
            controller.useTeam(json.write(draft.tree(), true));
            say("", TeamTexts.USED);
        } catch (RuntimeException e) {
            say(e.getMessage(), "");
        }
    }

    /** The section is shown. */
    public void shown() {
        choices.open();
    }

    @Override
    public HTMLElement element() {
        return element;
    }

    @Override
    public void render(PlaygroundState state) {
        if (state.team() != shown) {
            shown = state.team();
            if (shown != null) {
                String before = said.getTextContent();
                reset();
                Dom.setText(said, before);
            }
        }
        if (state.links() != links || state.linksFault() != linksFault) {
            links = state.links();
            linksFault = state.linksFault();
            if (draft != null) {
                tellLinks();
            }
        }
        fields.forEach(ModelField::refresh);
        boolean busy = state.activity() != PlaygroundState.Activity.IDLE;
        Dom.enable(use, draft != null && !busy);
        Dom.setAttribute(use, "title", busy ? TeamTexts.BUSY : null);
    }

    /** Shows the draft. */
    private void build() {
        Dom.clear(agents);
        Dom.clear(handOffs);
        tags.clear();
        fields.clear();
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < draft.agents(); i++) {
            ids.add(draft.agent(i, "id"));
            agents.appendChild(agent(i));
        }
        for (int i = 0; i < draft.handOffs(); i++) {
            int index = i;
            String name = TeamTexts.handOff(draft.handOff(i, "from"), draft.handOff(i, "to"), draft.handOff(i, "slot"),
                    draft.isFeedback(i));
            HTMLButtonElement remove = button("team-hand-off-" + i + "-remove", TeamTexts.REMOVE,
                    () -> change(() -> draft.removeHandOff(index)));
            remove.setAttribute("aria-label", TeamTexts.REMOVE + ": " + name);
            HTMLElement tag = Dom.text("em", "tag", TeamTexts.NO_LATENT);
            tags.add(tag);
            handOffs.appendChild(Dom.element("li", "row", Dom.text("span", "", name), tag, remove));
        }
        fill(from, ids, from.getValue());
        fill(to, ids, to.getValue());
        tellLinks();
        write();
    }

    /** Says what the link file has for the draft's hand-offs. */
    private void tellLinks() {
        boolean known = links != null && shown != null && draft.team("links").equals(shown.links == null ? "" : shown.links);
        boolean fits = known && links.isFor(draft.team("id"));
        Set<String> all = new LinkedHashSet<>();
        for (int i = 0; i < draft.handOffs(); i++) {
            List<String> faults = fits ? faults(i) : List.of();
            all.addAll(faults);
            boolean without = known && (!fits || !faults.isEmpty());
            Dom.show(tags.get(i), without);
            Dom.setAttribute(tags.get(i), "title", faults.isEmpty() ? null : String.join("; ", faults));
        }
        String said = draft.handOffs() == 0 ? "" : known && links.team() == null ? TeamTexts.NO_LINK_FILE
                : !known ? linksFault != null ? linksFault : TeamTexts.OTHER_FILE
                : !fits ? TeamTexts.otherTeam(links.team(), draft.team("id"))
                : all.isEmpty() ? TeamTexts.LATENT_POSSIBLE : TeamTexts.lacking(new ArrayList<>(all));
        Dom.setText(latent, said);
    }

    /** What a hand-off of the draft lacks to carry hidden states. */
    private List<String> faults(int handOff) {
        int sender = draft.find(draft.handOff(handOff, "from"));
        int reader = draft.find(draft.handOff(handOff, "to"));
        if (sender < 0 || reader < 0) {
            return List.of();   // refused when the team is used
        }
        List<String> strangers = new ArrayList<>(links.strangers());
        for (int i : new int[] {sender, reader}) {
            String id = draft.agent(i, "id");
            boolean same = shown.agents.stream().anyMatch(agent -> agent.id.equals(id)
                    && draft.agent(i, "model").equals(agent.model == null ? "" : agent.model));
            if (!same) {
                strangers.add(id);
            }
        }
        LinkIndex index = links.withStrangers(strangers);
        int width = draft.number(sender, "hidden_size", 0);
        List<String> faults = new ArrayList<>();
        String inner = index.innerFault(draft.agent(sender, "id"), width);
        String outer = index.outerFault(draft.agent(sender, "id"), draft.agent(reader, "id"), width,
                draft.number(reader, "hidden_size", 0));
        if (inner != null) {
            faults.add(inner);
        }
        if (outer != null) {
            faults.add(outer);
        }
        return faults;
    }

    private void write() {
        file.setValue(json.write(draft.tree(), true));
    }

    private static void fill(HTMLSelectElement select, List<String> values, String chosen) {
        Dom.clear(select);
        for (String value : values) {
            HTMLOptionElement option = (HTMLOptionElement) Dom.text("option", "", value);
            option.setValue(value);
            option.setSelected(value.equals(chosen));
            select.appendChild(option);
        }
    }

    private HTMLElement agent(int index) {
        String id = "team-agent-" + index;
        HTMLInputElement title = Dom.input("text", id + "-title");
        title.setValue(draft.agent(index, "title"));
        Dom.listen(title, "input", () -> set(index, "title", title.getValue()));
        List<String> models = new ArrayList<>();
        List<Integer> owners = new ArrayList<>();
        for (int i = 0; i < draft.agents(); i++) {
            if (!models.contains(draft.agent(i, "model"))) {
                models.add(draft.agent(i, "model"));
                owners.add(i);
            }
        }
        TeamDraft asked = draft;
        String name = draft.agent(index, "id");
        ModelField model = new ModelField(id + "-model", models, models.indexOf(draft.agent(index, "model")), choices,
                chosen -> change(() -> draft.takeModel(index, owners.get(chosen))), found -> take(asked, name, found));
        fields.add(model);
        HTMLInputElement steps = Dom.input("text", id + "-steps");
        Dom.with(steps, "inputmode", "numeric", "autocomplete", "off", "aria-describedby", id + "-steps-hint");
        HTMLElement stepsHint = Dom.withId(Dom.text("p", "hint", TeamTexts.STEPS_HINT), id + "-steps-hint");
        steps.setValue(draft.latentSteps(index));
        Dom.listen(steps, "input", () -> {
            draft.setLatentSteps(index, steps.getValue());
            int number = draft.number(index, "latent_steps", -1);
            boolean wrong = !steps.getValue().isBlank() && (number < 0 || number > PlaygroundState.MAX_LATENT_STEPS);
            Dom.setAttribute(steps, "aria-invalid", wrong ? "true" : null);
            Dom.setText(stepsHint, wrong ? TeamTexts.STEPS_WRONG : TeamTexts.STEPS_HINT);
            say("", "");
            write();
        });
        HTMLElement prompts = Dom.element("details", "", Dom.text("summary", "", TeamTexts.PROMPTS));
        for (String prompt : TeamDraft.PROMPTS) {
            HTMLTextAreaElement text = (HTMLTextAreaElement) Dom.withId(Dom.element("textarea", ""), id + "-" + prompt);
            text.setAttribute("rows", "3");
            text.setValue(draft.agent(index, prompt));
            Dom.listen(text, "input", () -> set(index, prompt, text.getValue()));
            prompts.appendChild(field(TeamTexts.prompt(prompt), text, id + "-" + prompt));
        }
        HTMLElement buttons = Dom.element("div", "row");
        for (HTMLButtonElement button : List.of(
                button(id + "-up", TeamTexts.UP, () -> change(() -> draft.moveUp(index))),
                button(id + "-copy", TeamTexts.COPY, () -> change(() -> draft.copyAgent(index))),
                button(id + "-remove", TeamTexts.REMOVE, () -> change(() -> draft.removeAgent(index))))) {
            button.setAttribute("aria-label", button.getTextContent() + ": " + name);
            buttons.appendChild(button);
        }
        Dom.enable(buttons.getFirstChild().cast(), index > 0);
        return Dom.element("li", "team__agent", Dom.text("strong", "", draft.agent(index, "id")),
                field(TeamTexts.NAME, title, id + "-title"), model.element(),
                field(TeamTexts.STEPS, steps, id + "-steps"), stepsHint, buttons, prompts);
    }

    /** An agent gets a model from elsewhere, unless it, or the whole draft, has gone while the model was looked up. */
    private void take(TeamDraft asked, String agent, AgentModel found) {
        int index = draft.find(agent);
        if (draft == asked && index >= 0) {
            change(() -> draft.takeModel(index, found));
            say("", TeamTexts.runs(agent, found.folder()));
        }
    }

    private void set(int index, String field, String value) {
        draft.setAgent(index, field, value);
        say("", "");
        write();
    }
}
