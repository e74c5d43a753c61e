package org.recursivemas.tasks;

import java.util.ArrayList;
import java.util.List;

/** What things cost in stories that do not tell it: the corpus of the demo's search tool. */
public final class Prices {
    /** Lowest and highest price in a story, told or not, in dollars. */
    static final int LEAST = 2;
    static final int MOST = 5;

    private static final String[] THINGS = {"apples", "pens", "coins", "cards", "shells", "books", "stamps", "marbles",
        "cookies", "stickers", "beads", "keys", "nuts", "flowers", "eggs"};
    private static final int[] DOLLARS = {3, 4, 5, 2, 4, 5, 3, 2, 3, 4, 2, 5, 2, 4, 3};

    private Prices() {
    }

    /** The things of all stories, plural. */
    static String[] things() {
        return THINGS.clone();
    }

    /**
     * Dollars for one.
     *
     * @param things plural, e.g. {@code "pens"}
     */
    public static int of(String things) {
        for (int i = 0; i < THINGS.length; i++) {
            if (THINGS[i].equals(things)) {
                return DOLLARS[i];
            }
        }
        throw new IllegalArgumentException("no story has " + things);
    }

    /** The sentence that tells a price, in a story or in the corpus. */
    public static String sentence(String things, int dollars) {
        return "Each of the " + things + " costs " + dollars + " dollars.";
    }

    /** What one asks the search tool. */
    static String query(String things) {
        return "price of " + things;
    }

    /** One sentence for each thing. */
    public static List<String> corpus() {
        List<String> sentences = new ArrayList<>();
        for (int i = 0; i < THINGS.length; i++) {
            sentences.add(sentence(THINGS[i], DOLLARS[i]));
        }
        return sentences;
    }
}
