package org.recursivemas.team;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.recursivemas.data.LinkEntry;
import org.recursivemas.data.LinkFile;
import org.recursivemas.engine.EngineException;
import org.recursivemas.engine.LanguageModel;
import org.recursivemas.engine.LatentDevice;
import org.recursivemas.engine.Link;

/** The links of a team on the device: one inner link for every agent that hands over, one outer link for every edge. */
final class LoadedLinks {
    private final Map<String, Link> inner = new HashMap<>();
    private final Map<Edge, Link> outer = new HashMap<>();

    /**
     * @param models by agent id
     * @throws EngineException when a link is missing, occurs twice, was made for another team or has the wrong width
     */
    LoadedLinks(TeamPlan plan, Map<String, LanguageModel> models, LatentDevice device, LinkFile file) {
        if (!file.isFor(plan.id())) {
            throw new EngineException("the link file was made for team \"" + file.team + "\", not for \"" + plan.id()
                    + "\". Use the links of this team");
        }
        Map<LinkEntry, Link> loaded = new HashMap<>();
        for (Edge edge : plan.edges()) {
            LanguageModel source = models.get(edge.from());
            if (!inner.containsKey(edge.from())) {
                LinkEntry entry = find(file, "inner", edge.from(), edge.from());
                inner.put(edge.from(), load(device, entry, source, source));
            }
            LinkEntry entry = find(file, "outer", edge.from(), edge.to());
            LanguageModel target = models.get(edge.to());
            outer.put(edge, loaded.computeIfAbsent(entry, e -> load(device, e, source, target)));
        }
    }

    Link inner(PlannedAgent agent) {
        return inner.get(agent.id());
    }

    Link outer(Edge edge) {
        return outer.get(edge);
    }

    private static LinkEntry find(LinkFile file, String kind, String from, String to) {
        List<LinkEntry> found = new ArrayList<>();
        for (LinkEntry entry : file.links) {
            if (kind.equals(entry.kind) && from.equals(entry.from) && to.equals(entry.to)) {
                found.add(entry);
            }
        }
        if (found.size() != 1) {
            throw new EngineException("the link file has " + found.size() + " links of kind \"" + kind + "\" from \""
                    + from + "\" to \"" + to + "\" instead of 1. Train the links for this team's hand-offs");
        }
        return found.get(0);
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
