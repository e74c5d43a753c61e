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
    private final double topP;
    private final int answers;
    private final boolean stepwise;

    /** Nucleus sampling unless said otherwise, as the method's authors decode. */
    public static final double TOP_P = 0.95;
    /** Most answers from one set of rollouts. */
    public static final int MOST_ANSWERS = 16;

    /**
     * A run with the links as trained and one answer, which shows nothing of its inside and does not halt.
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
        this(problem, expected, rounds, latentSteps, temperature, seed, modes, systems, Map.of(), false, TOP_P, 1,
                false);
    }

    private RunRequest(String problem, String expected, int rounds, int latentSteps, double temperature, int seed,
            List<String> modes, Map<String, String> systems, Map<String, String> links, boolean seeInside,
            double topP, int answers, boolean stepwise) {
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
        if (!(topP > 0 && topP <= 1)) {
            throw new IllegalArgumentException("top-p must be above 0 and at most 1, is " + topP);
        }
        if (answers < 1 || answers > MOST_ANSWERS) {
            throw new IllegalArgumentException("answers must be 1 to " + MOST_ANSWERS + ", is " + answers);
        }
        if (answers > 1 && temperature == 0) {
            throw new IllegalArgumentException("at temperature 0 all " + answers
                    + " answers would be the same. Raise the temperature or ask for 1 answer");
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
        this.topP = topP;
        this.answers = answers;
        this.stepwise = stepwise;
    }

    /**
     * The same run with other links in places.
     *
     * @param swaps by link, {@code "planner"} (inner) or {@code "planner->critic"}: {@code "trained"}, {@code "identity"},
     *     {@code "noise"} or {@code "zero"}
     */
    public RunRequest withLinks(Map<String, String> swaps) {
        return new RunRequest(problem, expected, rounds, latentSteps, temperature, seed, modes, systems, swaps,
                seeInside, topP, answers, stepwise);
    }

    /** The same run, whose latents are kept until the answer is written and then looked at, or not. */
    public RunRequest seeingInside(boolean see) {
        return new RunRequest(problem, expected, rounds, latentSteps, temperature, seed, modes, systems, links, see,
                topP, answers, stepwise);
    }

    /**
     * The same run with other sampling.
     *
     * @param nucleus above 0, at most 1: only the likeliest tokens that together have this probability are sampled
     * @param count 1 to {@link #MOST_ANSWERS} answers from one set of rollouts or hand-offs, the most frequent of which is
     *     the answer; more than 1 needs a temperature above 0
     */
    public RunRequest sampling(double nucleus, int count) {
        return new RunRequest(problem, expected, rounds, latentSteps, temperature, seed, modes, systems, links,
                seeInside, nucleus, count, stepwise);
    }

    /** The same run, which halts before each stage until a person lets it go on, or not. */
    public RunRequest stepwise(boolean halting) {
        return new RunRequest(problem, expected, rounds, latentSteps, temperature, seed, modes, systems, links,
                seeInside, topP, answers, halting);
    }

    /** Above 0, at most 1. */
    public double topP() {
        return topP;
    }

    /** 1 to {@link #MOST_ANSWERS}. */
    public int answers() {
        return answers;
    }

    public boolean stepwise() {
        return stepwise;
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
