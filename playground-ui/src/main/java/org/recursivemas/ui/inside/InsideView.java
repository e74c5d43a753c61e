package org.recursivemas.ui.inside;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.recursivemas.data.InsideBlock;
import org.recursivemas.data.InsideGrid;
import org.recursivemas.data.InsideReport;
import org.recursivemas.data.Team;
import org.recursivemas.team.LinkSwap;
import org.recursivemas.ui.Dom;
import org.recursivemas.ui.Help;
import org.recursivemas.ui.HelpTexts;
import org.recursivemas.ui.ModeRun;
import org.recursivemas.ui.Numbers;
import org.recursivemas.ui.PlaygroundController;
import org.recursivemas.ui.PlaygroundState;
import org.recursivemas.ui.View;
import org.teavm.jso.dom.html.HTMLElement;
import org.teavm.jso.dom.html.HTMLInputElement;
import org.teavm.jso.dom.html.HTMLOptionElement;
import org.teavm.jso.dom.html.HTMLSelectElement;
import org.teavm.jso.dom.xml.Node;

/** The switch for keeping latents, a choice for each link, and what the last latent run's vectors look like. */
public final class InsideView implements View {
    private final PlaygroundController controller;
    private final HTMLInputElement see;
    private final HTMLElement choices = Dom.element("div", "inside__links");
    private final HTMLElement note = Dom.withId(Dom.text("p", "hint", ""), "inside-note");
    private final HTMLElement results = Dom.withId(Dom.element("div", "inside__results"), "inside-results");
    private final HTMLElement element;
    private final Map<String, HTMLSelectElement> selects = new LinkedHashMap<>();
    private Team shownTeam;
    private InsideReport shown;

    public InsideView(PlaygroundController controller) {
        this.controller = controller;
        see = Dom.input("checkbox", "see-inside");
        see.setAttribute("aria-describedby", "see-inside-hint");
        Dom.listen(see, "change", () -> controller.seeInside(see.isChecked()));
        note.setAttribute("role", "status");
        HTMLElement links = Dom.element("fieldset", "inside__swaps", Dom.text("legend", "", InsideTexts.LINKS), choices,
                Dom.withId(Dom.text("p", "hint", InsideTexts.LINKS_HINT), "link-swap-hint"));
        element = Dom.section("inside", InsideTexts.TITLE, Dom.text("p", "", InsideTexts.INTRO),
                Dom.element("div", "inside__switch", see, Dom.label(InsideTexts.SEE, "see-inside")),
                Dom.withId(Dom.text("p", "hint", InsideTexts.SEE_HINT), "see-inside-hint"), links, note, results);
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
        if (state.team() != shownTeam) {
            shownTeam = state.team();
            offerLinks();
        }
        if (see.isChecked() != state.seesInside()) {
            see.setChecked(state.seesInside());
        }
        selects.forEach((name, select) -> {
            String swap = state.swap(name);
            if (!swap.equals(select.getValue())) {
                select.setValue(swap);
            }
        });
        ModeRun run = state.run(PlaygroundState.LATENT);
        InsideReport inside = run.report() == null ? null : run.report().inside;
        Dom.setText(note, inside != null ? InsideTexts.kept(inside.keptBytes)
                : run.status() == ModeRun.Status.RUNNING && state.seesInside() ? InsideTexts.RUNNING
                : InsideTexts.NOTHING);
        if (inside != shown) {
            shown = inside;
            Dom.clear(results);
            if (inside != null) {
                describe(state, inside);
            }
        }
    }

    /** One choice for each inner link, then for each outer link. */
    private void offerLinks() {
        Dom.clear(choices);
        selects.clear();
        LinkSwap.widths(shownTeam).forEach((name, widths) -> offer(name, widths[0] == widths[1]));
    }

    private void offer(String name, boolean equalWidths) {
        String id = "link-swap-" + selects.size();
        HTMLSelectElement select = (HTMLSelectElement) Dom.element("select", "");
        select.setId(id);
        select.setAttribute("data-link", name);
        select.setAttribute("aria-describedby", "link-swap-hint");
        Help.describe(select, HelpTexts.LINKS);
        for (String swap : LinkSwap.ALL) {
            HTMLOptionElement option = (HTMLOptionElement) Dom.text("option", "", InsideTexts.swap(swap));
            option.setValue(swap);
            Dom.enable(option, equalWidths || !swap.equals(LinkSwap.IDENTITY));
            select.appendChild(option);
        }
        Dom.listen(select, "change", () -> controller.swapLink(name, select.getValue()));
        selects.put(name, select);
        choices.appendChild(Dom.element("div", "field", Dom.label(InsideTexts.linkName(name), id), select));
    }

    private void describe(PlaygroundState state, InsideReport inside) {
        Map<String, List<InsideBlock>> byAgent = new LinkedHashMap<>();
        for (InsideBlock block : inside.blocks) {
            byAgent.computeIfAbsent(block.agent, key -> new ArrayList<>()).add(block);
        }
        byAgent.forEach((agent, blocks) -> results.appendChild(agent(state.agentTitle(agent), blocks,
                inside.grids.stream().filter(grid -> grid.agent.equals(agent)).findFirst().orElseThrow())));
    }

    private static HTMLElement agent(String title, List<InsideBlock> blocks, InsideGrid grid) {
        List<InsideBlock> states = new ArrayList<>();
        for (InsideBlock block : blocks) {
            if (block.kind.equals(InsideBlock.HIDDEN)) {
                states.add(block);
            }
        }
        double[] explained = states.get(0).explained;
        String description = InsideTexts.path(title, states.size(), explained[0], explained[1]);
        return Dom.element("article", "inside__agent", Dom.text("h3", "", title),
                Dom.element("div", "inside__pictures",
                        figure(LatentPath.picture(states, description), description), heat(title, grid)),
                alarms(blocks), table(title, blocks), readings(blocks));
    }

    private static HTMLElement figure(Node picture, String description) {
        return Dom.element("figure", "inside__figure", picture, Dom.text("figcaption", "hint", description));
    }

    private static HTMLElement heat(String title, InsideGrid grid) {
        int rows = grid.rounds * grid.steps;
        double lowest = 1;
        double within = 0;
        double between = 0;
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < i; j++) {
                double cosine = grid.cosines[i * rows + j];
                lowest = Math.min(lowest, cosine);
                if (i / grid.steps == j / grid.steps) {
                    within += cosine;
                } else if (i % grid.steps == j % grid.steps) {
                    between += cosine;
                }
            }
        }
        within /= grid.rounds * grid.steps * (grid.steps - 1) / 2.0;
        between /= grid.steps * grid.rounds * (grid.rounds - 1) / 2.0;
        String description = InsideTexts.grid(title, grid.stride, lowest, within, between);
        return figure(HeatMap.picture(grid, description), description);
    }

    private static HTMLElement alarms(List<InsideBlock> blocks) {
        HTMLElement list = Dom.element("ul", "inside__alarms");
        for (InsideBlock block : blocks) {
            if (block.collapsed) {
                list.appendChild(Dom.text("li", "", InsideTexts.block(block) + ". " + InsideTexts.COLLAPSED));
            }
            if (block.farNorm) {
                list.appendChild(Dom.text("li", "", InsideTexts.block(block) + ". " + InsideTexts.FAR));
            }
        }
        Dom.show(list, list.getFirstChild() != null);
        return list;
    }

    private static HTMLElement table(String title, List<InsideBlock> blocks) {
        HTMLElement head = Dom.element("tr", "");
        for (String column : InsideTexts.COLUMNS) {
            head.appendChild(Dom.with(Dom.text("th", "", column), "scope", "col"));
        }
        HTMLElement body = Dom.element("tbody", "");
        for (InsideBlock block : blocks) {
            body.appendChild(Dom.element("tr", "", cell(Integer.toString(block.round)),
                    cell(InsideTexts.kind(block.kind)), cell(block.reader), cell(mean(block.norms)),
                    cell(block.embeddingNorm == 0 ? InsideTexts.NONE : Numbers.fixed(block.embeddingNorm, 2)),
                    cell(mean(block.stepCosines)), cell(mean(block.roundCosines))));
        }
        HTMLElement table = Dom.element("table", "", Dom.text("caption", "", title),
                Dom.element("thead", "", head), body);
        HTMLElement scroller = Dom.element("div", "inside__table", table);
        Dom.with(scroller, "tabindex", "0", "role", "region", "aria-label", title);
        return scroller;
    }

    private static HTMLElement cell(String text) {
        return Dom.text("td", "", text);
    }

    private static String mean(double[] values) {
        if (values.length == 0) {
            return InsideTexts.NONE;
        }
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        return Numbers.fixed(sum / values.length, 2);
    }

    private static HTMLElement readings(List<InsideBlock> blocks) {
        HTMLElement details = Dom.element("details", "inside__readings", Dom.text("summary", "", InsideTexts.READS_AS),
                Dom.text("p", "hint", InsideTexts.TOKENS_HINT));
        for (InsideBlock block : blocks) {
            if (block.tokens.isEmpty()) {
                continue;
            }
            HTMLElement steps = Dom.element("ol", "inside__steps");
            for (int i = 0; i < block.tokens.size(); i++) {
                HTMLElement step = Dom.element("li", "", Dom.text("span", "inside__step", InsideTexts.step(i + 1)));
                for (String text : block.tokens.get(i).texts) {
                    step.appendChild(Dom.text("code", "", text.replace("\n", "\u21b5").replace(" ", "\u2423")));
                }
                steps.appendChild(step);
            }
            details.appendChild(Dom.text("h4", "", InsideTexts.block(block)));
            details.appendChild(steps);
        }
        return details;
    }
}
