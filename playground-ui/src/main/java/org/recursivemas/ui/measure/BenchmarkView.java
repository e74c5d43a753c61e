package org.recursivemas.ui.measure;

import java.util.ArrayList;
import java.util.List;
import org.recursivemas.measure.Benchmark;
import org.recursivemas.measure.BenchmarkCsv;
import org.recursivemas.measure.BenchmarkPlan;
import org.recursivemas.measure.Tally;
import org.recursivemas.ui.Dom;
import org.recursivemas.ui.PlaygroundState;
import org.recursivemas.ui.View;
import org.teavm.jso.dom.html.HTMLButtonElement;
import org.teavm.jso.dom.html.HTMLElement;

/** A benchmark: what to run, how far it is, what came out, and the ones that were kept. */
final class BenchmarkView implements View {
    private final Benchmarks benchmarks;
    private final Json json;
    private final BenchmarkForm form;
    private final BenchmarkCharts charts;
    private final HTMLButtonElement stop;
    private final HTMLButtonElement resume;
    private final HTMLElement blocked = Dom.withId(Dom.text("p", "hint", ""), "benchmark-blocked");
    private final HTMLElement fault = Dom.withId(Dom.text("p", "hint hint--error", ""), "benchmark-fault");
    private final HTMLElement fleeting = Dom.withId(Dom.text("p", "notice", ""), "benchmark-fleeting");
    private final HTMLElement conditions = Dom.withId(Dom.text("p", "hint", ""), "benchmark-conditions");
    private final HTMLElement said = Dom.withId(Dom.text("p", "status", ""), "benchmark-status");
    private final HTMLElement bar = Dom.element("progress", "");
    private final HTMLElement progress = Dom.withId(Dom.text("span", "hint", ""), "benchmark-progress");
    private final HTMLElement title = Dom.withId(Dom.text("h3", "", ""), "benchmark-title-open");
    private final HTMLElement results = Dom.element("div", "");
    private final HTMLElement opened;
    private final HTMLElement list = Dom.withId(Dom.element("ul", "kept"), "benchmark-kept");
    private final HTMLElement kept;
    private final HTMLElement element;
    private int shown = -1;

    BenchmarkView(Benchmarks benchmarks, BenchmarkForm form, Json json) {
        this.benchmarks = benchmarks;
        this.json = json;
        this.form = form;
        charts = new BenchmarkCharts(json);
        stop = button("benchmark-stop", MeasureTexts.STOP, benchmarks::stop);
        resume = button("benchmark-resume", MeasureTexts.RESUME, benchmarks::resume);
        said.setAttribute("role", "status");
        fault.setAttribute("role", "alert");
        Dom.with(bar, "aria-label", MeasureTexts.BENCHMARK_TITLE, "value", "0", "max", "1");
        opened = Dom.withId(Dom.element("div", "benchmark-open", title, conditions,
                Dom.element("div", "row", resume, stop, bar, progress), said, results, charts.element(),
                Dom.element("div", "row",
                        button("benchmark-csv", MeasureTexts.CSV, () -> save(".csv", "text/csv",
                                BenchmarkCsv.of(benchmarks.open()))),
                        button("benchmark-json", MeasureTexts.JSON, () -> save(".json", "application/json",
                                json.write(benchmarks.open().toTree(), true))),
                        button("benchmark-page", MeasureTexts.PAGE, () -> save(".html", "text/html",
                                ReportPage.of(benchmarks.open(),
                                        HistoryView.localTime(benchmarks.open().plan().created())))))),
                "benchmark-open");
        kept = Dom.element("div", "", Dom.text("h3", "", MeasureTexts.KEPT), list);
        element = Dom.section("benchmark", MeasureTexts.BENCHMARK_TITLE, Dom.text("p", "hint", MeasureTexts.BENCHMARK_HINT),
                fleeting, form.element(), blocked, fault, opened, kept);
    }

    private static HTMLButtonElement button(String id, String label, Runnable action) {
        HTMLButtonElement button = Dom.button("button", label, action);
        button.setId(id);
        return button;
    }

    private void save(String ending, String type, String text) {
        BenchmarkPlan plan = benchmarks.open().plan();
        Files.save("recursivemas-benchmark-" + Files.plain(plan.team()) + "-" + Files.plain(plan.id()) + ending, type, text);
    }

    @Override
    public HTMLElement element() {
        return element;
    }

    @Override
    public void render(PlaygroundState state) {
        String reason = benchmarks.startBlocked();
        boolean running = benchmarks.running();
        form.render(reason == null && state.team() != null);
        Dom.setText(blocked, reason == null || running ? "" : reason);
        Dom.enable(stop, running && !benchmarks.stopping());
        Dom.show(stop, running);
        Dom.show(resume, !running);
        Dom.enable(resume, benchmarks.resumeBlocked() == null);
        if (shown != benchmarks.version()) {
            shown = benchmarks.version();
            show();
        }
    }

    private void show() {
        Dom.setText(fault, benchmarks.fault() == null ? "" : benchmarks.fault());
        Dom.setText(fleeting, benchmarks.fleeting() == null ? "" : benchmarks.fleeting());
        Dom.show(fleeting, benchmarks.fleeting() != null);
        Benchmark open = benchmarks.open();
        Dom.show(opened, open != null);
        if (open != null) {
            Dom.setText(title, title(open));
            Dom.setText(conditions, MeasureTexts.conditions(open.plan().conditions()));
            Dom.setAttribute(bar, "value", Integer.toString(open.done()));
            Dom.setAttribute(bar, "max", Integer.toString(open.total()));
            Dom.setText(progress, MeasureTexts.progress(open.done(), open.total()));
            Dom.setText(said, benchmarks.running() ? benchmarks.stopping() ? MeasureTexts.STOPPING
                    : MeasureTexts.BENCHMARKING : benchmarks.said());
            Dom.clear(results);
            List<String[]> rows = new ArrayList<>();
            for (Tally tally : open.tallies()) {
                rows.add(Tables.tally(tally));
            }
            if (!rows.isEmpty()) {
                results.appendChild(Tables.table("benchmark-table", MeasureTexts.RESULTS_CAPTION,
                        MeasureTexts.RESULT_COLUMNS, 1, rows));
            }
        }
        charts.show(open);
        Dom.clear(list);
        for (Benchmark benchmark : benchmarks.kept()) {
            list.appendChild(line(benchmark, benchmark == open));
        }
        Dom.show(kept, !benchmarks.kept().isEmpty());
    }

    private static String title(Benchmark benchmark) {
        BenchmarkPlan plan = benchmark.plan();
        return MeasureTexts.benchmarkTitle(plan.team(), plan.source(), plan.problems().size());
    }

    private HTMLElement line(Benchmark benchmark, boolean isOpen) {
        String when = HistoryView.localTime(benchmark.plan().created());
        HTMLButtonElement open = Dom.button("button button--small", MeasureTexts.OPEN, () -> benchmarks.open(benchmark));
        open.setAttribute("aria-label", MeasureTexts.OPEN + " " + when);
        Dom.enable(open, !isOpen && !benchmarks.running());
        HTMLButtonElement delete = Dom.button("button button--small", MeasureTexts.DELETE,
                () -> benchmarks.delete(benchmark));
        delete.setAttribute("aria-label", MeasureTexts.DELETE + " " + when);
        Dom.enable(delete, !isOpen || !benchmarks.running());
        return Dom.element("li", "row", Dom.text("span", "", when + ": " + title(benchmark) + ", "
                + MeasureTexts.progress(benchmark.done(), benchmark.total())), open, delete);
    }
}
