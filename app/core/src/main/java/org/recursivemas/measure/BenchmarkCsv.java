package org.recursivemas.measure;

import java.util.List;
import org.recursivemas.team.Mode;

/** A benchmark as a table: RFC 4180, one line per trial, a line of column names first. */
public final class BenchmarkCsv {
    private static final String HEAD = "problem,question,expected,way,depth,latent_steps,answer,correct,finish,"
            + "decoded_tokens,positions,seconds,temperature,top_p,seed,answers,retrieval,swapped_links";

    private BenchmarkCsv() {
    }

    public static String of(Benchmark benchmark) {
        StringBuilder text = new StringBuilder(HEAD).append("\r\n");
        List<Problem> problems = benchmark.plan().problems();
        Conditions all = benchmark.plan().conditions();
        String conditions = "," + all.temperature() + "," + all.topP() + "," + all.seed() + "," + all.answers() + ",";
        for (Trial trial : benchmark.trials()) {
            Setting setting = Setting.parse(trial.setting());
            Problem problem = problems.get(trial.problem());
            text.append(trial.problem() + 1).append(',').append(cell(problem.question())).append(',')
                    .append(cell(problem.answer())).append(',').append(setting.mode()).append(',')
                    .append(setting.rounds()).append(',').append(setting.latentSteps()).append(',')
                    .append(cell(trial.answer())).append(',').append(trial.correct()).append(',')
                    .append(cell(trial.finish())).append(',').append(trial.decodedTokens()).append(',')
                    .append(trial.positions()).append(',').append(Math.round(trial.millis()) / 1000.0)
                    .append(conditions).append(setting.mode().equals(Mode.SINGLE) ? 0 : all.retrieval()).append(',')
                    .append(setting.mode().equals(Mode.LATENT) ? cell(all.swaps()) : "").append("\r\n");
        }
        return text.toString();
    }

    /**
     * Quoted where it must be. What a spreadsheet would take for a formula gets an apostrophe in front, unless it is a
     * plain number.
     */
    static String cell(String text) {
        String safe = text;
        if (!text.isEmpty() && "=+-@\t\r".indexOf(text.charAt(0)) >= 0 && !isNumber(text)) {
            safe = "'" + text;
        }
        boolean quoted = false;
        for (int i = 0; i < safe.length() && !quoted; i++) {
            quoted = ",\"\r\n".indexOf(safe.charAt(i)) >= 0;
        }
        return quoted ? "\"" + safe.replace("\"", "\"\"") + "\"" : safe;
    }

    private static boolean isNumber(String text) {
        boolean digits = false;
        for (int i = text.charAt(0) == '-' || text.charAt(0) == '+' ? 1 : 0; i < text.length(); i++) {
            char c = text.charAt(i);
            digits |= c >= '0' && c <= '9';
            if (c != '.' && (c < '0' || c > '9')) {
                return false;
            }
        }
        return digits;
    }
}
