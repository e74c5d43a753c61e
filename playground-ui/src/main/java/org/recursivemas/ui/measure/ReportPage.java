package org.recursivemas.ui.measure;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.recursivemas.measure.Benchmark;
import org.recursivemas.measure.BenchmarkPlan;
import org.recursivemas.measure.Curve;
import org.recursivemas.measure.Tally;
import org.recursivemas.ui.Dom;
import org.recursivemas.ui.Numbers;
import org.teavm.jso.JSBody;
import org.teavm.jso.dom.html.HTMLElement;
import org.teavm.jso.dom.xml.Element;

/**
 * A benchmark as one HTML file without any script or reference. It is built of nodes and serialised by the browser, so
 * nothing that a person or a model wrote becomes markup.
 */
final class ReportPage {
    private static final String STYLE = "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;"
            + "padding:0 1rem;color:#191d27;background:#fff}table{border-collapse:collapse;margin:1rem 0;font-size:.9rem}"
            + "th,td{border-bottom:1px solid #d5d9e2;padding:.3rem .6rem;text-align:left}caption{text-align:left;"
            + "font-weight:600}.num{text-align:right}svg{max-width:100%;height:auto}code{font-size:.8rem;"
            + "overflow-wrap:anywhere}dd{margin:0 0 .4rem}";
    private static final String[] COLOURS = {"#4b3fc4", "#b3261e", "#0a6e69", "#93560a", "#7a2f86", "#2f6b1f", "#333333",
        "#00639a"};
    private static final int WIDTH = 640;
    private static final int HEIGHT = 300;
    private static final int EDGE = 46;

    private ReportPage() {
    }

    static String of(Benchmark benchmark, String when) {
        BenchmarkPlan plan = benchmark.plan();
        String title = MeasureTexts.benchmarkTitle(plan.team(), plan.source(), plan.problems().size());
        HTMLElement head = Dom.element("head", "");
        head.appendChild(Dom.with(Dom.element("meta", ""), "charset", "utf-8"));
        head.appendChild(Dom.with(Dom.element("meta", ""), "http-equiv", "Content-Security-Policy", "content",
                "default-src 'none'; style-src 'unsafe-inline'"));
        head.appendChild(Dom.with(Dom.element("meta", ""), "name", "viewport", "content", "width=device-width"));
        head.appendChild(Dom.text("title", "", title));
        head.appendChild(Dom.text("style", "", STYLE));
        HTMLElement body = Dom.element("body", "", Dom.text("h1", "", title), Dom.text("p", "", MeasureTexts.REPORT_INTRO),
                Dom.text("p", "", when + ". " + MeasureTexts.progress(benchmark.done(), benchmark.total())
                        + ". " + MeasureTexts.conditions(plan.conditions())));
        List<String[]> rows = new ArrayList<>();
        for (Tally tally : benchmark.tallies()) {
            rows.add(Tables.tally(tally));
        }
        body.appendChild(Tables.table("results", MeasureTexts.RESULTS_CAPTION, MeasureTexts.RESULT_COLUMNS, 1, rows));
        for (boolean depth : new boolean[] {false, true}) {
            chart(body, benchmark, depth);
        }
        facts(body, "Changed prompts", plan.conditions().systems());
        facts(body, "Swapped links", plan.conditions().links());
        facts(body, "Device", benchmark.environment());
        facts(body, "Files that took part (SHA-256)", benchmark.artifacts());
        HTMLElement page = Dom.element("html", "", head, body);
        page.setAttribute("lang", "en");
        return "<!DOCTYPE html>\n" + markup(page) + "\n";
    }

    private static void facts(HTMLElement body, String title, Map<String, String> facts) {
        if (facts.isEmpty()) {
            return;
        }
        body.appendChild(Dom.text("h2", "", title));
        HTMLElement list = Dom.element("dl", "");
        facts.forEach((name, value) -> {
            list.appendChild(Dom.text("dt", "", name));
            list.appendChild(Dom.element("dd", "", Dom.text("code", "", value)));
        });
        body.appendChild(list);
    }

    /** Accuracy against depth or latent steps, as a picture with its legend in words. */
    private static void chart(HTMLElement body, Benchmark benchmark, boolean depth) {
        List<Integer> axis = Curve.axis(benchmark.plan(), depth);
        List<Curve> curves = axis.size() < 2 ? List.of() : Curve.of(benchmark, depth);
        if (curves.isEmpty()) {
            return;
        }
        String name = MeasureTexts.chart(MeasureTexts.ACCURACY, depth ? MeasureTexts.AXIS_DEPTH : MeasureTexts.AXIS_STEPS);
        body.appendChild(Dom.text("h2", "", name));
        Element picture = Dom.with(Dom.svg("svg", ""), "viewBox", "0 0 " + WIDTH + " " + (HEIGHT + 20 * curves.size()),
                "width", Integer.toString(WIDTH), "role", "img", "aria-label", name);
        for (int percent = 0; percent <= 100; percent += 20) {
            String y = y(percent);
            picture.appendChild(Dom.with(Dom.svg("line", ""), "x1", Integer.toString(EDGE), "x2",
                    Integer.toString(WIDTH - EDGE), "y1", y, "y2", y, "stroke", "#d5d9e2"));
            picture.appendChild(label(8, y, percent + " %"));
        }
        for (int x = 0; x < axis.size(); x++) {
            picture.appendChild(label(x(axis, x) - 6, Integer.toString(HEIGHT - 14), Integer.toString(axis.get(x))));
        }
        for (int i = 0; i < curves.size(); i++) {
            curve(picture, curves.get(i), axis, COLOURS[i % COLOURS.length]);
            Element text = label(EDGE, Integer.toString(HEIGHT + 12 + 20 * i), MeasureTexts.curve(curves.get(i), depth));
            text.setAttribute("fill", COLOURS[i % COLOURS.length]);
            picture.appendChild(text);
        }
        body.appendChild(picture);
    }

    private static void curve(Element picture, Curve curve, List<Integer> axis, String colour) {
        StringBuilder line = new StringBuilder();
        for (int x = 0; x < axis.size(); x++) {
            Tally point = curve.points().get(x);
            if (point == null) {
                continue;
            }
            String across = Numbers.plain(x(axis, x), 1);
            String up = y(100 * point.accuracy());
            line.append(line.length() == 0 ? "" : " ").append(across).append(',').append(up);
            picture.appendChild(Dom.with(Dom.svg("circle", ""), "cx", across, "cy", up, "r", "3.5", "fill", colour));
            picture.appendChild(Dom.with(Dom.svg("line", ""), "x1", across, "x2", across, "y1",
                    y(100 * point.interval().low()), "y2", y(100 * point.interval().high()), "stroke", colour,
                    "stroke-opacity", "0.4"));
        }
        picture.appendChild(Dom.with(Dom.svg("polyline", ""), "points", line.toString(), "fill", "none", "stroke", colour,
                "stroke-width", "2"));
    }

    private static double x(List<Integer> axis, int index) {
        double low = axis.get(0);
        double span = axis.get(axis.size() - 1) - low;
        return EDGE + 14 + (axis.get(index) - low) / span * (WIDTH - 2 * EDGE - 28);
    }

    private static String y(double percent) {
        return Numbers.plain(HEIGHT - 34 - percent / 100 * (HEIGHT - 48), 1);
    }

    private static Element label(double x, String y, String text) {
        Element label = Dom.with(Dom.svg("text", ""), "x", Numbers.plain(x, 1), "y", y, "font-size", "12", "fill",
                "#545c6e");
        label.setTextContent(text);
        return label;
    }

    @JSBody(params = "element", script = "return element.outerHTML;")
    private static native String markup(HTMLElement element);
}
