package org.recursivemas.ui.measure;

import org.teavm.jso.JSBody;
import org.teavm.jso.JSFunctor;
import org.teavm.jso.JSObject;
import org.teavm.jso.dom.html.HTMLElement;

/**
 * uPlot. Script and styles (charts.js, charts.css) are fetched when the first chart is drawn. Colours are the page's, by
 * the names of its CSS variables.
 */
final class Charts {
    @JSFunctor
    interface Ready extends JSObject {
        /** @param fault why it failed, or null */
        void accept(String fault);
    }

    @JSFunctor
    interface Changed extends JSObject {
        void run();
    }

    private Charts() {
    }

    /** Fetches script and styles, once. */
    @JSBody(params = "ready", script = """
            if (globalThis.charts) { ready(null); return; }
            var styles = document.createElement('link');
            styles.rel = 'stylesheet'; styles.href = 'charts.css';
            document.head.appendChild(styles);
            var script = document.createElement('script');
            script.src = 'charts.js';
            script.onload = function() { ready(globalThis.charts ? null : 'charts.js is incomplete'); };
            script.onerror = function() { ready('charts.js did not arrive'); };
            document.head.appendChild(script);
            """)
    static native void load(Ready ready);

    /** Calls back when the page turns dark or light. */
    @JSBody(params = "changed", script = """
            if (globalThis.matchMedia) {
                var dark = matchMedia('(prefers-color-scheme: dark)');
                if (dark && dark.addEventListener) { dark.addEventListener('change', function() { changed(); }); }
            }
            """)
    static native void onColours(Changed changed);

    /**
     * Draws into {@code holder}, in place of what is there.
     *
     * @param spec JSON: x (numbers, ascending), x_label, y_label, top (upper end of y, or null) and lines, each with
     *     label, colour (name of a CSS variable), dash (or null), y, low, high (numbers or null for each x; low and high
     *     may be null altogether)
     */
    @JSBody(params = {"holder", "spec"}, script = """
            var plan = JSON.parse(spec), style = getComputedStyle(document.documentElement);
            function colour(name) { return style.getPropertyValue(name).trim(); }
            if (holder.chart) { holder.chart.destroy(); holder.resizer.disconnect(); }
            holder.textContent = '';
            var grid = {stroke: colour('--line'), width: 1}, ink = colour('--ink-soft');
            var edges = plan.x.length > 1 ? 0.05 * (plan.x[plan.x.length - 1] - plan.x[0]) : 1;
            var series = [{label: plan.x_label}].concat(plan.lines.map(function(line) {
                return {label: line.label, stroke: colour(line.colour), width: 2, dash: line.dash || undefined,
                    points: {show: true, size: 7, fill: colour(line.colour)}, spanGaps: true};
            }));
            function whiskers(chart, index) {
                var line = plan.lines[index - 1];
                if (!line || !line.low) { return; }
                var context = chart.ctx;
                context.save();
                context.strokeStyle = colour(line.colour);
                context.lineWidth = devicePixelRatio;
                context.globalAlpha = 0.6;
                context.beginPath();
                plan.x.forEach(function(value, at) {
                    if (line.low[at] === null) { return; }
                    // lines beside each other, so that their whiskers do not hide one another
                    var shift = (index - (plan.lines.length + 1) / 2) * 3 * devicePixelRatio;
                    var across = chart.valToPos(value, 'x', true) + shift;
                    var from = chart.valToPos(line.low[at], 'y', true), to = chart.valToPos(line.high[at], 'y', true);
                    var arm = 4 * devicePixelRatio;
                    context.moveTo(across, from); context.lineTo(across, to);
                    context.moveTo(across - arm, from); context.lineTo(across + arm, from);
                    context.moveTo(across - arm, to); context.lineTo(across + arm, to);
                });
                context.stroke();
                context.restore();
            }
            var options = {
                width: Math.max(200, holder.clientWidth), height: 280, series: series,
                legend: {live: false}, cursor: {show: false},
                scales: {
                    x: {time: false, range: [plan.x[0] - edges, plan.x[plan.x.length - 1] + edges]},
                    y: {range: function(chart, low, high) {
                        return [0, plan.top === null ? Math.max(high * 1.1, 1e-6) : plan.top];
                    }}
                },
                axes: [
                    {label: plan.x_label, stroke: ink, grid: grid, ticks: grid, splits: function() { return plan.x; },
                        values: function(chart, splits) { return splits.map(String); }},
                    {label: plan.y_label, stroke: ink, grid: grid, ticks: grid, size: 60}
                ],
                hooks: {drawSeries: [whiskers]}
            };
            var data = [plan.x].concat(plan.lines.map(function(line) { return line.y; }));
            holder.chart = new charts.Chart(options, data, holder);
            holder.resizer = new ResizeObserver(function() {
                var width = Math.max(200, holder.clientWidth);
                if (holder.clientWidth > 0 && width !== holder.chart.width) {
                    holder.chart.setSize({width: width, height: 280});
                }
            });
            holder.resizer.observe(holder);
            """)
    static native void draw(HTMLElement holder, String spec);

    /** Whether an element is on a part of the page that is shown. */
    @JSBody(params = "element", script = "return element.offsetParent !== null;")
    static native boolean isVisible(HTMLElement element);
}
