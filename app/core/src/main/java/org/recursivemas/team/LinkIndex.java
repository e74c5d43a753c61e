package org.recursivemas.team;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.recursivemas.data.LinkEntry;
import org.recursivemas.data.LinkFile;

/**
 * Which links a team has, without their numbers, and what a latent run lacks for want of them. An agent that rolls out
 * needs its inner link, and an outer link for every hand-off; a run that hands over no hidden states needs none.
 */
public final class LinkIndex {
    /** Of a team that names no link file. */
    public static final LinkIndex NONE = new LinkIndex(null, List.of(), List.of(), List.of());

    private static final String REMEDY = ". Runs as text, the single agent and latent runs of 0 steps go without. Make the"
            + " links with recursivemas train-link for this team, and name their file in the team file's field links";

    private final String team;
    private final List<String> alsoFor;
    private final List<Head> heads;
    private final List<String> strangers;

    /**
     * A link without its numbers.
     *
     * @param kind {@code "inner"} or {@code "outer"}
     * @param from agent id
     * @param to agent id, that of {@code from} for an inner link
     */
    public record Head(String kind, String from, String to, int inWidth, int outWidth) {
    }

    /**
     * @param team id of the team that the links were made for; null without a link file
     * @param alsoFor ids of further teams that they were made for
     * @param strangers ids of agents that run another model than the one that the links were made for
     */
    public LinkIndex(String team, List<String> alsoFor, List<Head> heads, List<String> strangers) {
        this.team = team;
        this.alsoFor = List.copyOf(alsoFor);
        this.heads = List.copyOf(heads);
        this.strangers = List.copyOf(strangers);
    }

    /** What {@code file} holds. @param file null for a team that names none */
    public static LinkIndex of(LinkFile file) {
        if (file == null) {
            return NONE;
        }
        List<Head> heads = new ArrayList<>();
        for (LinkEntry link : file.links) {
            heads.add(new Head(link.kind, link.from, link.to, link.inWidth, link.outWidth));
        }
        return new LinkIndex(file.team, file.alsoFor == null ? List.of() : file.alsoFor, heads, List.of());
    }

    /** The same links in a team some of whose agents run another model than the one that the links were made for. */
    public LinkIndex withStrangers(List<String> agents) {
        return new LinkIndex(team, alsoFor, heads, agents);
    }

    public String team() {
        return team;
    }

    public List<String> alsoFor() {
        return alsoFor;
    }

    public List<Head> heads() {
        return heads;
    }

    /** Agents that run another model than the one that the links were made for. */
    public List<String> strangers() {
        return strangers;
    }

    /** Whether there are links, and they were made for the team of that id. */
    public boolean isFor(String teamId) {
        return team != null && (teamId.equals(team) || alsoFor.contains(teamId));
    }

    /** Why an agent of that width cannot roll out, in a few words; null when it can. */
    public String innerFault(String agent, int width) {
        return fault("inner", agent, agent, width, width);
    }

    /** Why hidden states cannot go from one agent to another, in a few words; null when they can. */
    public String outerFault(String from, String to, int inWidth, int outWidth) {
        return fault("outer", from, to, inWidth, outWidth);
    }

    private String fault(String kind, String from, String to, int inWidth, int outWidth) {
        String name = kind.equals("inner") ? "inner link of " + from : "outer link " + from + " \u2192 " + to;
        List<Head> found = heads.stream()
                .filter(head -> head.kind.equals(kind) && head.from.equals(from) && head.to.equals(to)).toList();
        if (found.size() != 1) {
            return found.isEmpty() ? "there is no " + name : "there are " + found.size() + " links that are the " + name;
        }
        Head head = found.get(0);
        if (head.inWidth != inWidth || head.outWidth != outWidth) {
            return "the " + name + " maps width " + head.inWidth + " to " + head.outWidth + ", but the models have "
                    + (kind.equals("inner") ? "width " + inWidth : "the widths " + inWidth + " and " + outWidth);
        }
        String stranger = strangers.contains(from) ? from : strangers.contains(to) ? to : null;
        return stranger == null ? null
                : "the " + name + " was made for another model than the one that " + stranger + " runs";
    }

    /**
     * Why a latent run is impossible, for people: every link that it lacks, and what to do; null when it is possible.
     *
     * @param rounds 1 or more; feedback is handed over from 2 on
     * @param latentSteps of the run, 0 or more
     */
    public String fault(TeamPlan plan, int rounds, int latentSteps) {
        List<Edge> edges = plan.edges().stream().filter(edge -> (rounds > 1 || !edge.feedback())
                && plan.agent(edge.from()).latentSteps(latentSteps) > 0).toList();
        return fault(plan, edges);
    }

    /** The same of hand-offs that carry hidden states. */
    String fault(TeamPlan plan, List<Edge> edges) {
        if (edges.isEmpty()) {
            return null;
        }
        String start = "team " + plan.id() + " cannot hand over hidden states: ";
        if (team == null) {
            return start + "it has no links" + REMEDY;
        }
        if (!isFor(plan.id())) {
            return start + "its link file was made for team \"" + team + "\", not for \"" + plan.id() + "\"" + REMEDY;
        }
        Set<String> faults = new LinkedHashSet<>();
        for (Edge edge : edges) {
            int width = plan.agent(edge.from()).hiddenSize();
            add(faults, innerFault(edge.from(), width));
            add(faults, outerFault(edge.from(), edge.to(), width, plan.agent(edge.to()).hiddenSize()));
        }
        return faults.isEmpty() ? null : start + String.join("; ", faults) + REMEDY;
    }

    private static void add(Set<String> faults, String fault) {
        if (fault != null) {
            faults.add(fault);
        }
    }
}
