package org.recursivemas.measure;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.recursivemas.data.ModeReport;
import org.recursivemas.data.RunReport;

/**
 * A line of the history.
 *
 * @param id unlike that of any other run
 * @param created milliseconds since 1970
 * @param kind {@link #RUN}, {@link #COMPARE}, {@link #REPLAY}, {@link #TOUR} or {@link #IMPORT}
 * @param problem the beginning of the problem
 * @param ways {@link Setting#key} of each way
 * @param marked ways whose answer could be marked
 * @param right ways whose answer was right
 * @param answers of the ways, in their order
 * @param decodedTokens of all ways together
 * @param positions of all ways together
 * @param millis of all ways together
 */
public record RunSummary(String id, double created, String kind, String team, String problem, List<String> ways,
        List<String> answers, int marked, int right, int decodedTokens, int positions, double millis,
        double temperature, int seed) {
    public static final String RUN = "run";
    public static final String COMPARE = "compare";
    public static final String REPLAY = "replay";
    public static final String TOUR = "tour";
    public static final String IMPORT = "import";
    private static final int PROBLEM_LENGTH = 200;

    /** What lines are sorted by. */
    public enum Column { CREATED, KIND, TEAM, PROBLEM, RIGHT, TOKENS, POSITIONS, SECONDS }

    /** Which lines are shown by their answers. */
    public enum Marks { ALL, RIGHT, WRONG, UNMARKED }

    public static RunSummary of(String id, double created, String kind, RunReport report) {
        List<String> ways = new ArrayList<>();
        List<String> answers = new ArrayList<>();
        int marked = 0;
        int right = 0;
        int tokens = 0;
        int positions = 0;
        double millis = 0;
        for (ModeReport mode : report.modes) {
            ways.add(Setting.of(mode).key());
            answers.add(mode.answer == null ? "" : mode.answer);
            marked += mode.correct != null ? 1 : 0;
            right += Boolean.TRUE.equals(mode.correct) ? 1 : 0;
            tokens += mode.decodedTokens;
            positions += mode.positions;
            millis += mode.millis;
        }
        String problem = report.problem == null ? "" : report.problem.strip();
        String shown = problem.length() <= PROBLEM_LENGTH ? problem : problem.substring(0, PROBLEM_LENGTH) + "\u2026";
        return new RunSummary(id, created, kind, report.team == null ? "" : report.team, shown, ways, answers, marked,
                right, tokens, positions, millis, report.temperature, report.seed);
    }

    private boolean matches(String words, Marks marks) {
        String all = (team + " " + problem + " " + kind + " " + String.join(" ", ways) + " " + String.join(" ", answers)
                + " seed " + seed).toLowerCase();
        for (String word : words.toLowerCase().strip().split("\\s+")) {
            if (!all.contains(word)) {
                return false;
            }
        }
        return marks == Marks.ALL || marks == Marks.UNMARKED && marked == 0 || marks == Marks.RIGHT && right > 0
                || marks == Marks.WRONG && right < marked;
    }

    /**
     * Lines that hold all of the words, in order; of equal ones the latest first.
     *
     * @param words separated by blanks; blank for all
     */
    public static List<RunSummary> select(Iterable<RunSummary> lines, String words, Marks marks, Column column,
            boolean descending) {
        List<RunSummary> chosen = new ArrayList<>();
        for (RunSummary line : lines) {
            if (line.matches(words, marks)) {
                chosen.add(line);
            }
        }
        Comparator<RunSummary> order = by(column);
        chosen.sort((descending ? order.reversed() : order).thenComparing(
                Comparator.comparingDouble(RunSummary::created).reversed()).thenComparing(RunSummary::id));
        return chosen;
    }

    private static Comparator<RunSummary> by(Column column) {
        switch (column) {
            case KIND:
                return Comparator.comparing(RunSummary::kind);
            case TEAM:
                return Comparator.comparing(RunSummary::team);
            case PROBLEM:
                return Comparator.comparing(RunSummary::problem);
            case RIGHT:
                return Comparator.comparingDouble(line -> line.marked == 0 ? -1 : (double) line.right / line.marked);
            case TOKENS:
                return Comparator.comparingInt(RunSummary::decodedTokens);
            case POSITIONS:
                return Comparator.comparingInt(RunSummary::positions);
            case SECONDS:
                return Comparator.comparingDouble(RunSummary::millis);
            default:
                return Comparator.comparingDouble(RunSummary::created);
        }
    }

    public Map<String, Object> toTree() {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("id", id);
        tree.put("created", created);
        tree.put("kind", kind);
        tree.put("team", team);
        tree.put("problem", problem);
        tree.put("ways", ways);
        tree.put("answers", answers);
        tree.put("marked", marked);
        tree.put("right", right);
        tree.put("decoded_tokens", decodedTokens);
        tree.put("positions", positions);
        tree.put("millis", millis);
        tree.put("temperature", temperature);
        tree.put("seed", seed);
        return tree;
    }

    /** @param file where the tree comes from, for messages */
    public static RunSummary of(Object tree, String file) {
        Fields fields = Fields.of(tree, file);
        return new RunSummary(fields.text("id"), fields.number("created"), fields.text("kind"), fields.text("team"),
                fields.text("problem"), fields.texts("ways"), fields.texts("answers"), fields.count("marked"),
                fields.count("right"), fields.count("decoded_tokens"), fields.count("positions"), fields.number("millis"),
                fields.number("temperature"), fields.whole("seed", 0, Integer.MAX_VALUE));
    }
}
