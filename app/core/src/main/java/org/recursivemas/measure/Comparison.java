package org.recursivemas.measure;

import java.util.ArrayList;
import java.util.List;
import org.recursivemas.data.ModeReport;

/**
 * Several ways of answering the same problem, measured alike. The first is judged against each of the others, by the
 * three numbers that count everything: tokens decoded by all agents, positions pushed through a model (prompts, latent
 * steps and decoded tokens), and wall time from the first prompt to the last token.
 */
public final class Comparison {
    private Comparison() {
    }

    /**
     * What is compared: latent, recursive text of the same depth, text in one round, the single agent, and the latent
     * team that hands nothing over. What would be the same run twice is left out.
     */
    public static List<Setting> settings(int rounds, int latentSteps) {
        List<Setting> settings = new ArrayList<>();
        settings.add(Setting.latent(rounds, latentSteps));
        if (rounds > 1) {
            settings.add(Setting.text(rounds));
        }
        settings.add(Setting.text(1));
        settings.add(Setting.single());
        if (latentSteps > 0) {
            settings.add(Setting.latent(rounds, 0));
        }
        return settings;
    }

    /**
     * One way against the first.
     *
     * @param speedUp the first is so many times as fast; NaN of the first itself and where time was not measured
     * @param tokensSaved share of decoded tokens that the first does without, below 0 when it takes more; NaN of itself
     * @param positionsSaved the same of positions
     */
    public record Row(ModeReport report, double speedUp, double tokensSaved, double positionsSaved) {
    }

    /** @param reports the judged one first, at least one */
    public static List<Row> rows(List<ModeReport> reports) {
        List<Row> rows = new ArrayList<>();
        ModeReport first = reports.get(0);
        for (ModeReport report : reports) {
            boolean self = report == first;
            boolean timed = first.millis > 0 && report.millis > 0;
            rows.add(new Row(report, self || !timed ? Double.NaN : report.millis / first.millis,
                    self ? Double.NaN : saved(first.decodedTokens, report.decodedTokens),
                    self ? Double.NaN : saved(first.positions, report.positions)));
        }
        return rows;
    }

    private static double saved(int judged, int baseline) {
        return baseline == 0 ? Double.NaN : 1 - (double) judged / baseline;
    }
}
