package org.recursivemas.ui;

import java.util.LinkedHashMap;
import java.util.Map;
import org.recursivemas.playground.RunRequest;
import org.recursivemas.ui.retrieval.RetrievalTexts;
import org.teavm.jso.dom.html.HTMLElement;
import org.teavm.jso.dom.html.HTMLInputElement;

/** Depth, latent steps, sampling, number of answers, seed, and which ways of answering to run. */
final class SettingsView implements View {
    /** A slider with its value beside it. */
    private static final class Slider {
        final HTMLInputElement input;
        final HTMLElement output;
        final HTMLElement hint;
        final HTMLElement field;

        Slider(String id, String label, String hint, String min, String max, String step) {
            input = Dom.input("range", id);
            Dom.with(input, "min", min, "max", max, "step", step, "aria-describedby", id + "-hint");
            output = Dom.withId(Dom.text("output", "slider__value", ""), id + "-value");
            output.setAttribute("for", id);
            this.hint = Dom.withId(Dom.text("p", "hint", hint), id + "-hint");
            field = Dom.element("div", "field", Dom.element("div", "slider__head", Dom.label(label, id), output), input,
                    this.hint);
        }

        void render(String value) {
            render(value, Numbers.shown(value));
        }

        /** @param meaning what stands beside it instead of the value */
        void render(String value, String meaning) {
            if (!value.equals(input.getValue())) {
                input.setValue(value);
            }
            Dom.setText(output, meaning);
            Dom.setAttribute(input, "aria-valuetext", meaning.equals(value) ? null : meaning);
        }
    }

    private final Slider rounds;
    private final Slider steps;
    private final Slider temperature;
    private final Slider topP;
    private final Slider answers;
    private final Slider retrieval;
    private final HTMLInputElement stopEarly = Dom.input("checkbox", "stop-early");
    private final Slider alike;
    private final HTMLInputElement seed;
    private final HTMLElement seedError;
    private final Map<String, HTMLInputElement> modes = new LinkedHashMap<>();
    private final Map<String, HTMLElement> hints = new LinkedHashMap<>();
    private final HTMLElement element;

    SettingsView(PlaygroundController controller) {
        rounds = new Slider("rounds", Texts.ROUNDS_LABEL, Texts.ROUNDS_HINT,
                Integer.toString(PlaygroundState.MIN_ROUNDS), Integer.toString(PlaygroundState.MAX_ROUNDS), "1");
        Dom.listen(rounds.input, "input", () -> controller.setRounds(Integer.parseInt(rounds.input.getValue())));
        steps = new Slider("latent-steps", Texts.STEPS_LABEL, Texts.STEPS_HINT, "0",
                Integer.toString(PlaygroundState.MAX_LATENT_STEPS), "1");
        Dom.listen(steps.input, "input", () -> controller.setLatentSteps(Integer.parseInt(steps.input.getValue())));
        temperature = new Slider("temperature", Texts.TEMPERATURE_LABEL, Texts.TEMPERATURE_HINT, "0", "2", "0.1");
        Dom.listen(temperature.input, "input",
                () -> controller.setTemperature(Double.parseDouble(temperature.input.getValue())));

        topP = new Slider("top-p", Texts.TOP_P_LABEL, Texts.TOP_P_HINT, Numbers.plain(PlaygroundState.MIN_TOP_P, 2), "1",
                "0.05");
        Dom.listen(topP.input, "input", () -> controller.setTopP(Double.parseDouble(topP.input.getValue())));
        answers = new Slider("answers", Texts.ANSWERS_LABEL, Texts.ANSWERS_HINT, "1",
                Integer.toString(RunRequest.MOST_ANSWERS), "1");
        Dom.listen(answers.input, "input", () -> controller.setAnswers(Integer.parseInt(answers.input.getValue())));

        retrieval = new Slider("retrieval", RetrievalTexts.LABEL, RetrievalTexts.HINT, "0",
                Integer.toString(RunRequest.MOST_RETRIEVED), "1");
        Dom.listen(retrieval.input, "input", () -> controller.setRetrieval(Integer.parseInt(retrieval.input.getValue())));

        seed = Dom.input("text", "seed");
        Dom.with(seed, "inputmode", "numeric", "autocomplete", "off", "aria-describedby", "seed-hint seed-error");
        Dom.listen(seed, "input", () -> controller.editSeed(seed.getValue()));
        seedError = Dom.withId(Dom.text("p", "hint hint--error", ""), "seed-error");
        seedError.setAttribute("role", "alert");
        HTMLElement seedField = Dom.element("div", "field", Dom.label(Texts.SEED_LABEL, "seed"), seed,
                Dom.withId(Dom.text("p", "hint", Texts.SEED_HINT), "seed-hint"), seedError);

        stopEarly.setAttribute("aria-describedby", "stop-early-hint");
        Dom.listen(stopEarly, "change", () -> controller.stopEarly(stopEarly.isChecked()));
        alike = new Slider("alike-from", Texts.ALIKE_LABEL, Texts.ALIKE_HINT,
                Numbers.plain(PlaygroundState.MIN_ALIKE, 1), "1", "0.001");
        Dom.listen(alike.input, "input", () -> controller.setAlike(Double.parseDouble(alike.input.getValue())));
        HTMLElement early = Dom.element("div", "field", Dom.element("div", "mode", stopEarly,
                Dom.label(Texts.STOP_EARLY_LABEL, "stop-early"),
                Dom.withId(Dom.text("span", "hint", Texts.STOP_EARLY_HINT), "stop-early-hint")), alike.field);

        HTMLElement choice = Dom.element("fieldset", "modes", Dom.text("legend", "", Texts.MODES_LABEL));
        for (String mode : PlaygroundState.MODES) {
            HTMLInputElement box = Dom.input("checkbox", "mode-" + mode);
            box.setAttribute("aria-describedby", "mode-" + mode + "-hint");
            Dom.listen(box, "change", () -> controller.choose(mode, box.isChecked()));
            modes.put(mode, box);
            HTMLElement hint = Dom.withId(Dom.text("span", "hint", Texts.modeHint(mode)), "mode-" + mode + "-hint");
            hints.put(mode, hint);
            choice.appendChild(Dom.element("div", "mode mode--" + mode, box,
                    Dom.label(Texts.modeTitle(mode), "mode-" + mode),
                    hint));
        }
        element = Dom.section("settings", Texts.SETTINGS_TITLE,
                Dom.element("div", "settings__grid", rounds.field, steps.field, temperature.field, topP.field,
                        answers.field, seedField, retrieval.field, early), choice);
    }

    /** Without zeros behind the point, as the browser writes a slider's value. */
    private static String plain(String number) {
        int end = number.length();
        while (number.charAt(end - 1) == '0' && number.indexOf('.') >= 0) {
            end--;
        }
        return number.substring(0, number.charAt(end - 1) == '.' ? end - 1 : end);
    }

    @Override
    public HTMLElement element() {
        return element;
    }

    @Override
    public void render(PlaygroundState state) {
        rounds.render(Integer.toString(state.rounds()));
        steps.render(Integer.toString(state.latentSteps()));
        String own = state.ownSteps();
        Dom.setText(steps.hint, own.isEmpty() ? Texts.STEPS_HINT : Texts.STEPS_HINT + Texts.OWN_STEPS + own + ".");
        temperature.render(plain(Numbers.plain(state.temperature(), 1)));
        topP.render(plain(Numbers.plain(state.topP(), 2)));
        if (stopEarly.isChecked() != state.stopsEarly()) {
            stopEarly.setChecked(state.stopsEarly());
        }
        Dom.show(alike.field, state.stopsEarly());
        alike.render(plain(Numbers.plain(state.alike(), 3)));
        String messages = Integer.toString(state.retrieval());
        retrieval.render(messages, state.retrieval() == 0 ? RetrievalTexts.OFF : messages);
        answers.render(Integer.toString(state.answers()));
        if (!state.seedText().equals(seed.getValue())) {
            seed.setValue(state.seedText());
        }
        String wrong = state.seedError();
        Dom.setAttribute(seed, "aria-invalid", wrong == null ? null : "true");
        Dom.setText(seedError, wrong == null ? "" : wrong);
        for (String mode : PlaygroundState.MODES) {
            String refused = state.refused(mode);
            boolean on = state.isChosen(mode) && refused == null;
            if (modes.get(mode).isChecked() != on) {
                modes.get(mode).setChecked(on);
            }
            Dom.enable(modes.get(mode), refused == null);
            Dom.setText(hints.get(mode), refused == null ? Texts.modeHint(mode) : refused);
        }
    }
}
