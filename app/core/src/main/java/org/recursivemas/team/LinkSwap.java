package org.recursivemas.team;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.recursivemas.data.AgentSpec;
import org.recursivemas.data.HandOff;
import org.recursivemas.data.Team;
import org.recursivemas.engine.HiddenStateProbe;
import org.recursivemas.engine.LanguageModel;
import org.recursivemas.engine.LatentDevice;
import org.recursivemas.engine.Latents;
import org.recursivemas.engine.Link;
import org.recursivemas.tasks.SeededRandom;
import org.recursivemas.together.LatentBlock;

/** What can stand in a link's place, so that a person sees what the link carries. */
public final class LinkSwap {
    /** The link itself. */
    public static final String TRAINED = "trained";
    /** y = x. Only for equal widths. */
    public static final String IDENTITY = "identity";
    /** A random direction for each row, as long as the row that the link itself gives. Seeded by the request. */
    public static final String NOISE = "noise";
    /** y = 0. */
    public static final String ZERO = "zero";
    /** All of them. */
    public static final List<String> ALL = List.of(TRAINED, IDENTITY, NOISE, ZERO);

    private static final int LEVELS = 1 << 16;
    private static final int SUMMANDS = 4;

    private LinkSwap() {
    }

    /**
     * The links of a team by name, inner ones ({@code "planner"}) first, then outer ones ({@code "planner->critic"}), each
     * with the widths that it joins: [2], in and out.
     */
    public static Map<String, int[]> widths(Team team) {
        Map<String, Integer> sizes = new LinkedHashMap<>();
        for (AgentSpec agent : team.agents) {
            sizes.put(agent.id, agent.hiddenSize);
        }
        Map<String, int[]> widths = new LinkedHashMap<>();
        for (HandOff handOff : team.handOffs) {
            int size = sizes.get(handOff.from);
            widths.put(handOff.from, new int[] {size, size});
        }
        for (HandOff handOff : team.handOffs) {
            widths.put(handOff.from + "->" + handOff.to, new int[] {sizes.get(handOff.from), sizes.get(handOff.to)});
        }
        return widths;
    }

    /** The same for a team that has been read. */
    public static Map<String, int[]> widths(TeamPlan plan) {
        Map<String, int[]> widths = new LinkedHashMap<>();
        for (Edge edge : plan.edges()) {
            int size = plan.agent(edge.from()).hiddenSize();
            widths.put(edge.from(), new int[] {size, size});
        }
        for (Edge edge : plan.edges()) {
            widths.put(name(edge), new int[] {plan.agent(edge.from()).hiddenSize(), plan.agent(edge.to()).hiddenSize()});
        }
        return widths;
    }

    /** Name of an outer link, as in {@link #widths}. */
    static String name(Edge edge) {
        return edge.from() + "->" + edge.to();
    }

    /**
     * @param swaps what shall stand for which link
     * @param widths the links that there are, as {@link #widths} gives them
     * @throws IllegalArgumentException for people, when there is no such link or swap, or the widths do not allow it
     */
    public static void require(Map<String, String> swaps, Map<String, int[]> widths) {
        swaps.forEach((name, swap) -> {
            if (!widths.containsKey(name)) {
                throw new IllegalArgumentException("links: the team has no link \"" + name + "\"; it has "
                        + widths.keySet());
            }
            require(name, swap, widths.get(name)[0], widths.get(name)[1]);
        });
    }

    private static void require(String name, String swap, int inWidth, int outWidth) {
        if (!ALL.contains(swap)) {
            throw new IllegalArgumentException("links: \"" + name + "\" is swapped for \"" + swap + "\"; known are " + ALL);
        }
        if (swap.equals(IDENTITY) && inWidth != outWidth) {
            throw new IllegalArgumentException("links: \"" + name + "\" goes from width " + inWidth + " to " + outWidth
                    + ", so identity cannot stand for it. Take noise or zero");
        }
    }

    /**
     * @param swap null for the link itself
     * @param past rows [0, rounds * m) that this link has made in this run before, here or somewhere else
     */
    static Link of(String name, String swap, Link link, LanguageModel reader, LatentDevice device, int seed, int past) {
        if (swap == null || swap.equals(TRAINED)) {
            return link;
        }
        require(name, swap, link.inWidth(), link.outWidth());
        SeededRandom random = random(name, seed);
        if (swap.equals(NOISE)) {
            directions(random, past, link.outWidth());
        }
        return new Swapped(link, x -> {
            switch (swap) {
                case IDENTITY:
                    return reader.stack(List.of(x));
                case ZERO:
                    return device.write(new float[x.rows()][link.outWidth()], reader);
                default:
                    try (Latents sizes = link.apply(x)) {
                        return device.withNormsOf(sizes, directions(random, x.rows(), link.outWidth()), reader);
                    }
            }
        });
    }

    private static SeededRandom random(String name, int seed) {
        return new SeededRandom(31L * seed + name.hashCode());
    }

    /**
     * What an outer link, or what stands for it, sends to a reader whose model is somewhere else: the same numbers that
     * {@link #of} gives where the model is.
     *
     * @param swap null for the link itself
     * @param x [m, width of the link's input]
     * @param past as in {@link #of}
     * @return [m, width of the reader]
     */
    static LatentBlock message(String name, String swap, Link link, Latents x, LatentDevice device, int seed, int past) {
        if (swap != null) {
            require(name, swap, link.inWidth(), link.outWidth());
        }
        if (IDENTITY.equals(swap)) {
            return LatentBlock.of(device.read(x), x.width());
        }
        if (ZERO.equals(swap)) {
            return new LatentBlock(x.rows(), link.outWidth(), new float[x.rows() * link.outWidth()]);
        }
        try (Latents own = link.apply(x); HiddenStateProbe probe = device.probe()) {
            if (!NOISE.equals(swap)) {
                return LatentBlock.of(device.read(own), link.outWidth());
            }
            SeededRandom random = random(name, seed);
            directions(random, past, link.outWidth());
            float[][] rows = directions(random, x.rows(), link.outWidth());
            probe.record(own);
            float[] norms = probe.read()[0].norms();
            for (int r = 0; r < rows.length; r++) {
                for (int i = 0; i < rows[r].length; i++) {
                    rows[r][i] *= norms[r];
                }
            }
            return LatentBlock.of(rows, link.outWidth());
        }
    }

    /**
     * Unit vectors [rows][width] in random directions: sums of four whole random numbers, near enough to normally
     * distributed, and the same bits on every engine.
     */
    static float[][] directions(SeededRandom random, int rows, int width) {
        float[][] result = new float[rows][width];
        for (float[] row : result) {
            double squares = 0;
            while (squares == 0) {
                for (int i = 0; i < width; i++) {
                    int sum = 0;
                    for (int n = 0; n < SUMMANDS; n++) {
                        sum += random.nextInt(LEVELS);
                    }
                    row[i] = sum - SUMMANDS * (LEVELS - 1) / 2;
                    squares += (double) row[i] * row[i];
                }
            }
            double norm = Math.sqrt(squares);
            for (int i = 0; i < width; i++) {
                row[i] = (float) (row[i] / norm);
            }
        }
        return result;
    }

    /** What the swapped link does with a block. */
    private interface Act {
        Latents apply(Latents x);
    }

    private static final class Swapped implements Link {
        private final Link link;
        private final Act act;

        Swapped(Link link, Act act) {
            this.link = link;
            this.act = act;
        }

        @Override
        public String id() {
            return link.id();
        }

        @Override
        public int inWidth() {
            return link.inWidth();
        }

        @Override
        public int outWidth() {
            return link.outWidth();
        }

        @Override
        public Latents apply(Latents x) {
            return act.apply(x);
        }
    }
}
