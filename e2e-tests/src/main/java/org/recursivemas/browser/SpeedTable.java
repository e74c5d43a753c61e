package org.recursivemas.browser;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import org.recursivemas.browser.SpeedRow.Way;
import org.recursivemas.measure.Wilson;

/**
 * What a speed benchmark found, a line per way. Every way is judged against text hand-offs of the same depth, problem by
 * problem: the time of the text run divided by the time of this way's run on the same problem (above 1: faster than text).
 */
final class SpeedTable {
    private final Map<Way, Map<Integer, SpeedRow>> rows = new TreeMap<>((a, b) -> {
        int order = Integer.compare(a.rounds(), b.rounds());
        order = order != 0 ? order : Integer.compare(rank(a), rank(b));
        return order != 0 ? order : Integer.compare(a.latentSteps(), b.latentSteps());
    });

    SpeedTable(Collection<SpeedRow> all) {
        all.forEach(row -> rows.computeIfAbsent(row.way(), way -> new TreeMap<>()).put(row.problem, row));
    }

    private static int rank(Way way) {
        return List.of("text", "latent", "single").indexOf(way.mode());
    }

    /**
     * Quartiles with linear interpolation between neighbours.
     *
     * @param values at least one
     * @return [3]: lower quartile, median, upper quartile
     */
    static double[] quartiles(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        double[] result = new double[3];
        for (int i = 0; i < 3; i++) {
            double at = (i + 1) * (sorted.length - 1) / 4.0;
            int below = (int) at;
            int above = Math.min(below + 1, sorted.length - 1);
            result[i] = sorted[below] + (at - below) * (sorted[above] - sorted[below]);
        }
        return result;
    }

    private static double mean(Collection<SpeedRow> rows, ToDoubleFunction<SpeedRow> value) {
        return rows.stream().mapToDouble(value).average().orElse(0);
    }

    /** The table in Markdown. */
    String markdown() {
        StringBuilder text = new StringBuilder("""
                | depth | way | right | 95 % interval | decoded tokens | positions | ms, median (quartiles) | mean ms \
                | faster than text, median of pairs (quartiles) | fewer tokens than text |
                |---|---|---|---|---|---|---|---|---|---|
                """);
        rows.forEach((way, byProblem) -> text.append(line(way, byProblem)));
        return text.toString();
    }

    private String line(Way way, Map<Integer, SpeedRow> byProblem) {
        Collection<SpeedRow> all = byProblem.values();
        int right = (int) all.stream().filter(row -> row.correct).count();
        Wilson interval = Wilson.of(right, all.size());
        double[] millis = quartiles(all.stream().mapToDouble(row -> row.millis).toArray());
        return String.format(Locale.ROOT,
                "| %s | %s | %d of %d | %.1f to %.1f %% | %.1f | %,.0f | %.0f (%.0f to %.0f) | %.0f | %s |%n",
                way.mode().equals("single") ? "" : way.rounds(), way, right, all.size(), 100 * interval.low(),
                100 * interval.high(), mean(all, row -> row.decodedTokens), mean(all, row -> row.positions), millis[1],
                millis[0], millis[2], mean(all, row -> row.millis), againstText(way, byProblem));
    }

    private String againstText(Way way, Map<Integer, SpeedRow> byProblem) {
        Map<Integer, SpeedRow> text = rows.get(new Way("text", way.rounds(), 0));
        List<Double> ratios = new ArrayList<>();
        double tokens = 0;
        double textTokens = 0;
        if (text != null && way.mode().equals("latent")) {
            for (SpeedRow row : byProblem.values()) {
                SpeedRow written = text.get(row.problem);
                if (written != null) {
                    ratios.add(written.millis / row.millis);
                    tokens += row.decodedTokens;
                    textTokens += written.decodedTokens;
                }
            }
        }
        if (ratios.isEmpty()) {
            return " | ";
        }
        double[] of = quartiles(ratios.stream().mapToDouble(Double::doubleValue).toArray());
        return String.format(Locale.ROOT, "%.2f times (%.2f to %.2f) | %.1f %%", of[1], of[0], of[2],
                100 * (1 - tokens / textTokens));
    }
}
