package org.recursivemas.ui.measure;

import java.util.ArrayList;
import java.util.List;
import org.recursivemas.data.ModeReport;
import org.recursivemas.data.RunReport;
import org.recursivemas.measure.ReportDiff;
import org.recursivemas.measure.Setting;
import org.recursivemas.measure.SharedSetup;
import org.recursivemas.ui.Dom;
import org.recursivemas.ui.Numbers;
import org.recursivemas.ui.PlaygroundController;
import org.recursivemas.ui.PlaygroundState;
import org.recursivemas.ui.View;
import org.recursivemas.ui.inside.InsideTexts;
import org.recursivemas.ui.retrieval.CandidatesTable;
import org.teavm.jso.dom.html.HTMLButtonElement;
import org.teavm.jso.dom.html.HTMLElement;

/** One run of the history: what it was, and what can be done with it. */
final class RunDetail implements View {
    private final History history;
    private final Replaying replaying;
    private final PlaygroundController controller;
    private final Json json;
    private final HTMLElement facts = Dom.element("div", "");
    private final HTMLElement found = Dom.withId(Dom.element("div", ""), "replay-found");
    private final HTMLElement said = Dom.withId(Dom.text("p", "status", ""), "replay-status");
    private final HTMLElement blocked = Dom.withId(Dom.text("p", "hint", ""), "replay-blocked");
    private final HTMLButtonElement replay;
    private final HTMLButtonElement use;
    private final HTMLElement element;
    private RunReport shown;
    private int shownReplay = -1;

    RunDetail(History history, Replaying replaying, PlaygroundController controller, Json json) {
        this.history = history;
        this.replaying = replaying;
        this.controller = controller;
        this.json = json;
        replay = Dom.button("button button--primary", MeasureTexts.REPLAY, () -> replaying.start(history.report()));
        replay.setId("run-replay");
        replay.setAttribute("aria-describedby", "replay-blocked");
        use = Dom.button("button", MeasureTexts.USE, this::use);
        use.setId("run-use");
        HTMLButtonElement export = Dom.button("button", MeasureTexts.EXPORT, this::export);
        export.setId("run-export");
        HTMLButtonElement close = Dom.button("button", MeasureTexts.CLOSE, history::close);
        said.setAttribute("role", "status");
        element = Dom.withId(Dom.element("div", "run-detail", facts,
                Dom.element("div", "row", replay, use, export, close), blocked, said, found), "run-detail");
    }

    private void export() {
        RunReport report = history.report();
        Files.save("recursivemas-" + Files.plain(report.team == null ? "" : report.team) + "-"
                + Files.plain(history.open().id()) + ".json", "application/json",
                json.write(json.parse(json.write(report)), true));
    }

    private void use() {
        RunReport report = history.report();
        int rounds = 1;
        int steps = 0;
        int retrieval = 0;
        double stopEarly = 0;
        List<String> ways = new ArrayList<>();
        for (ModeReport mode : report.modes) {
            rounds = Math.max(rounds, mode.rounds);
            steps = Math.max(steps, mode.latentSteps);
            retrieval = Math.max(retrieval, mode.retrieval);
            stopEarly = Math.max(stopEarly, mode.stopEarly);
            if (!ways.contains(mode.mode)) {
                ways.add(mode.mode);
            }
        }
        controller.restore(new SharedSetup(report.problem, report.expected, rounds, steps, report.temperature, report.seed,
                ways, report.systems, report.links, report.topP, report.answers, retrieval, stopEarly,
                report.search));
        Dom.setText(said, MeasureTexts.TAKEN);
    }

    @Override
    public HTMLElement element() {
        return element;
    }

    @Override
    public void render(PlaygroundState state) {
        RunReport report = history.report();
        Dom.show(element, report != null);
        if (report != shown) {
            shown = report;
            shownReplay = -1;
            Dom.clear(facts);
            if (report != null) {
                show(report);
            }
        }
        if (report == null) {
            return;
        }
        String reason = replaying.blocked();
        Dom.enable(replay, reason == null);
        Dom.enable(use, state.team() != null);
        Dom.setText(blocked, reason == null ? "" : reason);
        if (shownReplay != replaying.version()) {
            shownReplay = replaying.version();
            Dom.clear(found);
            boolean own = replaying.recorded() == report;
            Dom.setText(said, own ? replaying.said() : "");
            if (own && replaying.diff() != null) {
                show(replaying.diff());
            }
        }
    }

    private void show(RunReport report) {
        facts.appendChild(Dom.withId(Dom.text("h3", "", HistoryView.localTime(history.open().created())), "run-title"));
        facts.appendChild(Dom.withId(Dom.text("p", "run-detail__problem", report.problem), "run-problem"));
        facts.appendChild(Dom.text("p", "hint", "Team " + (report.team == null ? MeasureTexts.NONE : report.team)
                + ", temperature " + Numbers.fixed(report.temperature, 1) + ", top-p " + Numbers.fixed(report.topP, 2)
                + ", seed " + report.seed + (report.answers == 1 ? "" : ", " + report.answers + " answers")
                + (report.expected == null ? "" : ", expected answer " + report.expected)));
        report.links.forEach((link, swap) -> facts.appendChild(
                Dom.text("p", "hint", InsideTexts.linkName(link) + ": " + InsideTexts.swap(swap))));
        List<String[]> rows = new ArrayList<>();
        for (ModeReport mode : report.modes) {
            rows.add(new String[] {MeasureTexts.way(Setting.of(mode)),
                mode.answer.isEmpty() ? MeasureTexts.NONE : mode.answer, Tables.marked(mode),
                Numbers.count(mode.decodedTokens), Numbers.count(mode.positions), Numbers.seconds(mode.millis),
                mode.finish});
        }
        facts.appendChild(Tables.table("run-table", MeasureTexts.WAYS_CAPTION, MeasureTexts.WAY_COLUMNS, 3, rows));
        for (ModeReport mode : report.modes) {
            facts.appendChild(Dom.element("details", "", Dom.text("summary", "",
                    MeasureTexts.OUTPUT + ": " + MeasureTexts.way(Setting.of(mode))),
                    Dom.text("pre", "output", mode.text),
                    CandidatesTable.of("run-candidates-" + report.modes.indexOf(mode), mode.retrieval, mode.stages, agent -> agent)));
        }
    }

    private void show(ReportDiff diff) {
        if (!diff.changedArtifacts().isEmpty()) {
            found.appendChild(Dom.withId(Dom.text("p", "notice", MeasureTexts.otherFiles(diff.changedArtifacts())),
                    "replay-files"));
        }
        if (!diff.changedEnvironment().isEmpty()) {
            found.appendChild(Dom.text("p", "notice", MeasureTexts.otherDevice(diff.changedEnvironment())));
        }
        List<String[]> rows = new ArrayList<>();
        for (ReportDiff.Difference difference : diff.differences()) {
            rows.add(new String[] {difference.way().isEmpty() ? MeasureTexts.NONE : MeasureTexts.way(difference.way()),
                difference.field(), value(difference.recorded()), value(difference.repeated())});
        }
        if (!rows.isEmpty()) {
            found.appendChild(Tables.table("replay-table", MeasureTexts.DIFF_CAPTION, MeasureTexts.DIFF_COLUMNS, 9, rows));
        }
    }

    private static String value(String text) {
        return text == null ? MeasureTexts.NONE : text;
    }
}
