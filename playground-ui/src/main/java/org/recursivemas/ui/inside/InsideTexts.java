package org.recursivemas.ui.inside;

import org.recursivemas.data.InsideBlock;
import org.recursivemas.ui.Numbers;
import org.recursivemas.ui.Words;

/** Texts of the part that shows a run's inside. */
public final class InsideTexts {
    public static final String TITLE = Words.of("See inside");
    public static final String INTRO = Words.of("What the agents hand to each other are vectors. Look at them here, or "
            + "put something else in a link's place to see what it carries.");
    public static final String SEE = Words.of("Keep and show the latents of latent runs");
    public static final String SEE_HINT = Words.of("They stay on the GPU until the answer is written and are read then, "
            + "so the run itself is as it always is; only its end comes later. A run that was not asked shows nothing.");
    public static final String LINKS = Words.of("What stands in each link's place");
    public static final String LINKS_HINT = Words.of("Noise is a random direction as long as the trained link's vector, "
            + "from the run's seed. Identity hands the vector on as it is; only between equal widths. Zero hands over "
            + "nothing but positions.");
    public static final String NOTHING = Words.of("No latents yet: switch on the box above and run the latent mode.");
    public static final String RUNNING = Words.of("The latents of the run under way are shown when its answer is written.");
    public static final String COLLAPSED = Words.of("Alarm: all steps point nearly the same way, so they carry one vector.");
    public static final String FAR = Words.of("Alarm: these inputs are more than 10 times longer or shorter than the "
            + "reader's token embeddings.");
    public static final String READS_AS = Words.of("What it reads as, step by step");
    public static final String TOKENS_HINT = Words.of("The tokens nearest to each vector. Hidden states: by the model's "
            + "own table of embeddings, which is its head where the two are tied. Linked states and messages: by the "
            + "angle to the reader's token embeddings.");
    public static final String[] COLUMNS = {Words.of("Round"), Words.of("What"), Words.of("Read by"),
            Words.of("Mean norm"), Words.of("Token norm"), Words.of("Cosine to "
            + "step before"),
        Words.of("Cosine to round before")};
    public static final String NONE = "\u2013";

    private InsideTexts() {
    }

    public static String linkName(String name) {
        return name.contains("->") ? Words.of("Outer link {0}", name.replace("->", " \u2192 "))
                : Words.of("Inner link of {0}", name);
    }

    public static String swap(String swap) {
        switch (swap) {
            case "trained":
                return Words.of("as trained");
            case "identity":
                return Words.of("identity");
            case "noise":
                return Words.of("noise of the same norm");
            default:
                return Words.of("zero");
        }
    }

    public static String kind(String kind) {
        switch (kind) {
            case InsideBlock.HIDDEN:
                return Words.of("hidden states");
            case InsideBlock.LINKED:
                return Words.of("behind the inner link");
            default:
                return Words.of("message");
        }
    }

    public static String path(String agent, int rounds, double first, double second) {
        return Words.of("The path of {0}'s hidden states over {1}, seen from the two directions in which they vary most "
                + "({2} % and {3} % of the variance). A line for each round; the ring is its first step.",
                agent, rounds == 1 ? Words.of("1 round") : Words.of("{0} rounds", rounds), Math.round(100 * first),
                Math.round(100 * second));
    }

    public static String shortRound(int round) {
        return Words.of("round {0}", round);
    }

    /** Means are NaN where there is nothing to compare: one step, or one round. */
    public static String grid(String agent, int stride, double lowest, double withinRounds, double betweenRounds) {
        String text = Words.of("How alike {0}'s hidden states are: each square is the cosine of two steps{1}, the "
                + "stronger the more alike; another colour below 0. Lowest {2}",
                agent, stride == 1 ? "" : Words.of(" (one of {0} is shown)", stride), Numbers.fixed(lowest, 2));
        if (!Double.isNaN(withinRounds)) {
            text += Words.of(", mean of different steps in a round {0}", Numbers.fixed(withinRounds, 2));
        }
        if (!Double.isNaN(betweenRounds)) {
            text += Words.of(", mean of the same step in different rounds {0}", Numbers.fixed(betweenRounds, 2));
        }
        return text + ".";
    }

    public static String step(int step) {
        return Words.of("Step {0}: ", step);
    }

    public static String block(InsideBlock block) {
        return Words.of("Round {0}, {1}{2}",
                block.round, kind(block.kind), block.kind.equals(InsideBlock.MESSAGE) ? Words.of(" to {0}",
                block.reader) : "");
    }

    public static String kept(double bytes) {
        return Words.of("Kept on the GPU until the answer: {0} KiB.", Math.round(bytes / 1024));
    }
}
