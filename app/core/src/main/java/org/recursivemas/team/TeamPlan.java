package org.recursivemas.team;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.recursivemas.data.AgentSpec;
import org.recursivemas.data.ChatFormat;
import org.recursivemas.data.FormatException;
import org.recursivemas.data.HandOff;
import org.recursivemas.data.Team;
import org.recursivemas.data.ToolSpec;
import org.recursivemas.playground.RunRequest;
import org.recursivemas.tools.ToolBox;

/**
 * A team file that has been checked and frozen: agents in the order of a round, the hand-off graph, who decides.
 *
 * <p>The graph is data. A chain, several experts that feed one summarizer, an expert and a learner are all the same to
 * the code: every agent rolls out once a round and sends one message along each of its edges.
 */
public final class TeamPlan {
    /** Most rounds a run may have. */
    public static final int MAX_ROUNDS = 5;
    /** Most latent steps of a rollout. */
    public static final int MAX_LATENT_STEPS = 80;
    /** Longest result of a tool that a team file may ask for, in characters. */
    public static final int MAX_RESULT_CHARS = 2000;

    private final String id;
    private final String file;
    private final List<PlannedAgent> agents;
    private final List<Edge> edges;
    private final PlannedAgent decider;
    private final String answerMarker;
    private final List<ToolSpec> tools;

    private TeamPlan(String id, String file, List<PlannedAgent> agents, List<Edge> edges, String decider,
            String answerMarker, List<ToolSpec> tools) {
        this.id = id;
        this.file = file;
        this.agents = List.copyOf(agents);
        this.edges = List.copyOf(edges);
        this.decider = this.agents.get(indexOf(this.agents, decider));
        this.answerMarker = answerMarker;
        this.tools = List.copyOf(tools);
    }

    /**
     * Checks a team.
     *
     * @param file name or address of the team file, for messages
     * @throws FormatException naming file, field and remedy
     */
    public static TeamPlan of(Team team, String file) {
        return new Reader(team, file).read();
    }

    public String id() {
        return id;
    }

    /** Name or address of the team file. */
    public String file() {
        return file;
    }

    /** In the order in which a round visits them. */
    public List<PlannedAgent> agents() {
        return agents;
    }

    public PlannedAgent agent(String agentId) {
        int i = indexOf(agents, agentId);
        if (i < 0) {
            throw new IllegalArgumentException("team " + id + " has no agent \"" + agentId + "\"");
        }
        return agents.get(i);
    }

    /** The one agent without a forward hand-off: it alone writes, in the last round. */
    public PlannedAgent decider() {
        return decider;
    }

    public List<Edge> edges() {
        return edges;
    }

    /** Edges that leave {@code agent}: the forward ones, then the feedback ones when {@code feedback}. */
    public List<Edge> outgoing(PlannedAgent agent, boolean feedback) {
        List<Edge> result = new ArrayList<>();
        for (Edge edge : edges) {
            if (edge.from().equals(agent.id()) && (feedback || !edge.feedback())) {
                result.add(edge);
            }
        }
        return result;
    }

    /** Edges that deliver to {@code agent} in {@code round} (1-based): feedback arrives from round 2 on. */
    public List<Edge> incoming(PlannedAgent agent, int round) {
        List<Edge> result = new ArrayList<>();
        for (Edge edge : edges) {
            if (edge.to().equals(agent.id()) && (round > 1 || !edge.feedback())) {
                result.add(edge);
            }
        }
        return result;
    }

    /** Whether anything crosses the round boundary. */
    public boolean hasFeedback() {
        return edges.stream().anyMatch(Edge::feedback);
    }

    /** Text after which the answer stands; null when the whole text is the answer. */
    public String answerMarker() {
        return answerMarker;
    }

    /** What the deciding agent may call in its last text, in order; empty without tools. Not to be changed. */
    public List<ToolSpec> tools() {
        return tools;
    }

    /**
     * The same plan with other system messages.
     *
     * @param systems by agent id; agents that are not named keep theirs
     * @throws IllegalArgumentException for an id the team does not have, or a null message
     */
    public TeamPlan withSystems(Map<String, String> systems) {
        List<PlannedAgent> changed = new ArrayList<>(agents);
        for (Map.Entry<String, String> entry : systems.entrySet()) {
            int i = indexOf(agents, agent(entry.getKey()).id());
            if (entry.getValue() == null) {
                throw new IllegalArgumentException("the system message of agent " + entry.getKey() + " is missing");
            }
            changed.set(i, agents.get(i).withSystem(entry.getValue()));
        }
        return new TeamPlan(id, file, changed, edges, decider.id(), answerMarker, tools);
    }

    private static int indexOf(List<PlannedAgent> agents, String id) {
        for (int i = 0; i < agents.size(); i++) {
            if (agents.get(i).id().equals(id)) {
                return i;
            }
        }
        return -1;
    }

    /** The checks, in the order of the file. */
    private static final class Reader {
        private final Team team;
        private final String file;
        private final Map<String, Integer> order = new LinkedHashMap<>();
        private final List<Edge> edges = new ArrayList<>();

        Reader(Team team, String file) {
            this.team = team;
            this.file = file;
        }

        TeamPlan read() {
            require(Team.FORMAT.equals(team.format), "format", "is " + quote(team.format),
                    "A team file starts with \"format\": \"" + Team.FORMAT + "\"");
            require(team.version == Team.VERSION, "version", "is " + team.version,
                    "This program reads version " + Team.VERSION);
            requireText(team.id, "id", "Give the team an id");
            require(team.rounds >= 1 && team.rounds <= MAX_ROUNDS, "rounds", "is " + team.rounds,
                    "Use 1 to " + MAX_ROUNDS);
            require(team.latentSteps >= 0 && team.latentSteps <= MAX_LATENT_STEPS, "latent_steps",
                    "is " + team.latentSteps, "Use 0 to " + MAX_LATENT_STEPS);
            require(team.retrieval >= 0 && team.retrieval <= RunRequest.MOST_RETRIEVED, "retrieval",
                    "is " + team.retrieval, "Use 1 to " + RunRequest.MOST_RETRIEVED + ", or leave it out");
            require(team.answerMarker == null || !team.answerMarker.isBlank(), "answer_marker", "is blank",
                    "Leave it out when the whole text is the answer");
            require(team.agents != null && !team.agents.isEmpty(), "agents", "is empty", "List at least one agent");
            readAgentIds();
            readHandOffs();
            String decider = decider();
            List<PlannedAgent> agents = new ArrayList<>();
            for (int i = 0; i < team.agents.size(); i++) {
                agents.add(readAgent(team.agents.get(i), "agents[" + i + "]", decider));
            }
            require(team.rounds == 1 || edges.stream().anyMatch(Edge::feedback), "rounds",
                    "is " + team.rounds + " but no hand-off has \"feedback\": true, so nothing would reach round 2",
                    "Add a feedback hand-off or set rounds to 1");
            return new TeamPlan(team.id, file, agents, edges, decider, team.answerMarker, readTools());
        }

        private void readAgentIds() {
            for (int i = 0; i < team.agents.size(); i++) {
                String field = "agents[" + i + "].id";
                require(team.agents.get(i) != null, "agents[" + i + "]", "is null", "Describe the agent");
                String agent = team.agents.get(i).id;
                requireText(agent, field, "Give every agent an id");
                require(order.put(agent, i) == null, field, quote(agent) + " occurs twice", "Agent ids must be unique");
            }
        }

        private void readHandOffs() {
            List<HandOff> handOffs = team.handOffs == null ? List.of() : team.handOffs;
            Set<String> filled = new LinkedHashSet<>();
            for (int i = 0; i < handOffs.size(); i++) {
                String field = "hand_offs[" + i + "]";
                HandOff handOff = handOffs.get(i);
                require(handOff != null, field, "is null", "Describe the hand-off");
                requireAgent(handOff.from, field + ".from");
                requireAgent(handOff.to, field + ".to");
                requireText(handOff.slot, field + ".slot", "Name the slot in the prompt of " + quote(handOff.to));
                require(!handOff.slot.equals(PromptTemplate.QUESTION), field + ".slot", "is \"question\"",
                        "That placeholder is the problem; give the slot another name");
                require(filled.add(handOff.to + " " + handOff.slot), field + ".slot",
                        "slot " + quote(handOff.slot) + " of agent " + quote(handOff.to) + " is filled twice",
                        "Give every hand-off to an agent its own slot");
                edges.add(new Edge(handOff.from, handOff.to, handOff.slot, handOff.feedback));
            }
            requireAcyclic();
            for (int i = 0; i < edges.size(); i++) {
                Edge edge = edges.get(i);
                require(edge.feedback() || order.get(edge.from()) < order.get(edge.to()), "hand_offs[" + i + "]",
                        "goes from " + quote(edge.from()) + " to the earlier agent " + quote(edge.to()),
                        "List agents in the order in which a round visits them, or set \"feedback\": true");
            }
        }

        /**
         * Takes away agents without incoming forward edges until none is left; what cannot be taken away is a cycle.
         */
        private void requireAcyclic() {
            Set<String> left = new LinkedHashSet<>(order.keySet());
            boolean progress = true;
            while (progress) {
                progress = left.removeIf(agent -> edges.stream().noneMatch(
                        edge -> !edge.feedback() && edge.to().equals(agent) && left.contains(edge.from())));
            }
            require(left.isEmpty(), "hand_offs", "the hand-offs without \"feedback\" lead in a circle through " + left,
                    "Set \"feedback\": true on the hand-off that goes back to an earlier agent");
        }

        private String decider() {
            List<String> deciders = new ArrayList<>(order.keySet());
            deciders.removeIf(agent -> edges.stream().anyMatch(e -> !e.feedback() && e.from().equals(agent)));
            require(deciders.size() == 1, "hand_offs",
                    "agents " + deciders + " have no forward hand-off, so each of them would decide",
                    "Exactly one agent, the one that writes the answer, may be without a forward hand-off");
            return deciders.get(0);
        }

        private PlannedAgent readAgent(AgentSpec spec, String field, String decider) {
            require(spec.contextWindow >= 0, field + ".context_window", "is " + spec.contextWindow,
                    "Use a number of tokens, or leave it out");
            require(spec.hiddenSize >= 1, field + ".hidden_size", "is " + spec.hiddenSize,
                    "Give the width of the model's hidden states");
            require(spec.maxTokens >= 1, field + ".max_tokens", "is " + spec.maxTokens, "Use 1 or more");
            require(spec.latentSteps == null || spec.latentSteps >= 0 && spec.latentSteps <= MAX_LATENT_STEPS,
                    field + ".latent_steps", "is " + spec.latentSteps,
                    "Use 0 to " + MAX_LATENT_STEPS + ", or leave it out for the run's");
            ChatFormat chat = readChat(spec.chat, field + ".chat");
            require(spec.system != null, field + ".system", "is missing", "Give the system message (it may be empty)");
            requireText(spec.user, field + ".user", "Give the user message");
            List<String> forward = slotsOf(spec.id, false);
            List<String> feedback = slotsOf(spec.id, true);
            PromptTemplate user = readPrompt(spec.user, field + ".user", forward, feedback, true);
            PromptTemplate later = null;
            if (spec.userFeedback != null) {
                require(!feedback.isEmpty(), field + ".user_feedback", "is set but no feedback hand-off leads here",
                        "Leave it out or add the hand-off");
                List<String> all = new ArrayList<>(forward);
                all.addAll(feedback);
                later = readPrompt(spec.userFeedback, field + ".user_feedback", all, List.of(), true);
            }
            require(feedback.isEmpty() || later != null, field + ".user_feedback",
                    "is missing although a feedback hand-off fills slot " + feedback + " of " + quote(spec.id),
                    "Give the user message for rounds from 2 on, with the slot");
            PromptTemplate alone = null;
            if (spec.userAlone != null) {
                require(spec.id.equals(decider), field + ".user_alone", "is set on an agent that does not decide",
                        "Only " + quote(decider) + " can have it");
                alone = readPrompt(spec.userAlone, field + ".user_alone", List.of(), List.of(), false);
            }
            return new PlannedAgent(spec.id, spec.hiddenSize, spec.maxTokens, chat, spec.system, user, later, alone,
                    spec.latentSteps);
        }

        private List<ToolSpec> readTools() {
            List<ToolSpec> tools = new ArrayList<>();
            Set<String> names = new LinkedHashSet<>();
            List<ToolSpec> given = team.tools == null ? List.of() : team.tools;
            for (int i = 0; i < given.size(); i++) {
                String field = "tools[" + i + "]";
                ToolSpec spec = given.get(i);
                require(spec != null, field, "is null", "Describe the tool");
                require(isTagName(spec.name), field + ".name", "is " + quote(spec.name),
                        "Use a small letter, then small letters, digits or _");
                require(!spec.name.equals(ToolBox.RESULT), field + ".name", "is \"" + ToolBox.RESULT + "\"",
                        "That tag is for results; give the tool another name");
                require(names.add(spec.name), field + ".name", quote(spec.name) + " occurs twice",
                        "Names of tools must be unique");
                boolean search = ToolBox.SEARCH.equals(spec.kind);
                require(search || ToolBox.CALCULATOR.equals(spec.kind), field + ".kind", "is " + quote(spec.kind),
                        "Use \"" + ToolBox.CALCULATOR + "\" or \"" + ToolBox.SEARCH + "\"");
                require(!search || spec.corpus != null && !spec.corpus.isBlank(), field + ".corpus", "is missing",
                        "Give the path of the corpus to look through");
                require(search || spec.corpus == null, field + ".corpus", "is set on a calculator", "Leave it out");
                require(spec.resultChars >= 0 && spec.resultChars <= MAX_RESULT_CHARS, field + ".result_chars", "is "
                        + spec.resultChars, "Use 1 to " + MAX_RESULT_CHARS + ", or leave it out");
                ToolSpec copy = new ToolSpec();
                copy.name = spec.name;
                copy.kind = spec.kind;
                copy.corpus = spec.corpus;
                copy.resultChars = spec.resultChars;
                tools.add(copy);
            }
            return tools;
        }

        private static boolean isTagName(String name) {
            boolean good = name != null && !name.isEmpty() && name.charAt(0) >= 'a' && name.charAt(0) <= 'z';
            for (int i = 1; good && i < name.length(); i++) {
                char c = name.charAt(i);
                good = c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '_';
            }
            return good;
        }

        private ChatFormat readChat(ChatFormat chat, String field) {
            require(chat != null, field, "is missing", "Give system, user and generation");
            requireOnce(chat.system, "{system}", field + ".system");
            requireOnce(chat.user, "{user}", field + ".user");
            require(chat.generation != null, field + ".generation", "is missing",
                    "Give the text that opens the reply (it may be empty)");
            ChatFormat copy = new ChatFormat();
            copy.system = chat.system;
            copy.user = chat.user;
            copy.generation = chat.generation;
            return copy;
        }

        private List<String> slotsOf(String agent, boolean feedback) {
            List<String> slots = new ArrayList<>();
            for (Edge edge : edges) {
                if (edge.to().equals(agent) && edge.feedback() == feedback) {
                    slots.add(edge.slot());
                }
            }
            return slots;
        }

        private PromptTemplate readPrompt(String text, String field, List<String> slots, List<String> laterSlots,
                boolean inTeam) {
            PromptTemplate template = PromptTemplate.parse(text);
            for (String slot : slots) {
                int count = template.occurrences(slot);
                require(count == 1, field, "has {" + slot + "} " + count + " times",
                        "A hand-off fills it, so it must stand there exactly once");
            }
            for (String name : template.placeholders()) {
                require(!laterSlots.contains(name), field, "has the feedback slot {" + name + "}",
                        "Feedback exists from round 2 on: the slot belongs into user_feedback only");
                require(name.equals(PromptTemplate.QUESTION) || slots.contains(name), field,
                        "has the placeholder {" + name + "} that nothing fills",
                        inTeam ? "Add a hand-off with that slot or take it out"
                                : "An agent that works alone has only {question}");
            }
            return template;
        }

        private void requireAgent(String agent, String field) {
            require(agent != null && order.containsKey(agent), field, "no agent is called " + quote(agent),
                    "The team has " + order.keySet());
        }

        private void requireOnce(String text, String placeholder, String field) {
            require(text != null && text.indexOf(placeholder) >= 0
                    && text.indexOf(placeholder) == text.lastIndexOf(placeholder), field,
                    text == null ? "is missing" : "does not hold " + placeholder + " exactly once",
                    "Write " + placeholder + " where the message goes");
        }

        private void requireText(String text, String field, String remedy) {
            require(text != null && !text.isBlank(), field, text == null ? "is missing" : "is blank", remedy);
        }

        private void require(boolean holds, String field, String problem, String remedy) {
            if (!holds) {
                throw new FormatException(file, field, problem, remedy);
            }
        }

        private static String quote(String text) {
            return text == null ? "missing" : "\"" + text + "\"";
        }
    }
}
