package org.recursivemas.ui.inside;

import org.recursivemas.data.InsideBlock;
import org.recursivemas.ui.Numbers;

/** Texts of the part that shows a run's inside. */
public final class InsideTexts {
    public static final String TITLE = "See inside";
    public static final String INTRO = "What the agents hand to each other are vectors. Look at them here, or put "
            + "something else in a link's place to see what it carries.";
    public static final String SEE = "Keep and show the latents of latent runs";
    public static final String SEE_HINT = "They stay on the GPU until the answer is written and are read then, so the run "
            + "itself is as it always is; only its end comes later. A run that was not asked shows nothing.";
    public static final String LINKS = "What stands in each link's place";
    public static final String LINKS_HINT = "Noise is a random direction as long as the trained link's vector, from the run's "
            + "seed. Identity hands the vector on as it is; only between equal widths. Zero hands over nothing "
            + "but positions.";
    public static final String NOTHING = "No latents yet: switch on the box above and run the latent mode.";
    public static final String RUNNING = "The latents of the run under way are shown when its answer is written.";
    public static final String COLLAPSED = "Alarm: all steps point nearly the same way, so they carry one vector.";
    public static final String FAR = "Alarm: these inputs are more than 10 times longer or shorter than the reader's token "
            + "embeddings.";
    public static final String READS_AS = "What it reads as, step by step";
    public static final String TOKENS_HINT = "The tokens nearest to each vector. Hidden states: by the model's own table of "
            + "embeddings, which is its head where the two are tied. Linked states and messages: by the angle to the "
            + "reader's token embeddings.";
    public static final String[] COLUMNS = {"Round", "What", "Read by", "Mean norm", "Token norm", "Cosine to step before",
        "Cosine to round before"};
    public static final String NONE = "\u2013";

    private InsideTexts() {
    }

    public static String linkName(String name) {
        return name.contains("->") ? "Outer link " + name.replace("->", " \u2192 ") : "Inner link of " + name;
    }

    public static String swap(String swap) {
        switch (swap) {
            case "trained":
                return "as trained";
            case "identity":
                return "identity";
            case "noise":
                return "noise of the same norm";
            default:
                return "zero";
        }
    }

    public static String kind(String kind) {
        switch (kind) {
            case InsideBlock.HIDDEN:
                return "hidden states";
            case InsideBlock.LINKED:
                return "behind the inner link";
            default:
                return "message";
        }
    }

    public static String path(String agent, int rounds, double first, double second) {
        return "The path of " + agent + "'s hidden states over " + (rounds == 1 ? "1 round" : rounds + " rounds")
                + ", seen from the two directions in which they vary most (" + Math.round(100 * first) + " % and "
                + Math.round(100 * second) + " % of the variance). A line for each round; the ring is its first step.";
    }

    public static String shortRound(int round) {
        return "round " + round;
    }

    /** Means are NaN where there is nothing to compare: one step, or one round. */
    public static String grid(String agent, int stride, double lowest, double withinRounds, double betweenRounds) {
        String text = "How alike " + agent + "'s hidden states are: each square is the cosine of two steps"
                + (stride == 1 ? "" : " (one of " + stride + " is shown)") + ", the stronger the more alike; another "
                + "colour below 0. Lowest " + Numbers.fixed(lowest, 2);
        if (!Double.isNaN(withinRounds)) {
            text += ", mean of different steps in a round " + Numbers.fixed(withinRounds, 2);
        }
        if (!Double.isNaN(betweenRounds)) {
            text += ", mean of the same step in different rounds " + Numbers.fixed(betweenRounds, 2);
        }
        return text + ".";
    }

    public static String step(int step) {
        return "Step " + step + ": ";
    }

    public static String block(InsideBlock block) {
        return "Round " + block.round + ", " + kind(block.kind)
                + (block.kind.equals(InsideBlock.MESSAGE) ? " to " + block.reader : "");
    }

    public static String kept(double bytes) {
        return "Kept on the GPU until the answer: " + Math.round(bytes / 1024) + " KiB.";
    }
}
