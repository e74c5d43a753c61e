package org.recursivemas.playground;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One run as a person set it up. */
public final class RunRequest {
    private final String problem;
    private final String expected;
    private final int rounds;
    private final int latentSteps;
    private final double temperature;
    private final int seed;
    private final List<String> modes;
    private final Map<String, String> systems;
    private final Map<String, String> links;
    private final boolean seeInside;

    /**
     * A run with the links as trained that shows nothing of its inside.
     *
     * @param problem the text of the problem, not blank
     * @param expected the answer when it is known, else null
     * @param rounds 1 to 5
     * @param latentSteps 0 to 80
     * @param modes out of {@code "latent"}, {@code "text"}, {@code "single"}, in the order to run them; at least one
     * @param systems system messages that replace the team's, by agent id
     */
    public RunRequest(String problem, String expected, int rounds, int latentSteps, double temperature, int seed,
            List<String> modes, Map<String, String> systems) {
        this(problem, expected, rounds, latentSteps, temperature, seed, modes, systems, Map.of(), false);
    }

    private RunRequest(String problem, String expected, int rounds, int latentSteps, double temperature, int seed,
            List<String> modes, Map<String, String> systems, Map<String, String> links, boolean seeInside) {
        if (problem == null || problem.isBlank()) {
            throw new IllegalArgumentException("the problem is empty");
        }
        if (rounds < 1 || rounds > 5) {
            throw new IllegalArgumentException("rounds must be 1 to 5, is " + rounds);
        }
        if (latentSteps < 0 || latentSteps > 80) {
            throw new IllegalArgumentException("latent steps must be 0 to 80, is " + latentSteps);
        }
        if (modes.isEmpty()) {
            throw new IllegalArgumentException("no mode chosen");
        }
        this.problem = problem;
        this.expected = expected;
        this.rounds = rounds;
        this.latentSteps = latentSteps;
        this.temperature = temperature;
        this.seed = seed;
        this.modes = List.copyOf(modes);
        this.systems = new LinkedHashMap<>(systems);
        this.links = new LinkedHashMap<>(links);
        this.seeInside = seeInside;
    }

    /**
     * The same run with other links in places.
     *
     * @param swaps by link, {@code "planner"} (inner) or {@code "planner->critic"}: {@code "trained"}, {@code "identity"},
     *     {@code "noise"} or {@code "zero"}
     */
    public RunRequest withLinks(Map<String, String> swaps) {
        return new RunRequest(problem, expected, rounds, latentSteps, temperature, seed, modes, systems, swaps,
                seeInside);
    }

    /** The same run, whose latents are kept until the answer is written and then looked at, or not. */
    public RunRequest seeingInside(boolean see) {
        return new RunRequest(problem, expected, rounds, latentSteps, temperature, seed, modes, systems, links, see);
    }

    /** What stands for which link; links that are not named are used as trained. */
    public Map<String, String> links() {
        return new LinkedHashMap<>(links);
    }

    /** Whether the report shall say what the latents look like. */
    public boolean seeInside() {
        return seeInside;
    }

    public String problem() {
        return problem;
    }

    public String expected() {
        return expected;
    }

    public int rounds() {
        return rounds;
    }

    public int latentSteps() {
        return latentSteps;
    }

    public double temperature() {
        return temperature;
    }

    public int seed() {
        return seed;
    }

    public List<String> modes() {
        return modes;
    }

    /** System messages that replace the team's, by agent id. */
    public Map<String, String> systems() {
        return new LinkedHashMap<>(systems);
    }
}
