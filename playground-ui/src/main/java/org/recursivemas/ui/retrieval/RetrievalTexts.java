package org.recursivemas.ui.retrieval;

import org.recursivemas.ui.Words;

/** Texts about retrieval. */
public final class RetrievalTexts {
    public static final String LABEL = Words.of("Retrieval");
    public static final String HINT = Words.of("Messages that a hand-off brings, the most relevant of all rounds so far. Off: "
            + "the newest one.");
    public static final String OFF = Words.of("off");
    public static final String HELP = Words.of("Off, an agent reads the newest message of each agent that hands over to it. "
            + "Otherwise it reads the most relevant of all messages that were made for this place in its prompt, in this round "
            + "and the ones before, one behind the other, oldest first. Relevant is a message that points the same way as the "
            + "agent's own prompt: the cosine of their mean input vectors, which is shown with each stage. It does "
            + "nothing at depth 1. The demo's agents have learned from one message at a time. "
            + "Comparisons and benchmarks hand over the newest message; a room refuses it.");
    static final String CAPTION = Words.of("What the hand-offs could bring, and brought");
    static final String BROUGHT = Words.of("yes");
    static final String LEFT = Words.of("no");
    static final String[] COLUMNS = {Words.of("Reader"), Words.of("Slot"), Words.of("From"), Words.of("Brought"),
        Words.of("Read in round"), Words.of("Made in round"), Words.of("Relevance")};

    private RetrievalTexts() {
    }

    /** The setting of a run. @param most 1 or more */
    public static String setting(int most) {
        return Words.of("Retrieval: up to {0} of the messages for each slot.", most);
    }
}
