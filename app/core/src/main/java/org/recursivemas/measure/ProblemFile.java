package org.recursivemas.measure;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.recursivemas.data.FormatException;

/** Task sets: JSON lines, each an object with {@code question} and {@code answer}; other fields are ignored. */
public final class ProblemFile {
    public static final int MAX_CHARACTERS = 20_000_000;

    private ProblemFile() {
    }

    /**
     * The first problems of a task set; lines behind them are not looked at.
     *
     * @param parser of one line of JSON into a tree; throws IllegalArgumentException on what is no JSON
     * @param wanted how many, at least 1
     * @throws FormatException naming the line and field when one is wrong, or when there are not that many
     */
    public static List<Problem> read(String text, String file, Function<String, Object> parser, int wanted) {
        if (text.length() > MAX_CHARACTERS) {
            throw new FormatException(file, "", "has " + text.length() + " characters",
                    "Use a file of at most " + MAX_CHARACTERS);
        }
        List<Problem> problems = new ArrayList<>();
        int number = 0;
        int at = text.startsWith("\uFEFF") ? 1 : 0;
        while (at < text.length() && problems.size() < wanted) {
            int end = text.indexOf('\n', at);
            String line = text.substring(at, end < 0 ? text.length() : end).strip();
            at = end < 0 ? text.length() : end + 1;
            number++;
            if (!line.isEmpty()) {
                problems.add(problem(line, file + ", line " + number, parser));
            }
        }
        if (problems.isEmpty()) {
            throw new FormatException(file, "", "holds no problems", "Give one JSON object per line, with the fields"
                    + " \"question\" and \"answer\"");
        }
        if (problems.size() < wanted) {
            throw new FormatException(file, "", "holds " + problems.size() + " problems, not " + wanted,
                    "Ask for at most " + problems.size());
        }
        return problems;
    }

    private static Problem problem(String line, String where, Function<String, Object> parser) {
        Object tree;
        try {
            tree = parser.apply(line);
        } catch (IllegalArgumentException e) {
            throw new FormatException(where, "", "is not JSON (" + e.getMessage() + ")",
                    "Give one JSON object per line", e);
        }
        Fields fields = Fields.of(tree, where);
        Problem problem = new Problem(fields.text("question"), fields.text("answer"));
        if (problem.question().isBlank() || problem.answer().isBlank()) {
            throw fields.fault(problem.question().isBlank() ? "question" : "answer", "is blank");
        }
        return problem;
    }
}
