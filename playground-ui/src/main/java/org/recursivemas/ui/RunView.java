package org.recursivemas.ui;

import java.util.LinkedHashMap;
import java.util.Map;
import org.recursivemas.data.AgentSpec;
import org.recursivemas.data.Team;
import org.teavm.jso.dom.html.HTMLButtonElement;
import org.teavm.jso.dom.html.HTMLElement;
import org.teavm.jso.dom.html.HTMLInputElement;

/** Run, Stop, Load, what is going on, and how far each model's download and compilation are. */
final class RunView implements View {
    private static final class Bar {
        HTMLElement progress;
        HTMLElement text;
    }

    private final HTMLButtonElement run;
    private final HTMLButtonElement stop;
    private final HTMLButtonElement load;
    private final HTMLButtonElement restart;
    private final HTMLInputElement stepwise = Dom.input("checkbox", "stepwise");
    private final HTMLButtonElement next;
    private final HTMLButtonElement runOn;
    private final HTMLElement blocked = Dom.withId(Dom.text("p", "hint", ""), "run-blocked");
    private final HTMLElement status = Dom.withId(Dom.text("p", "status", ""), "status");
    private final HTMLElement ready = Dom.withId(Dom.text("span", "tag", ""), "models-ready");
    private final HTMLElement list = Dom.element("ul", "bars");
    private final HTMLElement models;
    private final HTMLElement element;
    private final Map<String, Bar> bars = new LinkedHashMap<>();
    private Team shown;

    RunView(PlaygroundController controller) {
        run = Dom.button("button button--primary", Texts.RUN, controller::run);
        run.setId("run");
        run.setAttribute("aria-describedby", "run-blocked");
        stop = Dom.button("button", Texts.STOP, controller::stop);
        stop.setId("stop");
        load = Dom.button("button", Texts.LOAD, controller::load);
        load.setId("load");
        restart = Dom.button("button", Texts.RESTART, controller::restart);
        restart.setId("restart");
        stepwise.setAttribute("aria-describedby", "stepwise-hint");
        Dom.listen(stepwise, "change", () -> controller.setStepwise(stepwise.isChecked()));
        next = Dom.button("button button--primary", Texts.NEXT_STAGE, () -> controller.proceed(false));
        next.setId("next-stage");
        runOn = Dom.button("button", Texts.RUN_ON, () -> controller.proceed(true));
        runOn.setId("run-on");
        HTMLElement stages = Dom.element("div", "row", Dom.element("div", "mode", stepwise,
                Dom.label(Texts.STEPWISE_LABEL, "stepwise"),
                Dom.withId(Dom.text("span", "hint", Texts.STEPWISE_HINT), "stepwise-hint")), next, runOn);
        status.setAttribute("role", "status");
        models = Dom.withId(Dom.element("div", "models", Dom.text("h3", "", Texts.PROGRESS_TITLE), list), "models");
        element = Dom.withId(Dom.element("div", "panel runbar",
                Dom.element("div", "row", run, stop, load, restart, status, ready), stages, blocked, models), "runbar");
    }

    @Override
    public HTMLElement element() {
        return element;
    }

    @Override
    public void render(PlaygroundState state) {
        String reason = state.runBlocked();
        Dom.enable(run, reason == null);
        Dom.setText(blocked, reason == null ? "" : reason);
        Dom.show(blocked, reason != null);
        Dom.enable(stop, state.canStop());
        if (stepwise.isChecked() != state.stepwise()) {
            stepwise.setChecked(state.stepwise());
        }
        Dom.show(next, state.halted() != null);
        Dom.show(runOn, state.halted() != null);
        Dom.enable(load, state.canLoad());
        Dom.show(restart, state.canRestart());
        Dom.show(load, !state.modelsReady() && state.unavailable() == null);
        Dom.setText(ready, state.modelsReady() ? Texts.readyTag(state.readyMillis()) : "");
        Dom.show(ready, state.modelsReady());
        Dom.setText(status, state.status());
        if (state.team() != null && state.team() != shown) {
            build(state);
        }
        boolean any = false;
        for (Map.Entry<String, Bar> entry : bars.entrySet()) {
            PlaygroundState.Progress progress = state.progress(entry.getKey());
            int percent = progress == null ? 0 : Numbers.percent(progress.fraction());
            Dom.setAttribute(entry.getValue().progress, "value", Integer.toString(percent));
            Dom.setText(entry.getValue().text, progress == null ? "" : percent + " % \u2013 " + progress.text());
            any |= progress != null;
        }
        Dom.show(models, any && !state.modelsReady());
    }

    private void build(PlaygroundState state) {
        shown = state.team();
        Dom.clear(list);
        bars.clear();
        for (AgentSpec agent : shown.agents) {
            String title = state.agentTitle(agent.id);
            Bar bar = new Bar();
            bar.progress = Dom.element("progress", "");
            Dom.with(bar.progress, "max", "100", "value", "0", "aria-label", Texts.progressLabel(title));
            bar.text = Dom.text("span", "hint bar__text", "");
            list.appendChild(Dom.element("li", "bar", Dom.text("span", "bar__agent", title), bar.progress, bar.text));
            bars.put(agent.id, bar);
        }
    }
}
