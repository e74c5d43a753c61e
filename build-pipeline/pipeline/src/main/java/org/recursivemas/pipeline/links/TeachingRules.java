package org.recursivemas.pipeline.links;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.recursivemas.pipeline.InputException;
import org.recursivemas.pipeline.twin.ModelFolder;
import org.recursivemas.team.Edge;
import org.recursivemas.team.PlannedAgent;
import org.recursivemas.team.TeamPlan;

/**
 * Which field of a task says what: what each agent should say, and what stands in its slots while it says it.
 *
 * <p>Unless told otherwise, the deciding agent's text is the field {@code solution}, every other agent's {@code plan},
 * and a slot is filled from the field of its own name or, where the tasks have none, with what its sender should say.
 */
public final class TeachingRules {
    /** Stands for all agents that are not named. */
    public static final String ALL = "";
    private static final String DECIDER_FIELD = "solution";
    private static final String OTHER_FIELD = "plan";

    private final Map<String, String> targets;
    private final Map<String, String> slots;
    private final Map<String, String> ends;
    private final Map<String, String> fillers;
    private final int rows;

    /**
     * @param targets fields by agent id, where they differ from the usual
     * @param slots fields by {@code AGENT.SLOT}, where they differ from the usual
     * @param ends tokens that end a message, by agent id; {@link #ALL} for all others; where there is none, the model's own
     * @param fillers tokens that fill a message up to its fixed length, likewise
     * @param rows length m of every message: text, end token, fillers, cut where it is longer; 0 for text and end token
     *     only
     */
    public TeachingRules(Map<String, String> targets, Map<String, String> slots, Map<String, String> ends,
            Map<String, String> fillers, int rows) {
        this.targets = new LinkedHashMap<>(targets);
        this.slots = new LinkedHashMap<>(slots);
        this.ends = new LinkedHashMap<>(ends);
        this.fillers = new LinkedHashMap<>(fillers);
        this.rows = rows;
    }

    /** The usual rules for messages of {@code rows} positions. */
    public static TeachingRules usual(int rows) {
        return new TeachingRules(Map.of(), Map.of(), Map.of(), Map.of(), rows);
    }

    /**
     * Tokens as given on a command line.
     *
     * @param given AGENT=TOKEN, or TOKEN for all other agents; which may hold = itself when no agent is called so
     */
    public static Map<String, String> tokens(List<String> given, Set<String> agents) {
        Map<String, String> tokens = new LinkedHashMap<>();
        for (String each : given) {
            int at = each.indexOf('=');
            boolean named = at > 0 && agents.contains(each.substring(0, at));
            tokens.put(named ? each.substring(0, at) : ALL, named ? each.substring(at + 1) : each);
        }
        return tokens;
    }

    /**
     * The token that ends an agent's messages.
     *
     * @throws InputException when the one that was named is not a single token of the model
     */
    public int end(String agent, ModelFolder model) {
        String given = ends.getOrDefault(agent, ends.get(ALL));
        return given == null ? model.endToken() : model.tokenizer().token(given);
    }

    /**
     * The token that fills an agent's messages up.
     *
     * @throws InputException when the one that was named is not a single token of the model
     */
    public int filler(String agent, ModelFolder model) {
        String given = fillers.getOrDefault(agent, fillers.get(ALL));
        return given == null ? model.fillerToken() : model.tokenizer().token(given);
    }

    /** Length of every message; 0 for as long as the text. */
    public int rows() {
        return rows;
    }

    /** The same rules for messages of another length. */
    public TeachingRules withRows(int other) {
        return new TeachingRules(targets, slots, ends, fillers, other);
    }

    /** Refuses rules for agents or slots that the team does not have. */
    public void check(TeamPlan plan) {
        TreeSet<String> agents = new TreeSet<>();
        plan.agents().forEach(agent -> agents.add(agent.id()));
        TreeSet<String> places = new TreeSet<>();
        plan.edges().forEach(edge -> places.add(edge.to() + "." + edge.slot()));
        requireKnown("target", targets, agents);
        requireKnown("slot", slots, places);
        agents.add(ALL);
        requireKnown("end", ends, agents);
        requireKnown("filler", fillers, agents);
    }

    private static void requireKnown(String what, Map<String, String> given, TreeSet<String> known) {
        for (String name : given.keySet()) {
            if (!known.contains(name)) {
                throw new InputException(what + " " + name, "the team does not have it", "Known are "
                        + String.join(", ", known), null);
            }
        }
    }

    /** What {@code agent} should say. */
    public String target(TeamPlan plan, PlannedAgent agent, Map<String, String> task) {
        return field(task, targetField(plan, agent.id()), "what agent \"" + agent.id() + "\" should say", "--target");
    }

    private String targetField(TeamPlan plan, String agent) {
        return targets.getOrDefault(agent, agent.equals(plan.decider().id()) ? DECIDER_FIELD : OTHER_FIELD);
    }

    /** What stands in the slot that {@code edge} fills. */
    public String slot(TeamPlan plan, Edge edge, Map<String, String> task) {
        String place = edge.to() + "." + edge.slot();
        String name = slots.get(place);
        if (name == null) {
            name = task.containsKey(edge.slot()) ? edge.slot() : targetField(plan, edge.from());
        }
        return field(task, name, "slot \"" + place + "\"", "--slot");
    }

    private static String field(Map<String, String> task, String name, String purpose, String option) {
        String text = task.get(name);
        if (text == null) {
            throw new InputException("tasks, field \"" + name + "\"", "a problem lacks this field, which is " + purpose,
                    "Add it to the tasks, or name another field with " + option, null);
        }
        return text;
    }

    /**
     * The rows of a message: {@code text} tokens, {@code end}, then fillers up to the fixed length; cut where longer.
     */
    public int[] close(int[] text, int endToken, int fillerToken) {
        return close(text, endToken, fillerToken, rows);
    }

    /** As the other one, for messages of {@code rows} tokens; 0 for text and end token only. */
    public static int[] close(int[] text, int endToken, int fillerToken, int rows) {
        int[] closed = new int[rows == 0 ? text.length + 1 : rows];
        for (int i = 0; i < closed.length; i++) {
            closed[i] = i < text.length ? text[i] : i == text.length ? endToken : fillerToken;
        }
        return closed;
    }

    private static String words(Map<String, String> tokens) {
        List<String> words = new ArrayList<>();
        tokens.forEach((agent, token) -> words.add(agent.equals(ALL) ? token : agent + "=" + token));
        return words.isEmpty() ? "of each model" : String.join(" ", words);
    }

    /** For the link file's training facts. */
    public List<String> facts() {
        return List.of("message rows " + (rows == 0 ? "as long as the text" : rows), "end " + words(ends),
                "filler " + words(fillers));
    }
}
