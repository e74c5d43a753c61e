package org.recursivemas.ui.learn;

import org.recursivemas.data.ModeReport;
import org.recursivemas.learn.Tour;
import org.recursivemas.learn.Tour.Step;
import org.recursivemas.learn.Tour.Way;
import org.recursivemas.ui.Numbers;
import org.recursivemas.ui.Words;

/** Texts of the guided tour. */
public final class LearnTexts {
    public static final String TITLE = Words.of("Guided tour");
    public static final String INTRO = Words.of("Seven pages. Each explains one idea and lets you run it, with the "
            + "models of the open team, on one and the same problem. The numbers are those of your own runs.");
    public static final String PAGES = Words.of("Pages of the tour");
    public static final String PROBLEM = Words.of("The tour's problem");
    public static final String ANOTHER = Words.of("Another problem");
    public static final String RUN = Words.of("Run this page");
    public static final String STOP = Words.of("Stop");
    public static final String BACK = Words.of("Back");
    public static final String NEXT = Words.of("Next");
    public static final String CAPTION = Words.of("Your runs of this problem");
    public static final String[] COLUMNS = {Words.of("Way"), Words.of("Answer"), Words.of("Marked"),
            Words.of("Decoded tokens"), Words.of("Positions"), Words.of("Seconds")};
    public static final String NOT_RUN = Words.of("not run");
    public static final String NONE = "\u2013";
    public static final String WROTE = Words.of("What was written");
    public static final String TOURING = Words.of("The guided tour is running.");
    public static final String STOPPED = Words.of("Stopped. What had ended stays.");
    public static final String DONE = Words.of("Done.");
    public static final String STOPPING = Words.of("Stopping\u2026");
    public static final String NO_TEAM = Words.of("Run is off until the team has been read.");
    public static final String NOTHING_LEFT = Words.of("All ways have been run on this problem.");

    static final String HIDDEN_STATE = Words.of("The hidden state h at position t: what the model F has made of all "
            + "inputs x up to there, a vector of d numbers.");
    static final String NEXT_TOKEN = Words.of("Writing: of all tokens, take the one whose row of the head W fits the "
            + "hidden state best.");
    static final String EMBEDDING = Words.of("Then the token's own vector is the next input. Everything else that was in "
            + "h is gone.");
    static final String ROLLOUT = Words.of("Thinking: the inner link makes the next input of the hidden state itself, m "
            + "times.");
    static final String THOUGHTS = Words.of("What the agent thought: the m hidden states on the way, m times d numbers.");
    static final String MESSAGE = Words.of("The message from agent i to agent j: each of them through the inner link, "
            + "then through the outer link. It stands in a slot of the reader's prompt, between the words.");
    static final String INNER_LINK = Words.of("The inner link keeps the state and adds a small correction.");
    static final String OUTER_LINK = Words.of("The outer link also changes the width, from one model's to the other's. "
            + "The links that are in use also normalize (LayerNorm) and add biases, and a link may leave the GELU term "
            + "out.");
    static final String FEEDBACK = Words.of("From one round to the next: the last agent's message of round r stands in "
            + "the first agent's prompt of round r + 1.");
    static final String ZERO = Words.of("The reader gets as many input vectors as before, but they say nothing.");

    static final String OPEN_TEAM = Words.of("Open the site's team");

    private LearnTexts() {
    }

    /** @param what the open team lacks */
    static String lacking(String what) {
        return Words.of("This page needs a team whose last agent can work alone, that goes round twice and has links for "
                + "all its hand-offs, as the site's own team has. This one does not do: {0}.", what);
    }

    static String page(Step step) {
        switch (step) {
            case START:
                return Words.of("Hidden states");
            case ALONE:
                return Words.of("One agent alone");
            case TEXT:
                return Words.of("Handing over text");
            case LATENT:
                return Words.of("Handing over latents");
            case DEPTH:
                return Words.of("Going round twice");
            case CUT:
                return Words.of("Cutting a link");
            default:
                return Words.of("All your numbers");
        }
    }

    static String title(Step step) {
        return Words.of("Page {0} of {1}: {2}", step.ordinal() + 1, Step.values().length, page(step));
    }

    /** @param decider title of the agent that answers. @param agents how many there are. @param steps m */
    static String[] paragraphs(Step step, String decider, int agents, int steps) {
        switch (step) {
            case START:
                return new String[] {Words.of("A language model reads tokens, one position after the other. At each "
                        + "position its last layer holds a vector, the hidden state: what the model has understood so "
                        + "far, in a few hundred or thousand numbers."),
                    Words.of("Writing a token throws most of that away: one word out of a list remains. The agents here "
                        + "can do without writing. They hand their hidden states to each other."),
                    Words.of("Below is a problem whose answer the page knows. Go on with Next; each page runs it in "
                        + "another way.")};
            case ALONE:
                return new String[] {Words.of("{0}, the agent that answers, gets the problem and nothing else. It writes "
                        + "token after token, each from the hidden state before it.", decider),
                    Words.of("This is what the other agents have to improve on.")};
            case TEXT:
                return new String[] {Words.of("Now the whole team of {0}. Each agent writes its message as text, and the "
                        + "next one finds it in its prompt.", agents),
                    Words.of("This is how agents usually work together. Every word has to be decoded, position after "
                        + "position, and read again by the next agent.")};
            case LATENT:
                return new String[] {Words.of("The same team with the same prompts, but nobody except {0} writes. After "
                        + "reading its prompt, an agent takes its last hidden state, passes it through its inner link, "
                        + "and takes the result as its next input, {1} times. These {1} hidden states are its message.",
                        decider, steps),
                    Words.of("The models are frozen; the links are all that was trained. The section Run shows, under "
                        + "See inside, what such a message looks like.")};
            case DEPTH:
                return new String[] {Words.of("A recursion: the last agent also thinks instead of writing, and its "
                        + "hidden states go back to the first agent, which starts the next round with them. Only in the "
                        + "last round does {0} write.", decider),
                    Words.of("A round more costs more positions, but in latent form not one more written token than the "
                        + "answer itself.")};
            case CUT:
                return new String[] {Words.of("Does the message matter at all? Here zeros stand in the place of what the "
                        + "outer link hands to {0}. Everything else stays: the prompt, the number of positions, the "
                        + "other links.", decider),
                    Words.of("In the section Run, under See inside, every link can be swapped for zero, noise or identity.")};
            default:
                return new String[] {Words.of("Everything you ran on this problem. Run fills in what you left out."),
                    Words.of("One problem proves little. Take another one and look again, or open the section Benchmark, "
                        + "which runs many and says how sure its figures are.")};
        }
    }

    static String way(Way way) {
        switch (way) {
            case ALONE:
                return Words.of("Alone");
            case TEXT:
                return Words.of("Team, text");
            case LATENT:
                return Words.of("Team, latent");
            case DEEPER:
                return Words.of("Latent, two rounds");
            default:
                return Words.of("Latent, zeros to the last");
        }
    }

    /** What the page's numbers say, or an empty text while they are not all there. */
    static String verdict(Tour tour, String decider) {
        for (Way way : tour.step().ways()) {
            if (tour.result(way) == null) {
                return "";
            }
        }
        ModeReport alone = tour.result(Way.ALONE);
        ModeReport text = tour.result(Way.TEXT);
        ModeReport latent = tour.result(Way.LATENT);
        switch (tour.step()) {
            case ALONE:
                return Words.of("{0} after {1}.{2}",
                        answered(Words.of("{0} alone", decider), alone), tokens(alone), right(alone)
                        ? Words.of(" That can happen; take another problem and see whether it does again.")
                        : Words.of(" It could write, but nobody told it what to work out."));
            case TEXT:
                return Words.of("{0}. All agents together decoded {1}, {2} alone {3}.",
                        answered(Words.of("The team that writes"), text), tokens(text), decider, tokens(alone));
            case LATENT:
                return Words.of("{0}, with {1} decoded; in text it was {2}. Through the models went {3} positions "
                        + "instead of {4}.",
                        answered(Words.of("The team that hands over latents"), latent), tokens(latent), tokens(text),
                        count(latent.positions), count(text.positions));
            case DEPTH:
                return twice(latent, tour.result(Way.DEEPER));
            case CUT:
                return cut(latent, tour.result(Way.CUT), decider);
            case END:
                return summary(tour);
            default:
                return "";
        }
    }

    private static String twice(ModeReport latent, ModeReport deeper) {
        return Words.of("{0}{1}. The second round cost {2} positions more and {3}",
                answered(Words.of("Two rounds"), deeper), deeper.answer.equals(latent.answer)
                ? Words.of(", as one round did") : Words.of("; one round said {0}", shown(latent.answer)),
                count(deeper.positions - latent.positions), deeper.decodedTokens == latent.decodedTokens
                ? Words.of("not one decoded token.") : Words.of("changed the decoded tokens from {0} to {1}.",
                count(latent.decodedTokens), count(deeper.decodedTokens)));
    }

    private static String cut(ModeReport latent, ModeReport cut, String decider) {
        if (cut.answer.equals(latent.answer)) {
            return Words.of("The answer is still {0}: on this problem {1} did not need the message. Take another one.",
                    shown(cut.answer), decider);
        }
        return Words.of("With zeros the answer became {0} instead of {1}. What {2} knew, it knew through this link.",
                shown(cut.answer), shown(latent.answer), decider);
    }

    private static String summary(Tour tour) {
        int right = 0;
        Way least = null;
        for (Way way : tour.step().ways()) {
            ModeReport report = tour.result(way);
            if (right(report)) {
                right++;
                if (least == null || report.decodedTokens < tour.result(least).decodedTokens) {
                    least = way;
                }
            }
        }
        return Words.of("{0} of {1} ways were right.{2}",
                right, tour.step().ways().size(), least == null ? ""
                : Words.of(" The right one with the fewest decoded tokens: {0}, {1}.", way(least),
                tokens(tour.result(least))));
    }

    private static boolean right(ModeReport report) {
        return Boolean.TRUE.equals(report.correct);
    }

    private static String answered(String who, ModeReport report) {
        return Words.of("{0} answered {1}, which is {2}",
                who, shown(report.answer), right(report) ? Words.of("right") : Words.of("wrong"));
    }

    private static String shown(String answer) {
        return answer.isEmpty() ? Words.of("nothing") : answer;
    }

    private static String tokens(ModeReport report) {
        return report.decodedTokens == 1 ? Words.of("1 token") : Words.of("{0} tokens", count(report.decodedTokens));
    }

    private static String count(int number) {
        return Numbers.count(number);
    }

    static String expected(String answer) {
        return Words.of("The answer is {0}.", answer);
    }

    static String running(Way way) {
        return Words.of("{0} is running\u2026", way(way));
    }
}
