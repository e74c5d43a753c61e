package org.recursivemas.ui.measure;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.recursivemas.data.FormatException;
import org.recursivemas.measure.BenchmarkPlan;
import org.recursivemas.measure.Problem;
import org.recursivemas.measure.ProblemFile;
import org.recursivemas.measure.Setting;
import org.recursivemas.team.Mode;
import org.recursivemas.ui.Dom;
import org.recursivemas.ui.PlaygroundState;
import org.teavm.jso.JSBody;
import org.teavm.jso.dom.html.HTMLButtonElement;
import org.teavm.jso.dom.html.HTMLElement;
import org.teavm.jso.dom.html.HTMLInputElement;
import org.teavm.jso.dom.html.HTMLSelectElement;

/** What a new benchmark is to run. */
final class BenchmarkForm {
    /** The site's own task set, beside the page. */
    private static final String TASKS = "held-out.jsonl";

    private final Benchmarks benchmarks;
    private final PlaygroundState state;
    private final Json json;
    private final Identity identity;
    private final HTMLSelectElement source = (HTMLSelectElement) Dom.element("select", "");
    private final HTMLInputElement file = Dom.input("file", "benchmark-file");
    private final HTMLElement fileField;
    private final HTMLInputElement count = Dom.input("number", "benchmark-count");
    private final HTMLInputElement steps = Dom.input("text", "benchmark-steps");
    private final List<HTMLInputElement> depths = new ArrayList<>();
    private final Map<String, HTMLInputElement> ways = new LinkedHashMap<>();
    private final HTMLButtonElement start;
    private final HTMLElement size = Dom.withId(Dom.text("p", "hint", ""), "benchmark-size");
    private final HTMLElement takes = Dom.withId(Dom.text("p", "hint", ""), "benchmark-takes");
    private final HTMLElement element;
    private boolean reading;

    BenchmarkForm(Benchmarks benchmarks, PlaygroundState state, Json json, Identity identity) {
        this.benchmarks = benchmarks;
        this.state = state;
        this.json = json;
        this.identity = identity;
        source.setId("benchmark-source");
        source.appendChild(Dom.with(Dom.text("option", "", MeasureTexts.SOURCE_SITE), "value", "site"));
        source.appendChild(Dom.with(Dom.text("option", "", MeasureTexts.SOURCE_FILE), "value", "file"));
        Dom.listen(source, "change", this::tellSize);
        file.setAttribute("accept", ".jsonl,.ndjson,.txt,application/x-ndjson");
        fileField = Dom.element("div", "field", Dom.label(MeasureTexts.FILE, "benchmark-file"), file);
        Dom.with(count, "min", "1", "max", Integer.toString(BenchmarkPlan.MAX_PROBLEMS), "step", "1");
        count.setValue("20");
        Dom.listen(count, "input", this::tellSize);
        Dom.with(steps, "autocomplete", "off", "aria-describedby", "benchmark-steps-hint");
        steps.setValue("0, 8, 16");
        Dom.listen(steps, "input", this::tellSize);
        HTMLElement depthChoice = Dom.element("fieldset", "choice", Dom.text("legend", "", MeasureTexts.DEPTHS));
        for (int depth = 1; depth <= Setting.MAX_ROUNDS; depth++) {
            HTMLInputElement box = box("benchmark-depth-" + depth, depth <= 2);
            depths.add(box);
            depthChoice.appendChild(Dom.element("span", "choice__one", box,
                    Dom.label(Integer.toString(depth), box.getId())));
        }
        HTMLElement wayChoice = Dom.element("fieldset", "choice", Dom.text("legend", "", MeasureTexts.WAYS));
        for (String mode : PlaygroundState.MODES) {
            HTMLInputElement box = box("benchmark-way-" + mode, true);
            ways.put(mode, box);
            wayChoice.appendChild(Dom.element("span", "choice__one", box, Dom.label(MeasureTexts.mode(mode), box.getId())));
        }
        start = Dom.button("button button--primary", MeasureTexts.START, this::start);
        start.setId("benchmark-start");
        start.setAttribute("aria-describedby", "benchmark-size benchmark-blocked");
        element = Dom.element("div", "", Dom.element("div", "measure-grid",
                Dom.element("div", "field", Dom.label(MeasureTexts.SOURCE, "benchmark-source"), source), fileField,
                Dom.element("div", "field", Dom.label(MeasureTexts.COUNT, "benchmark-count"), count),
                Dom.element("div", "field", Dom.label(MeasureTexts.STEPS, "benchmark-steps"), steps,
                        Dom.withId(Dom.text("p", "hint", MeasureTexts.STEPS_HINT), "benchmark-steps-hint")),
                depthChoice, wayChoice), takes, Dom.element("div", "row", start, size));
        tellSize();
    }

    private HTMLInputElement box(String id, boolean on) {
        HTMLInputElement box = Dom.input("checkbox", id);
        box.setChecked(on);
        Dom.listen(box, "change", this::tellSize);
        return box;
    }

    HTMLElement element() {
        return element;
    }

    void render(boolean possible) {
        Dom.enable(start, possible && !reading);
        Dom.setText(takes, state.team() == null || state.conditionsError() != null ? ""
                : MeasureTexts.takes(MeasureTexts.conditions(state.conditions())));
    }

    private List<Setting> settings() {
        List<Integer> chosen = new ArrayList<>();
        for (int i = 0; i < depths.size(); i++) {
            if (depths.get(i).isChecked()) {
                chosen.add(i + 1);
            }
        }
        boolean latent = ways.get(Mode.LATENT).isChecked();
        return BenchmarkPlan.settings(chosen, latent ? BenchmarkPlan.steps(steps.getValue()) : List.of(), latent,
                ways.get(Mode.TEXT).isChecked(), ways.get(Mode.SINGLE).isChecked());
    }

    /** How many problems are wanted. @throws IllegalArgumentException for people */
    private int wanted() {
        int wanted = BenchmarkPlan.wholeNumber(count.getValue().strip());
        if (wanted < 1 || wanted > BenchmarkPlan.MAX_PROBLEMS) {
            throw new IllegalArgumentException(MeasureTexts.COUNT + ": 1 to " + BenchmarkPlan.MAX_PROBLEMS + ".");
        }
        return wanted;
    }

    private void tellSize() {
        Dom.show(fileField, source.getValue().equals("file"));
        try {
            Dom.setText(size, MeasureTexts.runs(settings().size() * wanted()));
            size.setClassName("hint");
        } catch (FormatException | IllegalArgumentException e) {
            Dom.setText(size, e.getMessage());
            size.setClassName("hint hint--error");
        }
    }

    private void start() {
        try {
            int wanted = wanted();
            List<Setting> settings = settings();
            if (state.conditionsError() != null) {
                throw new IllegalArgumentException(state.conditionsError());
            }
            for (Setting setting : settings) {
                String refused = setting.mode().equals(Mode.LATENT)
                        ? state.latentRefused(setting.rounds(), setting.latentSteps()) : null;
                if (refused != null) {
                    throw new IllegalArgumentException(refused);
                }
            }
            reading = true;
            if (source.getValue().equals("site")) {
                Files.fetch(TASKS, (name, text, why) -> begin(name, text, why, wanted, settings));
            } else if (hasFile(file)) {
                Files.read(file, ProblemFile.MAX_CHARACTERS, (name, text, why) -> begin(name, text, why, wanted, settings));
            } else {
                throw new IllegalArgumentException(MeasureTexts.NO_FILE);
            }
        } catch (FormatException | IllegalArgumentException e) {
            reading = false;
            benchmarks.refuse(e.getMessage());
        }
    }

    private void begin(String name, String text, String why, int wanted, List<Setting> settings) {
        reading = false;
        if (text == null) {
            benchmarks.refuse(MeasureTexts.unreadable(name, why));
            return;
        }
        try {
            List<Problem> problems = ProblemFile.read(text, name, json::parse, wanted);
            benchmarks.begin(new BenchmarkPlan(identity.next(), identity.now(), state.team().id, teamAddress(), name,
                    problems, settings, state.conditions()));
        } catch (FormatException | IllegalArgumentException e) {
            benchmarks.refuse(e.getMessage());
        }
    }

    @JSBody(params = "input", script = "return !!(input.files && input.files.length);")
    private static native boolean hasFile(HTMLInputElement input);

    /** What the page's address says about the team, or empty for the site's own. */
    @JSBody(script = "return new URLSearchParams(location.search).get('team') || '';")
    private static native String teamAddress();
}
