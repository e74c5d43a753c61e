package org.recursivemas.tasks;

import java.util.ArrayList;
import java.util.List;

/**
 * Makes story problems: one or two people whose quantities change, facts that have to be recalled sentences later, hand-overs,
 * comparisons, totals, prices, and sentences that do not matter. The same seed gives the same problems on the JVM and in the
 * browser.
 */
public final class StoryProblemGenerator {
    private static final String[] NAMES = {"Ava", "Ben", "Cora", "Dan", "Eve", "Finn", "Gia", "Hugo", "Iris", "Jack", "Kira",
        "Leo", "Mia", "Noah", "Olga", "Paul", "Rosa", "Sam", "Tara", "Zoe"};
    private static final String[] THINGS = Prices.things();
    private static final String[] ASIDES = {"It is a sunny day.", "They meet at the market.", "The bus is late.",
        "Everyone is in a good mood.", "The shop closes at six."};
    /** Percent of the stories that may ask for a price: those about one person, or a hand-over. */
    private static final int PRICED = 58;
    /** Upper bound for a plan's symbols (digits, operators, separators), so that a plan has at most about 30 tokens. */
    private static final int MAX_SYMBOLS = 27;

    /** Percent of the stories of two people that are not told one person after the other, where nobody says otherwise. */
    public static final int INTERLEAVED = 20;

    private final SeededRandom random;
    private final TaskSplit split;
    private final int interleaved;
    private final boolean tools;

    /** @param split the side of the split that problems are drawn from */
    public StoryProblemGenerator(long seed, TaskSplit split) {
        this(seed, split, INTERLEAVED);
    }

    /**
     * A generator for training sets with more (or fewer) of the stories that are hard to read.
     *
     * @param interleaved percent, 0 to 100, of the stories of two people in which the sentences about one are not all told before
     *     those about the other; {@link #INTERLEAVED} gives the problems of {@link #StoryProblemGenerator(long, TaskSplit)}
     */
    public StoryProblemGenerator(long seed, TaskSplit split, int interleaved) {
        this(seed, split, interleaved, false);
    }

    /**
     * A generator of problems that ask what things are worth without telling their price, for agents with a search tool.
     * Held-out ones are rare, so they take a while: about a tenth of a second each.
     */
    public static StoryProblemGenerator forTools(long seed, TaskSplit split, int interleaved) {
        return new StoryProblemGenerator(seed, split, interleaved, true);
    }

    private StoryProblemGenerator(long seed, TaskSplit split, int interleaved, boolean tools) {
        if (interleaved < 0 || interleaved > 100) {
            throw new IllegalArgumentException("interleaved must be 0 to 100 percent, not " + interleaved);
        }
        this.interleaved = interleaved;
        this.tools = tools;
        long mixed = (seed + 0x9E3779B97F4A7C15L) * 0xBF58476D1CE4E5B9L;
        this.random = new SeededRandom(mixed ^ (mixed >>> 29));
        this.split = split;
    }

    /** The next problem; its plan belongs to the generator's side of the split. */
    public StoryProblem next() {
        while (true) {
            StoryProblem problem = attempt();
            if (problem != null && TaskSplit.of(problem.plan()) == split) {
                return problem;
            }
        }
    }

    private StoryProblem attempt() {
        List<String> people = draw(NAMES, 3);
        List<String> objects = draw(THINGS, 2);
        Quantity first = new Quantity(people.get(0), people.get(2), objects.get(0));
        Quantity second = new Quantity(people.get(1), people.get(2), objects.get(0));
        List<String> story;
        String plan;
        String question;
        String things = objects.get(0);
        int kind = random.nextInt(tools ? PRICED : 100);
        if (kind < 40) {
            begin(first);
            events(first, 2 + random.nextInt(4));
            story = first.sentences;
            plan = first.segment.toString();
            question = ask(first.owner, things);
        } else if (kind < PRICED) {
            begin(second);
            events(second, random.nextInt(3));
            begin(first);
            int known = random.nextInt(3);
            story = interleave(second.sentences, first.sentences);
            int from = first.sentences.size();
            events(first, known);
            first.append("+@", first.value + second.value);
            first.sentences.add(Quantity.pick(random, second.owner + " hands " + first.owner + " everything.", first.owner
                    + " gets all of " + second.owner + "'s " + things + ".", second.owner + " gives all the " + things + " to "
                    + first.owner + "."));
            events(first, random.nextInt(3));
            story.addAll(first.sentences.subList(from, first.sentences.size()));
            plan = second.segment + " ; " + first.segment;
            question = ask(first.owner, things);
        } else if (kind < 88) {
            begin(first);
            events(first, 1 + random.nextInt(2));
            begin(second);
            events(second, random.nextInt(3));
            story = interleave(first.sentences, second.sentences);
            if (kind < 73) {
                Quantity more = first.value >= second.value ? first : second;
                Quantity less = more == first ? second : first;
                plan = less.segment + " ; " + more.segment + " -@";
                question = Quantity.pick(random, "How many more " + things + " does " + more.owner + " have than " + less.owner
                        + "?", "How many " + things + " does " + less.owner + " have to get to catch up with " + more.owner
                        + "?");
            } else {
                plan = first.segment + " ; " + second.segment + " +@";
                question = Quantity.pick(random, "How many " + things + " do " + first.owner + " and " + second.owner
                        + " have together?", "How many " + things + " are there in total, " + first.owner + "'s and "
                        + second.owner + "'s?");
            }
        } else {
            begin(first);
            events(first, random.nextInt(3));
            second.startFrom(first.value);
            relate(first, second, things);
            events(second, 1 + random.nextInt(2));
            story = new ArrayList<>(first.sentences);
            story.addAll(second.sentences);
            boolean together = random.nextInt(3) == 0;
            plan = first.segment + " ; " + second.segment + (together ? " +@" : "");
            question = together ? "How many " + things + " do " + first.owner + " and " + second.owner + " have together?"
                    : ask(second.owner, things);
        }
        if (tools || kind < PRICED && random.nextInt(8) == 0) {
            if (tools) {
                plan += OperationPlan.UNTOLD_PRICE;
            } else {
                int price = Prices.LEAST + random.nextInt(Prices.MOST - Prices.LEAST + 1);
                plan += " *" + price;
                story.add(1 + random.nextInt(story.size()), Prices.sentence(things, price));
            }
            question = "How many dollars are " + first.owner + "'s " + things + " worth now?";
        }
        distract(story, people.get(2), first.owner, objects);
        return finish(story, plan, question, things);
    }

    private static StoryProblem finish(List<String> story, String plan, String question, String things) {
        int symbols = 0;
        for (int i = 0; i < plan.length(); i++) {
            symbols += plan.charAt(i) == ' ' ? 0 : plan.charAt(i) == ';' ? 2 : 1;
        }
        if (symbols > MAX_SYMBOLS || plan.indexOf(' ') < 0) {
            return null;
        }
        try {
            return new StoryProblem(String.join(" ", story) + " " + question, OperationPlan.parse(plan, Prices.of(things)), things);
        } catch (IllegalArgumentException outOfRange) {
            return null; // a value above 999 or below 1: draw again
        }
    }

    private void begin(Quantity quantity) {
        int n = 2 + random.nextInt(99);
        String owner = quantity.owner;
        quantity.start(random, n, owner + " has " + n + " " + quantity.things() + ".", owner + " starts with " + n + " "
                + quantity.things() + ".", "There are " + n + " " + quantity.things() + " in " + owner + "'s bag.", owner + " owns "
                + n + " " + quantity.things() + ".");
    }


    private void events(Quantity quantity, int count) {
        for (int i = 0; i < count; i++) {
            quantity.event(random);
        }
    }

    private void relate(Quantity base, Quantity related, String things) {
        int kind = random.nextInt(4);
        if (kind < 2 && base.value * (kind + 2) <= 600) {
            related.append("*" + (kind + 2), base.value * (kind + 2));
            related.sentences.add(related.owner + " has " + (kind == 0 ? "twice" : "three times") + " as many " + things + " as "
                    + base.owner + ".");
        } else if (kind == 2 && base.value > 4) {
            int n = 1 + random.nextInt(Math.min(30, base.value - 2));
            related.append("-" + n, base.value - n);
            related.sentences.add(related.owner + " has " + n + " " + Quantity.pick(random, "fewer ", "less ") + things + " than "
                    + base.owner + ".");
        } else {
            int n = 1 + random.nextInt(40);
            related.append("+" + n, base.value + n);
            related.sentences.add(related.owner + " has " + n + " more " + things + " than " + base.owner + ".");
        }
    }

    private String ask(String owner, String things) {
        return Quantity.pick(random, "How many " + things + " does " + owner + " have now?", "How many " + things + " does " + owner
                + " end up with?", "How many " + things + " are " + owner + "'s in the end?");
    }

    private void distract(List<String> story, String bystander, String owner, List<String> objects) {
        int count = random.nextInt(10) < 5 ? 0 : 1 + random.nextInt(2);
        for (int i = 0; i < count; i++) {
            int n = 2 + random.nextInt(90);
            String other = objects.get(1);
            String sentence = Quantity.pick(random, bystander + " has " + n + " " + objects.get(0) + ".", owner + " also has " + n
                    + " " + other + ".", bystander + " buys " + n + " " + other + ".", bystander + " is " + n + " years old.",
                    Quantity.pick(random, ASIDES));
            story.add(random.nextInt(story.size() + 1), sentence);
        }
    }

    /**
     * One telling of two people's sentences: one after the other, or (of the interleaved ones) mostly both starts first, seldom
     * sentence by sentence.
     */
    private List<String> interleave(List<String> left, List<String> right) {
        int telling = random.nextInt(100);
        List<String> all = new ArrayList<>();
        int i = 0;
        int j = 0;
        if (telling < 100 - interleaved) {
            all.addAll(left);
            all.addAll(right);
        } else if (telling < 100 - interleaved * 3 / 20) {
            all.add(left.get(0));
            all.add(right.get(0));
            all.addAll(left.subList(1, left.size()));
            all.addAll(right.subList(1, right.size()));
        } else {
            while (i < left.size() || j < right.size()) {
                boolean takeLeft = j == right.size()
                        || i < left.size() && (i == 0 || random.nextInt(left.size() - i + right.size() - j) < left.size() - i);
                all.add(takeLeft ? left.get(i++) : right.get(j++));
            }
        }
        return all;
    }

    private List<String> draw(String[] from, int count) {
        List<String> pool = new ArrayList<>(List.of(from));
        List<String> drawn = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            drawn.add(pool.remove(random.nextInt(pool.size())));
        }
        return drawn;
    }
}
