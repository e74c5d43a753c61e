package org.recursivemas.measure;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/**
 * What a benchmark runs: every problem in every setting.
 *
 * @param id unlike that of any other benchmark
 * @param created milliseconds since 1970
 * @param team id of the team
 * @param teamUrl address of its file
 * @param source name of the task set
 * @param conditions of every run
 */
public record BenchmarkPlan(String id, double created, String team, String teamUrl, String source,
        List<Problem> problems, List<Setting> settings, Conditions conditions) {
    public static final int MAX_PROBLEMS = 2000;
    public static final int MAX_SETTINGS = 100;

    /** @throws IllegalArgumentException when there is nothing, or too much, to run */
    public BenchmarkPlan {
        if (problems.isEmpty() || problems.size() > MAX_PROBLEMS) {
            throw new IllegalArgumentException("A benchmark takes 1 to " + MAX_PROBLEMS + " problems, not "
                    + problems.size() + ".");
        }
        if (settings.isEmpty() || settings.size() > MAX_SETTINGS) {
            throw new IllegalArgumentException("A benchmark takes 1 to " + MAX_SETTINGS + " settings, not "
                    + settings.size() + ". Choose ways of answering, depths and latent steps.");
        }
        problems = List.copyOf(problems);
        settings = List.copyOf(settings);
    }

    /**
     * Every combination that differs: latent for each depth and number of steps, text for each depth, the single agent
     * once.
     *
     * @param depths 1 to 5 each
     * @param steps 0 to 80 each
     */
    public static List<Setting> settings(List<Integer> depths, List<Integer> steps, boolean latent, boolean text,
            boolean single) {
        LinkedHashSet<Setting> settings = new LinkedHashSet<>();
        for (int depth : depths) {
            for (int m : latent ? steps : List.<Integer>of()) {
                settings.add(Setting.latent(depth, m));
            }
            if (text) {
                settings.add(Setting.text(depth));
            }
        }
        if (single) {
            settings.add(Setting.single());
        }
        return new ArrayList<>(settings);
    }

    /**
     * Reads numbers such as {@code "0, 8, 16"}.
     *
     * @throws IllegalArgumentException for people, when something else stands there
     */
    public static List<Integer> steps(String text) {
        LinkedHashSet<Integer> steps = new LinkedHashSet<>();
        for (String part : text.split(",", -1)) {
            int value = wholeNumber(part.strip());
            if (value < 0 || value > Setting.MAX_LATENT_STEPS) {
                throw new IllegalArgumentException("Latent steps must be whole numbers from 0 to "
                        + Setting.MAX_LATENT_STEPS + " with commas between them, such as 0, 8, 16.");
            }
            steps.add(value);
        }
        return new ArrayList<>(steps);
    }

    /** The number of a text of at most nine digits, or -1. */
    public static int wholeNumber(String text) {
        if (text.isEmpty() || text.length() > 9) {
            return -1;
        }
        int value = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < '0' || c > '9') {
                return -1;
            }
            value = value * 10 + c - '0';
        }
        return value;
    }

    public Map<String, Object> toTree() {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("id", id);
        tree.put("created", created);
        tree.put("team", team);
        tree.put("team_url", teamUrl);
        tree.put("source", source);
        conditions.write(tree);
        tree.put("settings", settings.stream().map(Setting::key).toList());
        List<Object> list = new ArrayList<>();
        for (Problem problem : problems) {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("question", problem.question());
            entry.put("answer", problem.answer());
            list.add(entry);
        }
        tree.put("problems", list);
        return tree;
    }

    static BenchmarkPlan of(Fields fields) {
        List<Problem> problems = new ArrayList<>();
        for (Fields problem : fields.objects("problems")) {
            problems.add(new Problem(problem.text("question"), problem.text("answer")));
        }
        List<Setting> settings = new ArrayList<>();
        for (String key : fields.texts("settings")) {
            try {
                settings.add(Setting.parse(key));
            } catch (IllegalArgumentException e) {
                throw fields.fault("settings", e.getMessage());
            }
        }
        return new BenchmarkPlan(fields.text("id"), fields.number("created"), fields.text("team"),
                fields.text("team_url"), fields.text("source"), problems, settings, Conditions.of(fields));
    }
}
