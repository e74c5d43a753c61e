package org.recursivemas.pipeline.evaluate;

import java.util.Locale;

/** An {@link EvaluationReport} as Markdown. */
final class EvaluationTable {
    private EvaluationTable() {
    }

    /** Heading line, table, notes. */
    static String markdown(EvaluationReport report) {
        StringBuilder text = new StringBuilder();
        text.append(String.format(Locale.ROOT, "Team %s, %d problems of %s%s, greedy, %d thread%s, %.0f s.%n%n",
                report.team(), report.problems(), report.tasks(),
                report.skipped() == 0 ? "" : " after the first " + report.skipped(), report.threads(),
                report.threads() == 1 ? "" : "s", report.seconds()));
        if (report.interrupted()) {
            text.append(String.format(Locale.ROOT, "Interrupted: %d problems were asked for.%n%n", report.asked()));
        }
        text.append("| way | rounds | run | latent steps | accuracy | 95 % interval | decoded tokens | latent steps in all "
                + "| positions | seconds |").append(System.lineSeparator());
        text.append("|---|---|---|---|---|---|---|---|---|---|").append(System.lineSeparator());
        for (EvaluationReport.Row row : report.rows()) {
            text.append(String.format(Locale.ROOT,
                    "| %s | %d | %.2f | %s | %.1f %% | %.1f to %.1f %% | %.1f | %.1f | %.0f | %.3f |%n",
                    row.mode(), row.rounds(), row.roundsRun(), row.mode().equals("latent") ? row.latentSteps() : "",
                    row.accuracy() * 100, row.low() * 100, row.high() * 100, row.decodedTokens(),
                    row.latentStepsTotal(), row.positions(), row.seconds()));
        }
        text.append(System.lineSeparator())
                .append("Rounds run, tokens, steps, positions and seconds are means per problem; seconds are "
                + "those of one thread.").append(System.lineSeparator());
        for (EvaluationReport.Row row : report.rows()) {
            if (row.failed() > 0) {
                text.append(String.format(Locale.ROOT,
                        "%nFailed and counted as wrong: %d problems of %s with %d rounds and %d "
                        + "latent steps, the first with: %s%n", row.failed(), row.mode(), row.rounds(),
                        row.latentSteps(), row.firstFailure()));
            }
        }
        return text.toString();
    }
}
