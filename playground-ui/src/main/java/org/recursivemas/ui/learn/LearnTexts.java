package org.recursivemas.ui.learn;

import org.recursivemas.data.ModeReport;
import org.recursivemas.learn.Tour;
import org.recursivemas.learn.Tour.Step;
import org.recursivemas.learn.Tour.Way;
import org.recursivemas.ui.Numbers;

/** Texts of the guided tour. */
public final class LearnTexts {
    public static final String TITLE = "Guided tour";
    public static final String INTRO = "Seven pages. Each explains one idea and lets you run it, with the models of the open "
            + "team, on one and the same problem. The numbers are those of your own runs.";
    public static final String PAGES = "Pages of the tour";
    public static final String PROBLEM = "The tour's problem";
    public static final String ANOTHER = "Another problem";
    public static final String RUN = "Run this page";
    public static final String STOP = "Stop";
    public static final String BACK = "Back";
    public static final String NEXT = "Next";
    public static final String CAPTION = "Your runs of this problem";
    public static final String[] COLUMNS = {"Way", "Answer", "Marked", "Decoded tokens", "Positions", "Seconds"};
    public static final String NOT_RUN = "not run";
    public static final String NONE = "\u2013";
    public static final String WROTE = "What was written";
    public static final String TOURING = "The guided tour is running.";
    public static final String STOPPED = "Stopped. What had ended stays.";
    public static final String DONE = "Done.";
    public static final String STOPPING = "Stopping\u2026";
    public static final String NO_TEAM = "Run is off until the team has been read.";
    public static final String NOTHING_LEFT = "All ways have been run on this problem.";

    static final String HIDDEN_STATE = "The hidden state h at position t: what the model F has made of all inputs x up to "
            + "there, a vector of d numbers.";
    static final String NEXT_TOKEN = "Writing: of all tokens, take the one whose row of the head W fits the hidden state "
            + "best.";
    static final String EMBEDDING = "Then the token's own vector is the next input. Everything else that was in h is gone.";
    static final String ROLLOUT = "Thinking: the inner link makes the next input of the hidden state itself, m times.";
    static final String THOUGHTS = "What the agent thought: the m hidden states on the way, m times d numbers.";
    static final String MESSAGE = "The message from agent i to agent j: each of them through the inner link, then through the "
            + "outer link. It stands in a slot of the reader's prompt, between the words.";
    static final String INNER_LINK = "The inner link keeps the state and adds a small correction.";
    static final String OUTER_LINK = "The outer link also changes the width, from one model's to the other's. The links that "
            + "are in use also normalize (LayerNorm) and add biases, and a link may leave the GELU term out.";
    static final String FEEDBACK = "From one round to the next: the last agent's message of round r stands in the first "
            + "agent's prompt of round r + 1.";
    static final String ZERO = "The reader gets as many input vectors as before, but they say nothing.";

    static final String OPEN_TEAM = "Open the site's team";

    private LearnTexts() {
    }

    /** @param what the open team lacks */
    static String lacking(String what) {
        return "This page needs a team whose last agent can work alone, that goes round twice and has links for all its"
                + " hand-offs, as the site's own team has. This one does not do: " + what + ".";
    }

    static String page(Step step) {
        switch (step) {
            case START:
                return "Hidden states";
            case ALONE:
                return "One agent alone";
            case TEXT:
                return "Handing over text";
            case LATENT:
                return "Handing over latents";
            case DEPTH:
                return "Going round twice";
            case CUT:
                return "Cutting a link";
            default:
                return "All your numbers";
        }
    }

    static String title(Step step) {
        return "Page " + (step.ordinal() + 1) + " of " + Step.values().length + ": " + page(step);
    }

    /** @param decider title of the agent that answers. @param agents how many there are. @param steps m */
    static String[] paragraphs(Step step, String decider, int agents, int steps) {
        switch (step) {
            case START:
                return new String[] {"A language model reads tokens, one position after the other. At each position its "
                        + "last layer holds a vector, the hidden state: what the model has understood so far, in a few "
                        + "hundred or thousand numbers.",
                    "Writing a token throws most of that away: one word out of a list remains. The agents here can do "
                        + "without writing. They hand their hidden states to each other.",
                    "Below is a problem whose answer the page knows. Go on with Next; each page runs it in another way."};
            case ALONE:
                return new String[] {decider + ", the agent that answers, gets the problem and nothing else. It writes "
                        + "token after token, each from the hidden state before it.",
                    "This is what the other agents have to improve on."};
            case TEXT:
                return new String[] {"Now the whole team of " + agents + ". Each agent writes its message as text, and the "
                        + "next one finds it in its prompt.",
                    "This is how agents usually work together. Every word has to be decoded, position after position, and "
                        + "read again by the next agent."};
            case LATENT:
                return new String[] {"The same team with the same prompts, but nobody except " + decider + " writes. After "
                        + "reading its prompt, an agent takes its last hidden state, passes it through its inner link, and "
                        + "takes the result as its next input, " + steps + " times. These " + steps + " hidden states are "
                        + "its message.",
                    "The models are frozen; the links are all that was trained. The section Run shows, under See inside, "
                        + "what such a message looks like."};
            case DEPTH:
                return new String[] {"A recursion: the last agent also thinks instead of writing, and its hidden states go "
                        + "back to the first agent, which starts the next round with them. Only in the last round does "
                        + decider + " write.",
                    "A round more costs more positions, but in latent form not one more written token than the answer "
                        + "itself."};
            case CUT:
                return new String[] {"Does the message matter at all? Here zeros stand in the place of what the outer link "
                        + "hands to " + decider + ". Everything else stays: the prompt, the number of positions, the other "
                        + "links.",
                    "In the section Run, under See inside, every link can be swapped for zero, noise or identity."};
            default:
                return new String[] {"Everything you ran on this problem. Run fills in what you left out.",
                    "One problem proves little. Take another one and look again, or open the section Benchmark, which "
                        + "runs many and says how sure its figures are."};
        }
    }

    static String way(Way way) {
        switch (way) {
            case ALONE:
                return "Alone";
            case TEXT:
                return "Team, text";
            case LATENT:
                return "Team, latent";
            case DEEPER:
                return "Latent, two rounds";
            default:
                return "Latent, zeros to the last";
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
                return answered(decider + " alone", alone) + " after " + tokens(alone) + "."
                        + (right(alone) ? " That can happen; take another problem and see whether it does again."
                        : " It could write, but nobody told it what to work out.");
            case TEXT:
                return answered("The team that writes", text) + ". All agents together decoded " + tokens(text) + ", "
                        + decider + " alone " + tokens(alone) + ".";
            case LATENT:
                return answered("The team that hands over latents", latent) + ", with " + tokens(latent) + " decoded; in "
                        + "text it was " + tokens(text) + ". Through the models went " + count(latent.positions)
                        + " positions instead of " + count(text.positions) + ".";
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
        return answered("Two rounds", deeper) + (deeper.answer.equals(latent.answer) ? ", as one round did"
                : "; one round said " + shown(latent.answer)) + ". The second round cost "
                + count(deeper.positions - latent.positions) + " positions more and "
                + (deeper.decodedTokens == latent.decodedTokens ? "not one decoded token."
                : "changed the decoded tokens from " + count(latent.decodedTokens) + " to " + count(deeper.decodedTokens)
                + ".");
    }

    private static String cut(ModeReport latent, ModeReport cut, String decider) {
        if (cut.answer.equals(latent.answer)) {
            return "The answer is still " + shown(cut.answer) + ": on this problem " + decider + " did not need the message. "
                    + "Take another one.";
        }
        return "With zeros the answer became " + shown(cut.answer) + " instead of " + shown(latent.answer) + ". What " + decider
                + " knew, it knew through this link.";
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
        return right + " of " + tour.step().ways().size() + " ways were right."
                + (least == null ? "" : " The right one with the fewest decoded tokens: " + way(least) + ", "
                + tokens(tour.result(least)) + ".");
    }

    private static boolean right(ModeReport report) {
        return Boolean.TRUE.equals(report.correct);
    }

    private static String answered(String who, ModeReport report) {
        return who + " answered " + shown(report.answer) + ", which is " + (right(report) ? "right" : "wrong");
    }

    private static String shown(String answer) {
        return answer.isEmpty() ? "nothing" : answer;
    }

    private static String tokens(ModeReport report) {
        return report.decodedTokens == 1 ? "1 token" : count(report.decodedTokens) + " tokens";
    }

    private static String count(int number) {
        return Numbers.count(number);
    }

    static String expected(String answer) {
        return "The answer is " + answer + ".";
    }

    static String running(Way way) {
        return way(way) + " is running\u2026";
    }
}
