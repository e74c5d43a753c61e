package org.recursivemas.measure;

import java.util.LinkedHashMap;
import java.util.Map;
import org.recursivemas.data.ModeReport;

/**
 * One problem answered in one way.
 *
 * @param problem index into the benchmark's problems
 * @param setting {@link Setting#key}
 * @param finish {@code "stop"} or {@code "length"}
 * @param decodedTokens of all agents
 * @param positions pushed through a model
 * @param millis wall time
 */
public record Trial(int problem, String setting, boolean correct, String answer, String finish, int decodedTokens,
        int positions, double millis) {
    static Trial of(int problem, Setting setting, ModeReport report) {
        return new Trial(problem, setting.key(), Boolean.TRUE.equals(report.correct), report.answer, report.finish,
                report.decodedTokens, report.positions, report.millis);
    }

    /** Unlike that of any other trial of the same benchmark. */
    public String key() {
        return problem + "/" + setting;
    }

    public Map<String, Object> toTree() {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("problem", problem);
        tree.put("setting", setting);
        tree.put("correct", correct);
        tree.put("answer", answer);
        tree.put("finish", finish);
        tree.put("decoded_tokens", decodedTokens);
        tree.put("positions", positions);
        tree.put("millis", millis);
        return tree;
    }

    static Trial of(Fields fields) {
        return new Trial(fields.count("problem"), fields.text("setting"), fields.flag("correct"), fields.text("answer"),
                fields.text("finish"), fields.count("decoded_tokens"), fields.count("positions"),
                fields.number("millis"));
    }

    /** @param file where the tree comes from, for messages */
    public static Trial of(Object tree, String file) {
        return of(Fields.of(tree, file));
    }
}
