package org.recursivemas.ui.team;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.recursivemas.measure.BenchmarkPlan;
import org.recursivemas.models.AgentModel;

/**
 * A team file under change, as the tree of its JSON: fields that are not known here stay as they are. Whether it makes a
 * team is told by whoever opens it; here only the shape is looked at.
 */
public final class TeamDraft {
    /** The texts of an agent that a person may change, as they are called in the file. */
    public static final List<String> PROMPTS = List.of("system", "user", "user_feedback", "user_alone");
    /** What makes an agent run one model rather than another. */
    private static final List<String> MODEL = List.of("model", "library", "hidden_size", "chat", "context_window");

    private static final String STEPS = "latent_steps";

    private final Map<String, Object> tree;

    /** @throws IllegalArgumentException for people, when the tree is no team file's */
    public TeamDraft(Object file) {
        if (!(file instanceof Map<?, ?> map)) {
            throw new IllegalArgumentException("The file holds no object. Give a team file.");
        }
        tree = copy(map);
        objects("agents");
        objects("hand_offs");
    }

    private static Map<String, Object> copy(Map<?, ?> map) {
        Map<String, Object> copied = new LinkedHashMap<>();
        map.forEach((name, value) -> copied.put((String) name, value instanceof Map<?, ?> inner ? copy(inner) : value));
        return copied;
    }

    /** The objects of a list, which are from now on those of the tree. */
    private List<Map<String, Object>> objects(String field) {
        if (!(tree.get(field) instanceof List<?> list)) {
            throw new IllegalArgumentException(field + ": is missing or no list. Give a team file.");
        }
        List<Map<String, Object>> read = new ArrayList<>();
        for (int i = 0; i < list.size(); i++) {
            if (!(list.get(i) instanceof Map<?, ?> map)) {
                throw new IllegalArgumentException(field + "[" + i + "]: is no object. Give a team file.");
            }
            read.add(copy(map));
        }
        tree.put(field, read);
        return read;
    }

    /** The tree, to be written. */
    public Map<String, Object> tree() {
        return tree;
    }

    @SuppressWarnings("unchecked")   // put there by objects()
    private List<Map<String, Object>> list(String field) {
        return (List<Map<String, Object>>) tree.get(field);
    }

    private static String text(Map<String, Object> object, String field) {
        return object.get(field) instanceof String text ? text : "";
    }

    public int agents() {
        return list("agents").size();
    }

    /** A text of an agent, empty where the file has none. */
    public String agent(int index, String field) {
        return text(list("agents").get(index), field);
    }

    /** A whole number of an agent, or {@code absent} where the file has none or something else. */
    public int number(int index, String field, int absent) {
        return list("agents").get(index).get(field) instanceof Number number && number.intValue() == number.doubleValue()
                ? number.intValue() : absent;
    }

    /** The latent steps of an agent as they are written; empty where it has the run's. */
    public String latentSteps(int index) {
        Object value = list("agents").get(index).get(STEPS);
        int steps = number(index, STEPS, -1);
        return value == null ? "" : steps >= 0 ? Integer.toString(steps) : value.toString();
    }

    /** Changes the latent steps of an agent; blank gives it the run's. What is no number is left for the reader to refuse. */
    public void setLatentSteps(int index, String text) {
        String typed = text.trim();
        int steps = BenchmarkPlan.wholeNumber(typed);
        if (typed.isEmpty()) {
            list("agents").get(index).remove(STEPS);
        } else {
            list("agents").get(index).put(STEPS, steps >= 0 ? (Object) steps : typed);
        }
    }

    /** A text of the team itself, empty where the file has none. */
    public String team(String field) {
        return text(tree, field);
    }

    /** The place of the agent with an id, or -1. */
    public int find(String id) {
        for (int i = 0; i < agents(); i++) {
            if (agent(i, "id").equals(id)) {
                return i;
            }
        }
        return -1;
    }

    /** Changes a text of an agent. An empty prompt other than {@code user} and {@code system} leaves the file. */
    public void setAgent(int index, String field, String value) {
        Map<String, Object> agent = list("agents").get(index);
        if (value.isEmpty() && field.startsWith("user_")) {
            agent.remove(field);
        } else {
            agent.put(field, value);
        }
    }

    /** Exchanges an agent with the one before it. Agents of a round work in this order. */
    public void moveUp(int index) {
        List<Map<String, Object>> agents = list("agents");
        if (index > 0) {
            agents.add(index - 1, agents.remove(index));
        }
    }

    /** Removes an agent and its hand-offs. */
    public void removeAgent(int index) {
        String id = agent(index, "id");
        list("agents").remove(index);
        list("hand_offs").removeIf(edge -> text(edge, "from").equals(id) || text(edge, "to").equals(id));
    }

    /** Adds a copy of an agent behind it, with an id of its own and no hand-offs. */
    public void copyAgent(int index) {
        Map<String, Object> added = copy(list("agents").get(index));
        int number = 2;
        while (hasAgent(agent(index, "id") + number)) {
            number++;
        }
        added.put("id", agent(index, "id") + number);
        added.put("title", agent(index, "title") + " " + number);
        list("agents").add(index + 1, added);
    }

    private boolean hasAgent(String id) {
        return find(id) >= 0;
    }

    /** Has an agent run another agent's model: with its library, width and chat format. */
    public void takeModel(int index, int from) {
        Map<String, Object> source = list("agents").get(from);
        Map<String, Object> agent = list("agents").get(index);
        for (String field : MODEL) {
            if (source.containsKey(field)) {
                agent.put(field, source.get(field));
            } else {
                agent.remove(field);
            }
        }
    }

    /** Has an agent run a model from elsewhere. */
    public void takeModel(int index, AgentModel model) {
        Map<String, Object> agent = list("agents").get(index);
        agent.put("model", model.folder());
        agent.put("library", model.library());
        agent.put("hidden_size", model.hiddenSize());
        agent.put("context_window", model.contextWindow());
        Map<String, Object> chat = new LinkedHashMap<>();
        chat.put("system", model.chat().system);
        chat.put("user", model.chat().user);
        chat.put("generation", model.chat().generation);
        agent.put("chat", chat);
    }

    public int handOffs() {
        return list("hand_offs").size();
    }

    /** {@code from}, {@code to} or {@code slot} of a hand-off. */
    public String handOff(int index, String field) {
        return text(list("hand_offs").get(index), field);
    }

    /** Whether a hand-off arrives in the next round. */
    public boolean isFeedback(int index) {
        return Boolean.TRUE.equals(list("hand_offs").get(index).get("feedback"));
    }

    public void addHandOff(String from, String to, String slot, boolean feedback) {
        Map<String, Object> edge = new LinkedHashMap<>();
        edge.put("from", from);
        edge.put("to", to);
        edge.put("slot", slot);
        edge.put("feedback", feedback);
        list("hand_offs").add(edge);
    }

    public void removeHandOff(int index) {
        list("hand_offs").remove(index);
    }
}
