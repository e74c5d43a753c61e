package org.recursivemas.pipeline.training;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.recursivemas.data.LinkEntry;
import org.recursivemas.data.LinkFile;
import org.recursivemas.links.LinkWeights;
import org.recursivemas.pipeline.InputException;
import org.recursivemas.team.Edge;
import org.recursivemas.team.PlannedAgent;
import org.recursivemas.team.TeamPlan;

/** The links of a team: one inner link for every agent that hands over, one outer link for every pair that does. */
final class LinkSet {
    private final Map<String, LinkParameters> links;

    private LinkSet(Map<String, LinkParameters> links) {
        this.links = links;
    }

    /** Id of the outer link of a hand-off; hand-offs between the same two agents share it. */
    static String outerId(Edge edge) {
        return edge.from() + "->" + edge.to();
    }

    /**
     * The links of a file.
     *
     * @throws InputException when one is missing, occurs twice or has the wrong width
     */
    static LinkSet of(TeamPlan plan, LinkFile file, String name) {
        if (!file.isFor(plan.id())) {
            throw new InputException(name + ", team", "the links are for team \"" + file.team + "\", not for \""
                    + plan.id() + "\"", "Name the links of this team", null);
        }
        return build(plan, (id, kind, from, to) -> {
            List<LinkEntry> found = file.links.stream().filter(entry -> kind.equals(entry.kind)
                    && from.id().equals(entry.from) && to.id().equals(entry.to)).toList();
            if (found.size() != 1) {
                throw new InputException(name + ", links", "there are " + found.size() + " links of kind \"" + kind
                        + "\" from \"" + from.id() + "\" to \"" + to.id() + "\" instead of 1",
                        "Name a file with this team's links", null);
            }
            LinkWeights weights = LinkWeights.decode(found.get(0));
            if (weights.inWidth != from.hiddenSize() || weights.outWidth != to.hiddenSize()) {
                throw new InputException(name + ", link \"" + weights.id + "\"", "it maps width " + weights.inWidth
                        + " to " + weights.outWidth + ", but the agents have " + from.hiddenSize() + " and "
                        + to.hiddenSize(), "Name links that were made for these agents", null);
            }
            return new LinkParameters(id, weights, kind, from.id(), to.id());
        });
    }

    /** Links with given numbers: arrays by link id, {@code /} and tensor name. */
    static LinkSet ofArrays(TeamPlan plan, Map<String, float[]> arrays) {
        return build(plan, (id, kind, from, to) -> {
            float[] bias = arrays.get(id + "/proj1.bias");
            return new LinkParameters(id, new LinkWeights(id, from.hiddenSize(), bias == null ? 0 : bias.length,
                    to.hiddenSize(), arrays.get(id + "/pre_ln.weight"), arrays.get(id + "/pre_ln.bias"),
                    arrays.get(id + "/proj1.weight"), bias, arrays.get(id + "/proj2.weight"),
                    arrays.get(id + "/proj2.bias"), arrays.get(id + "/residual_proj.weight"),
                    arrays.get(id + "/residual_proj.bias"), arrays.get(id + "/post_ln.weight"),
                    arrays.get(id + "/post_ln.bias")), kind, from.id(), to.id());
        });
    }

    /**
     * Links with random matrices.
     *
     * @param rms by agent id, root mean square of its embeddings
     */
    static LinkSet random(TeamPlan plan, Map<String, Double> rms, long seed) {
        Random random = new Random(seed);
        return build(plan, (id, kind, from, to) -> LinkParameters.random(id, kind, from.id(), to.id(),
                from.hiddenSize(), to.hiddenSize(), rms.get(to.id()), random));
    }

    private interface Maker {
        LinkParameters make(String id, String kind, PlannedAgent from, PlannedAgent to);
    }

    private static LinkSet build(TeamPlan plan, Maker maker) {
        Map<String, LinkParameters> links = new LinkedHashMap<>();
        for (PlannedAgent agent : plan.agents()) {
            if (!plan.outgoing(agent, true).isEmpty()) {
                links.put(agent.id(), maker.make(agent.id(), "inner", agent, agent));
            }
        }
        for (Edge edge : plan.edges()) {
            links.computeIfAbsent(outerId(edge),
                    id -> maker.make(id, "outer", plan.agent(edge.from()), plan.agent(edge.to())));
        }
        return new LinkSet(links);
    }

    /** The same functions, outer links with an MLP branch to train. */
    LinkSet withOuterBranches(long seed) {
        Random random = new Random(seed);
        Map<String, LinkParameters> wide = new LinkedHashMap<>();
        links.forEach((id, link) -> wide.put(id, link.inner() ? link : link.withBranch(random)));
        return new LinkSet(wide);
    }

    /** In the order of the link file. */
    List<LinkParameters> all() {
        return new ArrayList<>(links.values());
    }

    /** The inner link of an agent. */
    LinkParameters inner(String agent) {
        return links.get(agent);
    }

    /** The link of an id. */
    LinkParameters get(String id) {
        return links.get(id);
    }

    /** An independent copy. */
    LinkSet copy() {
        Map<String, LinkParameters> copies = new LinkedHashMap<>();
        links.forEach((id, link) -> copies.put(id, link.copy()));
        return new LinkSet(copies);
    }

    /** The entries of a link file. */
    List<LinkEntry> entries() {
        return links.values().stream().map(LinkParameters::entry).toList();
    }
}
