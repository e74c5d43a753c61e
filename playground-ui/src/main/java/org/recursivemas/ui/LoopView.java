package org.recursivemas.ui;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.recursivemas.data.AgentSpec;
import org.recursivemas.data.HandOff;
import org.recursivemas.data.ModeReport;
import org.recursivemas.data.StageReport;
import org.recursivemas.data.Team;
import org.teavm.jso.dom.html.HTMLElement;
import org.teavm.jso.dom.xml.Element;

/** The loop as a picture: who is at work in which round, and what goes where. */
final class LoopView implements View {
    /** The same picture for wide or for narrow pages; styles show one of them. */
    private static final class Picture {
        final Element svg;
        final String classes;
        final Map<String, Element> nodes = new LinkedHashMap<>();
        final Map<HandOff, Element> edges = new LinkedHashMap<>();
        final Map<HandOff, Element> edgeLabels = new LinkedHashMap<>();
        final List<Element> innerLabels = new ArrayList<>();

        Picture(PlaygroundState state, boolean tall) {
            LoopLayout layout = new LoopLayout(state.team(), tall);
            boolean feedback = false;
            classes = "loop__picture " + (tall ? "loop__picture--tall" : "loop__picture--wide");
            svg = Dom.svg("svg", classes);
            Dom.with(svg, "viewBox", "0 0 " + layout.width + " " + layout.height, "role", "img");
            for (LoopLayout.Edge edge : layout.edges) {
                feedback |= edge.handOff.feedback;
                Element label = label(edge.labelX, edge.labelY, edge.anchor, "edge__label", "");
                if (edge.upright) {
                    label.setAttribute("transform", "rotate(-90 " + edge.labelX + " " + edge.labelY + ")");
                }
                Element group = Dom.svg("g", "edge", path("edge__line", edge.line),
                        path("edge__head", edge.head), label);
                edges.put(edge.handOff, group);
                edgeLabels.put(edge.handOff, label);
                svg.appendChild(group);
            }
            for (LoopLayout.Node node : layout.nodes) {
                svg.appendChild(node(state, node, tall));
            }
            svg.setAttribute("aria-label", Texts.loopAlt(layout.nodes.size(), feedback));
        }

        private Element node(PlaygroundState state, LoopLayout.Node node, boolean tall) {
            AgentSpec agent = state.agent(node.agent);
            Element box = Dom.with(Dom.svg("rect", "node__box"), "x", "" + node.x, "y", "" + node.y,
                    "width", "" + node.width, "height", "" + node.height, "rx", "12");
            int first = tall ? node.y + 28 : node.centerY() - 4;
            Element inner = label(node.labelX, node.labelY, "middle", "node__inner-label", "");
            innerLabels.add(inner);
            Element group = Dom.svg("g", "node",
                    Dom.svg("g", "node__inner", path("edge__line", node.inner),
                            path("edge__head", node.innerHead), inner),
                    box, label(node.centerX(), first, "middle", "node__title", state.agentTitle(agent.id)),
                    label(node.centerX(), first + 20, "middle", "node__width", Texts.width(agent.hiddenSize)));
            if (tall) {
                // Inside the box, so after it.
                group.appendChild(inner);
            }
            nodes.put(node.agent, group);
            return group;
        }

        private static Element path(String classes, String data) {
            return Dom.with(Dom.svg("path", classes), "d", data);
        }

        private static Element label(int x, int y, String anchor, String classes, String text) {
            Element label = Dom.svg("text", classes);
            label.setTextContent(text);
            return Dom.with(label, "x", "" + x, "y", "" + y, "text-anchor", anchor);
        }
    }

    private final HTMLElement round = Dom.withId(Dom.text("span", "loop__round", ""), "loop-round");
    private final HTMLElement pips = Dom.element("span", "pips");
    private final HTMLElement stage = Dom.withId(Dom.text("span", "loop__stage", ""), "loop-stage");
    private final LoopTrack track = new LoopTrack();
    private final HTMLElement pictures = Dom.element("div", "loop__pictures");
    private final HTMLElement element;
    private final List<Picture> shownPictures = new ArrayList<>();
    private Team shown;

    LoopView() {
        pips.setAttribute("aria-hidden", "true");
        element = Dom.section("loop", Texts.LOOP_TITLE, Dom.element("p", "loop__head", round, pips, stage), pictures,
                track.element());
    }

    @Override
    public HTMLElement element() {
        return element;
    }

    @Override
    public void render(PlaygroundState state) {
        Dom.show(element, state.team() != null);
        if (state.team() == null) {
            return;
        }
        if (state.team() != shown) {
            shown = state.team();
            Dom.clear(pictures);
            shownPictures.clear();
            for (boolean tall : new boolean[] {false, true}) {
                Picture picture = new Picture(state, tall);
                shownPictures.add(picture);
                pictures.appendChild(picture.svg);
            }
        }
        String mode = shownMode(state);
        ModeRun run = state.activeMode() == null ? null : state.run(mode);
        boolean busy = state.activity() == PlaygroundState.Activity.RUNNING && state.request() != null;
        int rounds = mode.equals(PlaygroundState.SINGLE) ? 1 : busy ? state.request().rounds() : state.rounds();
        int steps = busy ? state.request().latentSteps() : state.latentSteps();
        int now = run == null ? 0 : run.activeRound();
        Dom.setText(round, now == 0 ? Texts.rounds(rounds) : Texts.roundOf(now, rounds));
        Dom.setText(stage, run == null || run.activeAgent() == null ? Texts.loopIdle(mode)
                : Texts.loopStage(mode, state.agentTitle(run.activeAgent()), run.activeKind()));
        renderPips(rounds, now);
        track.render(state, mode, run != null ? run : finished(state, mode, rounds), rounds);
        for (Picture picture : shownPictures) {
            renderPicture(state, picture, mode, run, steps);
        }
    }

    /** What the last run did in this mode, as long as the settings are still those of that run. */
    private static ModeRun finished(PlaygroundState state, String mode, int rounds) {
        ModeRun last = state.run(mode);
        ModeReport report = last.report();
        return report != null && (report.mostRounds > 0 ? report.mostRounds : report.rounds) == rounds ? last : null;
    }

    private void renderPips(int rounds, int now) {
        while (pips.getChildren().getLength() > rounds) {
            pips.removeChild(pips.getLastChild());
        }
        while (pips.getChildren().getLength() < rounds) {
            pips.appendChild(Dom.element("span", "pip"));
        }
        for (int i = 0; i < rounds; i++) {
            String classes = i + 1 == now ? "pip is-active" : i + 1 < now ? "pip is-done" : "pip";
            Dom.setClass(pips.getChildren().get(i), classes);
        }
    }

    /** The mode at work, else the first that would run. */
    private static String shownMode(PlaygroundState state) {
        if (state.activeMode() != null) {
            return state.activeMode();
        }
        List<String> chosen = state.chosenModes();
        return chosen.isEmpty() ? PlaygroundState.LATENT : chosen.get(0);
    }

    private static void renderPicture(PlaygroundState state, Picture picture, String mode, ModeRun run, int steps) {
        boolean latent = mode.equals(PlaygroundState.LATENT);
        boolean single = mode.equals(PlaygroundState.SINGLE);
        String active = run == null ? null : run.activeAgent();
        Dom.setClass(picture.svg, picture.classes + " is-" + mode);
        for (Map.Entry<String, Element> entry : picture.nodes.entrySet()) {
            String agent = entry.getKey();
            String classes = "node";
            if (agent.equals(active)) {
                classes += " is-active" + ("rollout".equals(run.activeKind()) ? " is-thinking" : "");
            } else if (single && !state.decides(agent)) {
                classes += " is-off";
            } else if (run != null && isDone(run, agent)) {
                classes += " is-done";
            }
            Dom.setClass(entry.getValue(), classes);
        }
        for (Element label : picture.innerLabels) {
            Dom.setText(label, latent ? Texts.INNER_LINK + " " + Texts.steps(steps) : "");
        }
        for (Map.Entry<HandOff, Element> entry : picture.edges.entrySet()) {
            HandOff handOff = entry.getKey();
            boolean delivers = handOff.to.equals(active) && (!handOff.feedback || run.activeRound() > 1);
            Dom.setClass(entry.getValue(), single ? "edge is-off" : delivers ? "edge is-active" : "edge");
            String kind = latent ? Texts.OUTER_LINK : Texts.TEXT_LINK;
            Dom.setText(picture.edgeLabels.get(handOff), handOff.feedback ? kind + ": " + Texts.FEEDBACK : kind);
        }
    }

    private static boolean isDone(ModeRun run, String agent) {
        for (StageReport stage : run.stages()) {
            if (stage.agent.equals(agent) && stage.round == run.activeRound()) {
                return true;
            }
        }
        return false;
    }
}
