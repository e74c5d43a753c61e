package org.recursivemas.ui.measure;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.recursivemas.measure.Benchmark;
import org.recursivemas.measure.Curve;
import org.recursivemas.measure.Tally;
import org.recursivemas.team.Mode;
import org.recursivemas.ui.Dom;
import org.recursivemas.ui.Numbers;
import org.teavm.jso.browser.Window;
import org.teavm.jso.dom.html.HTMLElement;
import org.teavm.jso.dom.html.HTMLSelectElement;

/** Accuracy and cost of a benchmark against depth and latent steps, each as a chart with its table. */
final class BenchmarkCharts {
    /** Charts of a benchmark that runs are drawn anew no more often. */
    private static final int MILLIS_BETWEEN = 700;
    private static final int COLOURS = 6;

    /** One chart: what is on its axes, and where it is. */
    private final class Panel {
        final boolean accuracy;
        final boolean depth;
        final HTMLElement title = Dom.text("h4", "", "");
        final HTMLElement holder = Dom.element("div", "chart__plot");
        final HTMLElement table = Dom.element("div", "");
        final HTMLElement element;

        Panel(boolean accuracy, boolean depth) {
            this.accuracy = accuracy;
            this.depth = depth;
            holder.setAttribute("role", "img");
            element = Dom.element("figure", "chart", title, holder,
                    Dom.element("details", "", Dom.text("summary", "", MeasureTexts.CHART_TABLE), table));
            element.setId("chart-" + (accuracy ? "accuracy" : "cost") + "-" + (depth ? "depth" : "steps"));
        }

        void draw(Benchmark benchmark) {
            List<Integer> axis = Curve.axis(benchmark.plan(), depth);
            List<Curve> curves = axis.isEmpty() ? List.of() : Curve.of(benchmark, depth);
            Dom.show(element, !curves.isEmpty());
            if (curves.isEmpty()) {
                return;
            }
            String axisName = depth ? MeasureTexts.AXIS_DEPTH : MeasureTexts.AXIS_STEPS;
            String name = MeasureTexts.chart(unit(accuracy), axisName);
            Dom.setText(title, name);
            Dom.setAttribute(holder, "aria-label", name);
            Dom.clear(table);
            table.appendChild(table(element.getId() + "-table", name, axisName, axis, curves));
            if (ready) {
                Charts.draw(holder, json.write(spec(axisName, axis, curves), false));
            }
        }

        private HTMLElement table(String id, String name, String axisName, List<Integer> axis, List<Curve> curves) {
            String[] columns = new String[curves.size() + 1];
            columns[0] = axisName;
            for (int i = 0; i < curves.size(); i++) {
                columns[i + 1] = MeasureTexts.curve(curves.get(i), depth);
            }
            List<String[]> rows = new ArrayList<>();
            for (int x = 0; x < axis.size(); x++) {
                String[] row = new String[columns.length];
                row[0] = Integer.toString(axis.get(x));
                for (int i = 0; i < curves.size(); i++) {
                    Tally point = curves.get(i).points().get(x);
                    row[i + 1] = point == null ? MeasureTexts.NONE
                            : Numbers.fixed(value(point), accuracy || cost() < 2 ? 1 : 2);
                }
                rows.add(row);
            }
            return Tables.table(id, name, columns, 1, rows);
        }

        private double value(Tally tally) {
            return accuracy ? 100 * tally.accuracy()
                    : cost() == 0 ? tally.tokens() : cost() == 1 ? tally.positions() : tally.seconds();
        }

        private Map<String, Object> spec(String axisName, List<Integer> axis, List<Curve> curves) {
            Map<String, Object> spec = new LinkedHashMap<>();
            spec.put("x", axis);
            spec.put("x_label", axisName);
            spec.put("y_label", unit(accuracy));
            spec.put("top", accuracy ? 100 : null);
            List<Object> lines = new ArrayList<>();
            int latent = 0;
            for (Curve curve : curves) {
                Map<String, Object> line = new LinkedHashMap<>();
                line.put("label", MeasureTexts.curve(curve, depth));
                boolean isLatent = curve.mode().equals(Mode.LATENT);
                line.put("colour", isLatent ? "--series-" + (latent++ % COLOURS + 1) : "--" + curve.mode());
                line.put("dash", isLatent ? null : List.of(6, 4));
                List<Object> values = new ArrayList<>();
                List<Object> lows = new ArrayList<>();
                List<Object> highs = new ArrayList<>();
                for (Tally point : curve.points()) {
                    values.add(point == null ? null : value(point));
                    lows.add(point == null ? null : 100 * point.interval().low());
                    highs.add(point == null ? null : 100 * point.interval().high());
                }
                line.put("y", values);
                line.put("low", accuracy ? lows : null);
                line.put("high", accuracy ? highs : null);
                lines.add(line);
            }
            spec.put("lines", lines);
            return spec;
        }
    }

    private final Json json;
    private final List<Panel> panels = new ArrayList<>();
    private final HTMLSelectElement cost = (HTMLSelectElement) Dom.element("select", "");
    private final HTMLElement fault = Dom.withId(Dom.text("p", "hint hint--error", ""), "charts-fault");
    private final HTMLElement element;
    private Benchmark shown;
    private boolean asked;
    private boolean ready;
    private boolean pending;
    private boolean again;

    BenchmarkCharts(Json json) {
        this.json = json;
        cost.setId("benchmark-cost");
        for (int i = 0; i < MeasureTexts.COSTS.size(); i++) {
            cost.appendChild(Dom.with(Dom.text("option", "", MeasureTexts.COSTS.get(i)), "value", Integer.toString(i)));
        }
        Dom.listen(cost, "change", this::draw);
        HTMLElement grid = Dom.element("div", "charts");
        for (boolean accuracy : new boolean[] {true, false}) {
            for (boolean depth : new boolean[] {false, true}) {
                Panel panel = new Panel(accuracy, depth);
                panels.add(panel);
                grid.appendChild(panel.element);
            }
        }
        element = Dom.element("div", "", Dom.element("div", "field", Dom.label(MeasureTexts.COST, "benchmark-cost"), cost),
                fault, grid);
        Charts.onColours(this::draw);
    }

    private int cost() {
        return Integer.parseInt(cost.getValue());
    }

    private String unit(boolean accuracy) {
        return accuracy ? MeasureTexts.ACCURACY : MeasureTexts.COSTS.get(cost());
    }

    HTMLElement element() {
        return element;
    }

    /** Shows what is finished of a benchmark, soon. */
    void show(Benchmark benchmark) {
        boolean other = benchmark != shown;
        shown = benchmark;
        if (pending && !other) {
            again = true;
            return;
        }
        draw();
        pending = true;
        Window.setTimeout(() -> {
            pending = false;
            if (again) {
                again = false;
                show(shown);
            }
        }, MILLIS_BETWEEN);
    }

    private void draw() {
        boolean any = shown != null && shown.done() > 0;
        Dom.show(element, any);
        if (!any) {
            return;
        }
        if (!asked) {
            asked = true;
            Charts.load(why -> {
                ready = why == null;
                Dom.setText(fault, why == null ? "" : MeasureTexts.chartsMissing(why));
                draw();
            });
        }
        panels.forEach(panel -> panel.draw(shown));
    }
}
