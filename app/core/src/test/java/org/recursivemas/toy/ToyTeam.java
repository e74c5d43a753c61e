package org.recursivemas.toy;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.recursivemas.data.AgentSpec;
import org.recursivemas.data.ChatFormat;
import org.recursivemas.data.HandOff;
import org.recursivemas.data.LinkEntry;
import org.recursivemas.data.LinkFile;
import org.recursivemas.data.Team;
import org.recursivemas.engine.LanguageModel;
import org.recursivemas.links.LinkWeights;
import org.recursivemas.playground.RunRequest;
import org.recursivemas.team.RecursiveTeam;
import org.recursivemas.team.TeamPlan;
import org.recursivemas.tools.ToolBox;

/** Team files and loaded teams of toy models. */
public final class ToyTeam {
    public final ToyLog log = new ToyLog();
    public final Team team;
    public final Map<String, ToyModel> models = new LinkedHashMap<>();
    public final LinkFile links = new LinkFile();
    public final ToyDevice device = new ToyDevice(log);
    /** Link weights by id, e.g. {@code "planner"} or {@code "planner->critic"}. */
    public final Map<String, LinkWeights> weights = new LinkedHashMap<>();
    private double time;

    public ToyTeam(Team team) {
        this(team, 500);
    }

    public ToyTeam(Team team, int contextWindow) {
        this.team = team;
        int seed = 100;
        for (AgentSpec agent : team.agents) {
            ToyNetwork network = new ToyNetwork(agent.hiddenSize, seed);
            models.put(agent.id, new ToyModel(agent.id, network, log, contextWindow));
            seed += 10;
        }
        links.format = LinkFile.FORMAT;
        links.version = LinkFile.VERSION;
        links.team = team.id;
        for (AgentSpec agent : team.agents) {
            int d = agent.hiddenSize;
            add(new LinkWeights(agent.id, d, d, d, ones(d), vector(d, seed), vector(d * d, seed + 1), vector(d, seed
                    + 2),
                    vector(d * d, seed + 3), vector(d, seed + 4), null, null, ones(d), vector(d, seed + 5)),
                    "inner", agent.id, agent.id);
            seed += 10;
        }
        for (HandOff handOff : team.handOffs) {
            int in = models.get(handOff.from).hiddenSize();
            int out = models.get(handOff.to).hiddenSize();
            int hidden = 2 * out;
            add(new LinkWeights(handOff.from + "->" + handOff.to, in, hidden, out, ones(in), vector(in, seed),
                    vector(hidden * in, seed + 1), vector(hidden, seed + 2), vector(out * hidden, seed + 3),
                    vector(out, seed + 4), vector(out * in, seed + 5), vector(out, seed + 6), ones(out),
                    vector(out, seed + 7)), "outer", handOff.from, handOff.to);
            seed += 10;
        }
    }

    private void add(LinkWeights link, String kind, String from, String to) {
        weights.put(link.id, link);
        links.links.add(link.encode(kind, from, to));
    }

    /** Lets time pass. @param millis milliseconds */
    public void pass(double millis) {
        time += millis;
    }

    /** The team, ready to run. The clock moves by 1 ms whenever it is looked at. */
    public RecursiveTeam load() {
        Map<String, LanguageModel> loaded = new LinkedHashMap<>(models);
        return new RecursiveTeam(TeamPlan.of(team, "team.json"), loaded, device, links, () -> time++);
    }

    /** The same with tools for the deciding agent. */
    public RecursiveTeam load(ToolBox tools) {
        Map<String, LanguageModel> loaded = new LinkedHashMap<>(models);
        return new RecursiveTeam(TeamPlan.of(team, "team.json"), loaded, device, links, () -> time++, tools);
    }

    public LinkEntry link(String id) {
        for (LinkEntry entry : links.links) {
            if (entry.id.equals(id)) {
                return entry;
            }
        }
        throw new IllegalArgumentException("no link " + id);
    }

    /** Three agents in a chain with feedback from the last to the first. */
    public static Team chain() {
        Team team = empty("chain");
        team.rounds = 3;
        team.latentSteps = 4;
        team.answerMarker = "Answer:";
        team.agents.add(agent("planner", 6, "Plan: {question}", "Plan again: {question} xa{feedback}b!", null));
        team.agents.add(agent("critic", 5, "{question} xa{plan}b mend", null, null));
        team.agents.add(agent("solver", 4, "Given {plan} solve {question}", null, "Solve {question}"));
        team.handOffs.add(handOff("planner", "critic", "plan", false));
        team.handOffs.add(handOff("critic", "solver", "plan", false));
        team.handOffs.add(handOff("solver", "planner", "feedback", true));
        return team;
    }

    /** Two experts beside each other and a summarizer with a slot for each; it feeds back to both. */
    public static Team mixture() {
        Team team = empty("mixture");
        team.rounds = 2;
        team.latentSteps = 3;
        team.agents.add(agent("left", 5, "L {question}", "L {own} {question}", null));
        team.agents.add(agent("right", 6, "R {question}", "R {own} {question}", null));
        team.agents.add(agent("sum", 4, "from {left} and {right}: {question}", null, null));
        team.handOffs.add(handOff("left", "sum", "left", false));
        team.handOffs.add(handOff("right", "sum", "right", false));
        team.handOffs.add(handOff("sum", "left", "own", true));
        team.handOffs.add(handOff("sum", "right", "own", true));
        return team;
    }

    private static Team empty(String id) {
        Team team = new Team();
        team.format = Team.FORMAT;
        team.version = Team.VERSION;
        team.id = id;
        team.links = "recursivelink.json";
        return team;
    }

    private static AgentSpec agent(String id, int width, String user, String later, String alone) {
        AgentSpec agent = new AgentSpec();
        agent.id = id;
        agent.title = id;
        agent.model = "models/" + id + "/";
        agent.library = "models/" + id + ".wasm";
        agent.hiddenSize = width;
        agent.chat = new ChatFormat();
        agent.chat.system = "<|start|>{system}<|middle|>";
        agent.chat.user = "u:{user}<|middle|>";
        agent.chat.generation = "r:";
        agent.system = "I am " + id;
        agent.user = user;
        agent.userFeedback = later;
        agent.userAlone = alone;
        agent.maxTokens = 7;
        return agent;
    }

    private static HandOff handOff(String from, String to, String slot, boolean feedback) {
        HandOff handOff = new HandOff();
        handOff.from = from;
        handOff.to = to;
        handOff.slot = slot;
        handOff.feedback = feedback;
        return handOff;
    }

    /** A greedy request for the problem "2 plus 2?". */
    public static RunRequest request(int rounds, int latentSteps, String... modes) {
        return new RunRequest("2 plus 2?", "4", rounds, latentSteps, 0, 0,
                modes.length == 0 ? List.of("latent") : List.of(modes), Map.of());
    }

    private static float[] vector(int n, int seed) {
        return ToyNetwork.matrix(1, n, seed, 1)[0];
    }

    private static float[] ones(int n) {
        float[] result = vector(n, 9);
        for (int i = 0; i < n; i++) {
            result[i] = 1 + 0.3f * result[i];
        }
        return result;
    }
}
