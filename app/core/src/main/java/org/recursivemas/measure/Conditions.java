package org.recursivemas.measure;

import java.util.LinkedHashMap;
import java.util.Map;
import org.recursivemas.data.FormatException;
import org.recursivemas.playground.RunRequest;

/**
 * What holds alike for all runs of a comparison or a benchmark. Depth, latent steps and way are in {@link Setting}; every depth is
 * run to its end.
 *
 * @param temperature 0 to 2
 * @param seed of every run's sampler
 * @param topP above 0, at most 1
 * @param answers 1 to 16 answers from one set of hand-offs, the most frequent of which counts
 * @param retrieval messages that a hand-off brings, 1 to 8; 0 for the newest alone
 * @param systems system messages that replace the team's, by agent id
 * @param links what stands in links' places, as {@link RunRequest#withLinks} takes it
 */
public record Conditions(double temperature, int seed, double topP, int answers, int retrieval,
        Map<String, String> systems, Map<String, String> links) {
    /** @throws IllegalArgumentException when the answers would all be the same */
    public Conditions {
        if (answers > 1 && temperature == 0) {
            throw new IllegalArgumentException("at temperature 0 all " + answers
                    + " answers would be the same. Raise the temperature or take 1 answer");
        }
        systems = new LinkedHashMap<>(systems);
        links = new LinkedHashMap<>(links);
    }

    /** One answer, plain hand-offs, links as trained. */
    public static Conditions plain(double temperature, int seed, Map<String, String> systems) {
        return new Conditions(temperature, seed, RunRequest.TOP_P, 1, 0, systems, Map.of());
    }

    /** Swapped links as {@code "planner: noise, planner->critic: zero"}; empty without any. */
    public String swaps() {
        StringBuilder text = new StringBuilder();
        links.forEach((link, swap) -> text.append(text.length() == 0 ? "" : ", ").append(link).append(": ").append(swap));
        return text.toString();
    }

    void write(Map<String, Object> tree) {
        tree.put("temperature", temperature);
        tree.put("seed", seed);
        tree.put("top_p", topP);
        tree.put("answers", answers);
        tree.put("retrieval", retrieval);
        tree.put("systems", systems);
        tree.put("links", links);
    }

    /** What {@link #write} wrote; of earlier files, which lack some of it, with the defaults that held then. */
    static Conditions of(Fields fields) {
        double topP = fields.number("top_p", RunRequest.TOP_P);
        if (!(topP > 0 && topP <= 1)) {
            throw fields.fault("top_p", "is not above 0 and at most 1");
        }
        return new Conditions(fields.number("temperature"), fields.whole("seed", 0, Integer.MAX_VALUE), topP,
                whole(fields, "answers", 1, RunRequest.MOST_ANSWERS), whole(fields, "retrieval", 0, RunRequest.MOST_RETRIEVED),
                fields.map("systems"), fields.optionalMap("links"));
    }

    /** @throws FormatException when it is there and out of range */
    private static int whole(Fields fields, String name, int low, int high) {
        return fields.has(name) ? fields.whole(name, low, high) : low;
    }
}
