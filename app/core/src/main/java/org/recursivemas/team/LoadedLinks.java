package org.recursivemas.team;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.recursivemas.data.LinkEntry;
import org.recursivemas.data.LinkFile;
import org.recursivemas.engine.EngineException;
import org.recursivemas.engine.LanguageModel;
import org.recursivemas.engine.LatentDevice;
import org.recursivemas.engine.Link;
import org.recursivemas.playground.RunRequest;
import org.recursivemas.tools.ToolBox;

/** The links of a team on the device: one inner link for every agent that hands over, one outer link for every edge. */
final class LoadedLinks {
    private final Map<String, Link> inner = new HashMap<>();
    private final Map<Edge, Link> outer = new HashMap<>();

    /**
     * Puts the links that there are and that fit on the device; {@link LinkIndex} says which those are, and a run that
     * needs one of the others is refused.
     *
     * @param models by agent id
     * @param device may be null when {@code file} is
     * @param file null for no links
     * @throws EngineException when a link's numbers are not of the width that the file states
     */
    LoadedLinks(TeamPlan plan, Map<String, LanguageModel> models, LatentDevice device, LinkFile file, LinkIndex index) {
        if (!index.isFor(plan.id())) {
            return;
        }
        Map<LinkEntry, Link> loaded = new HashMap<>();
        for (Edge edge : plan.edges()) {
            LanguageModel source = models.get(edge.from());
            LanguageModel target = models.get(edge.to());
            int width = source.hiddenSize();
            if (!inner.containsKey(edge.from()) && index.innerFault(edge.from(), width) == null) {
                inner.put(edge.from(), load(device, find(file, "inner", edge.from(), edge.from()), source, source));
            }
            if (index.outerFault(edge.from(), edge.to(), width, target.hiddenSize()) == null) {
                outer.put(edge, loaded.computeIfAbsent(find(file, "outer", edge.from(), edge.to()),
                        e -> load(device, e, source, target)));
            }
        }
    }

    private LoadedLinks() {
    }

    static void requireTools(TeamPlan plan, ToolBox tools) {
        List<String> names = new ArrayList<>();
        plan.tools().forEach(tool -> names.add(tool.name));
        if (!tools.names().equals(names)) {
            throw new EngineException(plan.file() + ": the team has the tools " + names + " but " + tools.names()
                    + " were loaded. Load the tools of this team");
        }
    }

    static void requireWidth(TeamPlan plan, PlannedAgent agent, LanguageModel model) {
        if (model.hiddenSize() != agent.hiddenSize()) {
            throw new EngineException(plan.file() + ": agent " + agent.id() + ": hidden_size is "
                    + agent.hiddenSize() + " but model " + model.id() + " has " + model.hiddenSize()
                    + ". Correct the file or the model path");
        }
    }

    /** Refuses swaps of links that the team does not have, that do not exist, or that the widths do not allow. */
    void requireSwappable(Map<String, String> swaps) {
        Map<String, int[]> widths = new TreeMap<>();
        inner.forEach((agent, link) -> widths.put(agent, new int[] {link.inWidth(), link.outWidth()}));
        outer.forEach((edge, link) -> widths.put(LinkSwap.name(edge), new int[] {link.inWidth(), link.outWidth()}));
        LinkSwap.require(swaps, widths);
    }

    /** These links with what the request puts in their places; for one run. Requests without swaps get this. */
    LoadedLinks swapped(RunRequest request, Map<String, LanguageModel> models, LatentDevice device) {
        Map<String, String> swaps = request.links();
        if (swaps.isEmpty()) {
            return this;
        }
        LoadedLinks result = new LoadedLinks();
        inner.forEach((agent, link) -> result.inner.put(agent,
                LinkSwap.of(agent, swaps.get(agent), link, models.get(agent), device, request.seed(), 0)));
        outer.forEach((edge, link) -> result.outer.put(edge, LinkSwap.of(LinkSwap.name(edge),
                swaps.get(LinkSwap.name(edge)), link, models.get(edge.to()), device, request.seed(), 0)));
        return result;
    }

    Link inner(PlannedAgent agent) {
        return inner.get(agent.id());
    }

    Link outer(Edge edge) {
        return outer.get(edge);
    }

    /** The link of a kind between two agents, of which {@link LinkIndex} says that there is one. */
    static LinkEntry find(LinkFile file, String kind, String from, String to) {
        return file.links.stream().filter(e -> kind.equals(e.kind) && from.equals(e.from) && to.equals(e.to)).findFirst()
                .orElseThrow();
    }

    private static Link load(LatentDevice device, LinkEntry entry, LanguageModel source, LanguageModel target) {
        Link link = device.link(entry, source, target);
        if (link.inWidth() != source.hiddenSize() || link.outWidth() != target.hiddenSize()) {
            throw new EngineException("link " + entry.id + " maps width " + link.inWidth() + " to " + link.outWidth()
                    + ", but " + source.id() + " has hidden size " + source.hiddenSize() + " and " + target.id() + " "
                    + target.hiddenSize() + ". Use the links that were trained for these models");
        }
        return link;
    }
}
