package org.recursivemas.playground;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.recursivemas.tools.WikiAddress;

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
    // Set on a copy, before anybody else sees it.
    private Map<String, String> links = Map.of();
    private boolean seeInside;
    private double topP = TOP_P;
    private int answers = 1;
    private boolean stepwise;
    private String search;
    private double stopEarly;
    private int retrieval;

    /** Nucleus sampling unless said otherwise, as the method's authors decode. */
    public static final double TOP_P = 0.95;
    /** Most messages that a hand-off can bring. */
    public static final int MOST_RETRIEVED = 8;
    /** Most answers from one set of rollouts. */
    public static final int MOST_ANSWERS = 16;

    /**
     * A run with the links as trained and one answer, which shows nothing of its inside and does not halt.
     *
     * @param problem the text of the problem, not blank
     * @param expected the answer when it is known, else null
     * @param rounds 1 to 5
     * @param latentSteps 0 to 80
     * @param temperature 0 (the likeliest token always) to 2
     * @param modes out of {@code "latent"}, {@code "text"}, {@code "single"}, in the order to run them; at least one
     * @param systems system messages that replace the team's, by agent id
     */
    public RunRequest(String problem, String expected, int rounds, int latentSteps, double temperature, int seed,
            List<String> modes, Map<String, String> systems) {
        if (problem == null || problem.isBlank()) {
            throw new IllegalArgumentException("the problem is empty");
        }
        if (rounds < 1 || rounds > 5) {
            throw new IllegalArgumentException("rounds must be 1 to 5, is " + rounds);
        }
        if (latentSteps < 0 || latentSteps > 80) {
            throw new IllegalArgumentException("latent steps must be 0 to 80, is " + latentSteps);
        }
        if (!(temperature >= 0 && temperature <= 2)) {
            throw new IllegalArgumentException("temperature must be 0 to 2, is " + temperature);
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
    }

    private RunRequest(RunRequest other) {
        this(other, other.systems);
    }

    private RunRequest(RunRequest other, Map<String, String> systems) {
        this(other.problem, other.expected, other.rounds, other.latentSteps, other.temperature, other.seed,
                other.modes, systems);
        links = other.links;
        seeInside = other.seeInside;
        topP = other.topP;
        answers = other.answers;
        stepwise = other.stepwise;
        search = other.search;
        stopEarly = other.stopEarly;
        retrieval = other.retrieval;
    }

    /** The same run with these system messages in the places of the team's, by agent id, and no others. */
    public RunRequest withSystems(Map<String, String> messages) {
        return new RunRequest(this, messages);
    }

    /**
     * The same run with other links in places.
     *
     * @param swaps by link, {@code "planner"} (inner) or {@code "planner->critic"}: {@code "trained"}, {@code "identity"},
     *     {@code "noise"} or {@code "zero"}
     */
    public RunRequest withLinks(Map<String, String> swaps) {
        RunRequest next = new RunRequest(this);
        next.links = new LinkedHashMap<>(swaps);
        return next;
    }

    /** The same run, whose latents are kept until the answer is written and then looked at, or not. */
    public RunRequest seeingInside(boolean see) {
        RunRequest next = new RunRequest(this);
        next.seeInside = see;
        return next;
    }

    /**
     * The same run with other sampling.
     *
     * @param nucleus above 0, at most 1: only the likeliest tokens that together have this probability are sampled
     * @param count 1 to {@link #MOST_ANSWERS} answers from one set of rollouts or hand-offs, the most frequent of which is
     *     the answer; more than 1 needs a temperature above 0
     */
    public RunRequest sampling(double nucleus, int count) {
        if (!(nucleus > 0 && nucleus <= 1)) {
            throw new IllegalArgumentException("top-p must be above 0 and at most 1, is " + nucleus);
        }
        if (count < 1 || count > MOST_ANSWERS) {
            throw new IllegalArgumentException("answers must be 1 to " + MOST_ANSWERS + ", is " + count);
        }
        if (count > 1 && temperature == 0) {
            throw new IllegalArgumentException("at temperature 0 all " + count
                    + " answers would be the same. Raise the temperature or ask for 1 answer");
        }
        RunRequest next = new RunRequest(this);
        next.topP = nucleus;
        next.answers = count;
        return next;
    }

    /** The same run, which halts before each stage until a person lets it go on, or not. */
    public RunRequest stepwise(boolean halting) {
        RunRequest next = new RunRequest(this);
        next.stepwise = halting;
        return next;
    }

    /**
     * The same run, whose search tools ask a wiki on the web instead of looking through the team's corpus.
     *
     * @param api as {@link WikiAddress#api} gives it; null for the corpus
     */
    public RunRequest searching(String api) {
        if (api != null && !api.equals(WikiAddress.api(api))) {
            throw new IllegalArgumentException("search: \"" + api + "\" is not the address of a wiki's api.php");
        }
        RunRequest next = new RunRequest(this);
        next.search = api;
        return next;
    }

    /**
     * The same run, whose latent way ends with the round whose messages to the deciding agent are alike enough to those of the
     * round before; text is handed over in all rounds.
     *
     * @param cosine mean cosine of the messages' rows from which a round is the last, above 0, at most 1; 0 to run all rounds
     */
    public RunRequest stoppingEarly(double cosine) {
        if (!(cosine >= 0 && cosine <= 1)) {
            throw new IllegalArgumentException("stop early must be 0 (never) to 1, is " + cosine);
        }
        RunRequest next = new RunRequest(this);
        next.stopEarly = cosine;
        return next;
    }

    /** Mean cosine from which a round is the last; 0 when all rounds are run. */
    public double stopEarly() {
        return stopEarly;
    }

    /**
     * The same run, whose hand-offs bring the most relevant of all messages that were made so far along them, instead of the
     * newest only.
     *
     * @param messages 1 to {@link #MOST_RETRIEVED}; 0 for the newest only
     */
    public RunRequest retrieving(int messages) {
        if (messages < 0 || messages > MOST_RETRIEVED) {
            throw new IllegalArgumentException("retrieval must be 0 (off) to " + MOST_RETRIEVED + ", is " + messages);
        }
        RunRequest next = new RunRequest(this);
        next.retrieval = messages;
        return next;
    }

    /** Most messages that a hand-off brings; 0 for the newest only. */
    public int retrieval() {
        return retrieval;
    }

    /** The wiki that search tools ask; null for the team's corpus. */
    public String search() {
        return search;
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
