package org.recursivemas.tasks;

import java.util.ArrayList;
import java.util.List;

/**
 * What one person of a story owns: the sentences about it, in order, and the plan segment they amount to.
 */
final class Quantity {
    private static final int MOST = 600;

    final String owner;
    private final String other;
    private final String things;
    final StringBuilder segment = new StringBuilder();
    final List<String> sentences = new ArrayList<>();
    int value;

    Quantity(String owner, String other, String things) {
        this.owner = owner;
        this.other = other;
        this.things = things;
    }

    String things() {
        return things;
    }

    void start(SeededRandom random, int number, String... sentence) {
        value = number;
        segment.append(number);
        sentences.add(pick(random, sentence));
    }

    /** Starts from the result of the segment before. */
    void startFrom(int number) {
        value = number;
        segment.append('@');
    }

    void append(String operation, int result) {
        segment.append(' ').append(operation);
        value = result;
    }

    /** Adds one event that keeps the value between 1 and 600. */
    void event(SeededRandom random) {
        while (true) {
            switch (random.nextInt(9)) {
                case 0:
                case 1:
                    if (add(random)) {
                        return;
                    }
                    break;
                case 2:
                case 3:
                    if (subtract(random)) {
                        return;
                    }
                    break;
                case 4:
                    if (multiply(random)) {
                        return;
                    }
                    break;
                case 5:
                    if (value % 2 == 0 && value > 3) {
                        apply("/2", value / 2, pick(random, owner + " gives away half.", "Half of " + owner + "'s " + things
                                + " break.", owner + " keeps only half.", owner + " puts half of the " + things + " aside for "
                                + other + "."));
                        return;
                    }
                    break;
                case 6:
                    if (value % 3 == 0 && value > 5) {
                        apply("/3", value / 3, pick(random, owner + " keeps only a third.", owner
                                + " shares them evenly with two friends.", "Only a third of " + owner + "'s " + things
                                + " are left after the storm."));
                        return;
                    }
                    break;
                case 7:
                    if (bringBoxes(random)) {
                        return;
                    }
                    break;
                default:
                    if (giveEach(random)) {
                        return;
                    }
            }
        }
    }

    private boolean add(SeededRandom random) {
        boolean dozen = random.nextInt(25) == 0;
        int n = dozen ? 12 : 1 + random.nextInt(60);
        if (value + n > MOST) {
            return false;
        }
        if (dozen) {
            apply("+12", value + n, pick(random, owner + " buys a dozen more.", owner + " finds a dozen " + things + "."));
        } else {
            apply("+" + n, value + n, pick(random, owner + " buys " + n + " more.", other + " gives " + owner + " " + n + " "
                    + things + ".", owner + " finds " + n + " " + things + ".", owner + " wins " + n + " " + things
                    + " in a game.", owner + " picks up " + n + " more " + things + "."));
        }
        return true;
    }

    private boolean subtract(SeededRandom random) {
        if (value < 3) {
            return false;
        }
        int n = 1 + random.nextInt(Math.min(60, value - 1));
        apply("-" + n, value - n, pick(random, owner + " loses " + n + " of them.", owner + " gives " + n + " to " + other + ".",
                owner + " sells " + n + " " + things + ".", owner + " drops " + n + " " + things + " into the river.",
                other + " takes " + n + " " + things + " from " + owner + "."));
        return true;
    }

    private boolean multiply(SeededRandom random) {
        int n = 2 + random.nextInt(2);
        if (value * n > MOST) {
            return false;
        }
        String times = n == 2 ? "twice" : "three times";
        apply("*" + n, value * n, pick(random, "Then " + owner + " has " + times + " as many.", "A trick "
                + (n == 2 ? "doubles" : "triples") + " " + owner + "'s " + things + ".", "A week later " + owner + " has " + times
                + " as many " + things + "."));
        return true;
    }

    private boolean bringBoxes(SeededRandom random) {
        int n = 2 + random.nextInt(6);
        int m = 2 + random.nextInt(8);
        if (value + n * m > MOST) {
            return false;
        }
        apply("+" + n + "*" + m, value + n * m, pick(random, owner + " opens " + n + " boxes with " + m + " " + things + " each.",
                n + " friends bring " + owner + " " + m + " " + things + " each.", owner + " buys " + n + " bags of " + m + " "
                + things + "."));
        return true;
    }

    private boolean giveEach(SeededRandom random) {
        int m = 2 + random.nextInt(8);
        int n = 2 + random.nextInt(6);
        if (value - m * n < 1) {
            return false;
        }
        apply("-" + m + "*" + n, value - m * n, pick(random, owner + " gives " + m + " " + things + " to each of " + n
                + " friends.", owner + " puts " + m + " " + things + " on each of " + n + " plates and leaves them there."));
        return true;
    }

    private void apply(String operation, int result, String sentence) {
        append(operation, result);
        sentences.add(sentence);
    }

    static String pick(SeededRandom random, String... choices) {
        return choices[random.nextInt(choices.length)];
    }
}
