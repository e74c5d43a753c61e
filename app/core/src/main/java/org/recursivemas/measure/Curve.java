package org.recursivemas.measure;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.recursivemas.team.Mode;

/**
 * One line of a chart of a benchmark.
 *
 * @param mode one of {@link Mode}
 * @param fixed the depth of a line over latent steps, the latent steps of a line over depths; 0 of a single agent
 * @param points one per {@link #axis} value; null where nothing is finished. A way that does not depend on the axis has
 *     the same tally everywhere
 */
public record Curve(String mode, int fixed, List<Tally> points) {
    /** The values on the axis, ascending. @param depth whether the axis is the depth or the latent steps m */
    public static List<Integer> axis(BenchmarkPlan plan, boolean depth) {
        TreeSet<Integer> values = new TreeSet<>();
        for (Setting setting : plan.settings()) {
            if (depth ? !setting.mode().equals(Mode.SINGLE) : setting.mode().equals(Mode.LATENT)) {
                values.add(depth ? setting.rounds() : setting.latentSteps());
            }
        }
        return new ArrayList<>(values);
    }

    /** The lines over {@link #axis}: latent ones first, then text, then the single agent. */
    public static List<Curve> of(Benchmark benchmark, boolean depth) {
        List<Integer> axis = axis(benchmark.plan(), depth);
        List<Curve> curves = new ArrayList<>();
        List<Setting> settings = benchmark.plan().settings();
        for (int fixed : axis(benchmark.plan(), !depth)) {
            List<Tally> points = new ArrayList<>();
            for (int x : axis) {
                points.add(benchmark.tally(depth ? Setting.latent(x, fixed) : Setting.latent(fixed, x)));
            }
            addTo(curves, new Curve(Mode.LATENT, fixed, points));
        }
        if (depth) {
            addTo(curves, new Curve(Mode.TEXT, 0,
                    new ArrayList<>(axis.stream().map(x -> benchmark.tally(Setting.text(x))).toList())));
        } else {
            for (int rounds : axis(benchmark.plan(), true)) {
                if (settings.contains(Setting.text(rounds))) {
                    addTo(curves, new Curve(Mode.TEXT, rounds, flat(benchmark.tally(Setting.text(rounds)), axis)));
                }
            }
        }
        addTo(curves, new Curve(Mode.SINGLE, 0, flat(benchmark.tally(Setting.single()), axis)));
        return curves;
    }

    private static List<Tally> flat(Tally tally, List<Integer> axis) {
        List<Tally> points = new ArrayList<>();
        axis.forEach(x -> points.add(tally));
        return points;
    }

    private static void addTo(List<Curve> curves, Curve curve) {
        if (curve.points.stream().anyMatch(point -> point != null)) {
            curves.add(curve);
        }
    }
}
