package org.recursivemas.ui;

import java.util.ArrayList;
import java.util.List;
import org.recursivemas.data.ModeReport;
import org.teavm.jso.dom.html.HTMLButtonElement;
import org.teavm.jso.dom.html.HTMLElement;

/** The three modes side by side, what the latent team saved or cost, and the report to take away. */
final class ResultsView implements View {
    private final List<View> parts = new ArrayList<>();
    private final HTMLElement stages;
    private final HTMLElement comparisons = Dom.element("div", "savings__list");
    private final HTMLElement savings;
    private final HTMLButtonElement download;
    private final HTMLElement element;
    private final List<ModeReport> shown = new ArrayList<>();

    ResultsView(PlaygroundState state) {
        HTMLElement list = Dom.element("div", "cards");
        HTMLElement tables = Dom.element("div", "stages__list");
        for (String mode : PlaygroundState.MODES) {
            ModeCard card = new ModeCard(mode);
            StagesView table = new StagesView(mode);
            parts.add(card);
            parts.add(table);
            list.appendChild(card.element());
            tables.appendChild(table.element());
        }
        stages = Dom.element("div", "stages-all", Dom.text("h3", "", Texts.STAGES_TITLE), tables);
        savings = Dom.withId(Dom.element("div", "savings", Dom.text("h3", "", Texts.SAVINGS_TITLE), comparisons,
                Dom.text("p", "hint", Texts.SAVINGS_NOTE)), "savings");
        download = Dom.button("button", Texts.DOWNLOAD, () -> Download.report(state.report()));
        download.setId("download");
        element = Dom.section("results", Texts.RESULTS_TITLE, list, savings, stages, download);
    }

    @Override
    public HTMLElement element() {
        return element;
    }

    @Override
    public void render(PlaygroundState state) {
        boolean any = false;
        for (View part : parts) {
            part.render(state);
        }
        for (String mode : PlaygroundState.MODES) {
            any |= !state.run(mode).stages().isEmpty();
        }
        Dom.show(stages, any);
        List<Savings> all = Savings.of(state);
        Dom.show(savings, !all.isEmpty());
        List<ModeReport> compared = new ArrayList<>();
        for (Savings one : all) {
            compared.addAll(one.reports());
        }
        if (!compared.equals(shown)) {
            shown.clear();
            shown.addAll(compared);
            Dom.clear(comparisons);
            for (Savings one : all) {
                comparisons.appendChild(comparison(one));
            }
        }
        Dom.enable(download, state.report() != null);
    }

    private static HTMLElement comparison(Savings one) {
        HTMLElement list = Dom.element("ul", "saving__parts");
        for (Savings.Part part : one.parts()) {
            list.appendChild(Dom.element("li", "", Dom.text("strong", "", part.headline()), Dom.text("span", "", " "),
                    Dom.text("span", "hint", part.detail())));
        }
        HTMLElement block = Dom.element("div", "saving saving--" + one.baselineMode(),
                Dom.text("h4", "", Texts.against(one.testedMode(), one.baselineMode())), list);
        if (one.correctness() != null) {
            block.appendChild(Dom.text("p", "saving__worth", one.correctness()));
        }
        return block;
    }
}
