package org.recursivemas.ui.models;

import java.util.ArrayList;
import java.util.List;
import org.recursivemas.data.CatalogEntry;
import org.recursivemas.data.CatalogModel;
import org.recursivemas.models.DownloadProgress;
import org.recursivemas.models.Fit;
import org.recursivemas.models.Machine;
import org.recursivemas.models.Sizes;
import org.recursivemas.ui.Dom;
import org.recursivemas.ui.Numbers;
import org.teavm.jso.dom.html.HTMLElement;

/** One offer: what it takes, why it cannot run here, and its download. */
final class OfferCard {
    private final Models models;
    private final Offer offer;
    private final HTMLElement download = Dom.text("dd", "", "");
    private final HTMLElement half = Dom.text("dd", "", "");
    private final HTMLElement obstacles = Dom.element("ul", "offer__obstacles");
    private final HTMLElement warnings = Dom.element("ul", "offer__warnings");
    private final HTMLElement start;
    private final HTMLElement cancel;
    private final HTMLElement use;
    private final HTMLElement allow = Dom.text("a", "button", "");
    private final HTMLElement blocked = Dom.text("p", "hint", "");
    private final HTMLElement bar = Dom.element("progress", "offer__bar");
    private final HTMLElement line = Dom.text("p", "offer__line", "");
    private final HTMLElement note = Dom.text("p", "offer__note", "");
    private final HTMLElement element;

    OfferCard(Models models, Offer offer, int number) {
        this.models = models;
        this.offer = offer;
        CatalogEntry entry = offer.entry;
        String id = "offer-" + number;
        HTMLElement title = Dom.withId(Dom.text("h3", "", entry.title), id + "-title");
        HTMLElement facts = Dom.element("dl", "offer__facts");
        fact(facts, ModelsTexts.ROW_DOWNLOAD, download);
        fact(facts, ModelsTexts.ROW_MEMORY, Dom.text("dd", "", memory()));
        fact(facts, ModelsTexts.ROW_F16, half);
        fact(facts, ModelsTexts.ROW_CONTEXT, Dom.text("dd", "", ModelsTexts.context(context())));
        fact(facts, ModelsTexts.ROW_PARAMETERS, Dom.text("dd", "", Numbers.count(parameters())));
        fact(facts, ModelsTexts.ROW_HANDS_OVER, Dom.text("dd", "", entry.latent ? ModelsTexts.LATENTS : ModelsTexts.TEXT_ONLY));
        fact(facts, ModelsTexts.ROW_LICENCE, licence());
        start = Dom.withId(Dom.button("button", ModelsTexts.DOWNLOAD, () -> models.download(offer)), id + "-start");
        cancel = Dom.withId(Dom.button("button", ModelsTexts.CANCEL, models::cancel), id + "-cancel");
        cancel.setAttribute("aria-label", ModelsTexts.of(ModelsTexts.CANCEL, entry.title));
        use = Dom.withId(Dom.text("a", "button button--primary", ModelsTexts.USE), id + "-use");
        use.setAttribute("aria-label", ModelsTexts.of(ModelsTexts.USE, entry.title));
        String address = models.use(offer);
        if (address != null) {
            use.setAttribute("href", address);
        }
        Dom.withId(allow, id + "-allow");
        Dom.with(bar, "max", "1", "aria-label", ModelsTexts.of(ModelsTexts.DOWNLOAD, entry.title));
        Dom.withId(note, id + "-note");
        Dom.withId(line, id + "-line");
        Dom.withId(obstacles, id + "-obstacles");
        element = Dom.withId(Dom.element("article", "offer", title), id);
        element.setAttribute("aria-labelledby", id + "-title");
        paragraph(entry.description, "");
        element.appendChild(facts);
        if (entry.note != null) {
            paragraph(entry.note, "hint");
        }
        if (address == null) {
            paragraph(ModelsTexts.NO_TEAM, "hint");
        }
        element.appendChild(obstacles);
        element.appendChild(warnings);
        element.appendChild(blocked);
        element.appendChild(Dom.element("div", "row", start, cancel, use, allow));
        element.appendChild(bar);
        element.appendChild(line);
        element.appendChild(note);
    }

    Offer offer() {
        return offer;
    }

    HTMLElement element() {
        return element;
    }

    private void paragraph(String text, String classes) {
        if (!text.isEmpty()) {
            element.appendChild(Dom.text("p", classes, text));
        }
    }

    private static void fact(HTMLElement list, String name, HTMLElement value) {
        list.appendChild(Dom.element("div", "", Dom.text("dt", "", name), value));
    }

    private HTMLElement licence() {
        CatalogEntry entry = offer.entry;
        if (entry.licenceUrl == null) {
            return Dom.text("dd", "", entry.licence);
        }
        HTMLElement link = Dom.text("a", "", entry.licence);
        Dom.with(link, "href", entry.licenceUrl, "rel", "noopener noreferrer", "target", "_blank");
        return Dom.element("dd", "", link);
    }

    private String memory() {
        long weights = 0;
        long cache = 0;
        long scratch = 0;
        for (CatalogModel model : Fit.distinct(offer.entry)) {
            weights += model.weightBytes;
            cache += model.cacheBytes;
            scratch += model.scratchBytes;
        }
        return ModelsTexts.memory(Numbers.bytes(weights + cache + scratch), Numbers.bytes(weights), Numbers.bytes(cache),
                scratch == 0 ? null : Numbers.bytes(scratch));
    }

    private int context() {
        int least = Integer.MAX_VALUE;
        for (CatalogModel model : offer.entry.models) {
            least = Math.min(least, model.contextWindow);
        }
        return least;
    }

    private long parameters() {
        long sum = 0;
        for (CatalogModel model : Fit.distinct(offer.entry)) {
            sum += model.parameters;
        }
        return sum;
    }

    void render() {
        boolean counted = offer.entry.models.stream().allMatch(model -> model.downloadCounted);
        String size = ModelsTexts.size(Numbers.bytes(Fit.downloadBytes(offer.entry)), counted);
        Dom.setText(download, offer.stored == 0 ? size : size + ", " + (offer.complete ? ModelsTexts.WHOLE
                : ModelsTexts.ofWhichStored(Numbers.bytes(offer.stored))));
        Machine machine = models.machine();
        Dom.setText(half, !Fit.needsF16(offer.entry) ? ModelsTexts.F16_NOT_NEEDED
                : machine == null || !machine.gpu() ? ModelsTexts.F16_NEEDED
                : machine.f16() ? ModelsTexts.F16_THERE : ModelsTexts.F16_MISSING);
        fill(obstacles, offer.fit == null ? List.of() : offer.fit.obstacles());
        fill(warnings, offer.fit == null ? List.of() : offer.fit.warnings());
        boolean running = offer.running();
        String reason = running ? null : models.blocked(offer);
        Dom.setText(blocked, reason == null ? "" : reason);
        Dom.show(blocked, reason != null);
        String way = models.allow(offer);
        Dom.show(allow, way != null);
        Dom.setAttribute(allow, "href", way);
        Dom.setText(allow, way == null ? "" : ModelsTexts.allow(models.hosts(offer)));
        String action = offer.complete ? ModelsTexts.CHECK : offer.stored > 0 ? ModelsTexts.CONTINUE : ModelsTexts.DOWNLOAD;
        Dom.setText(start, action);
        Dom.setAttribute(start, "aria-label", ModelsTexts.of(action, offer.entry.title));
        Dom.show(start, !running);
        Dom.enable(start, reason == null && models.running() == null);
        Dom.show(cancel, running);
        Dom.enable(cancel, offer.stage == Offer.Stage.RUNNING);
        Dom.show(use, use.hasAttribute("href") && !running);
        DownloadProgress progress = offer.progress;
        Dom.show(bar, running);
        Dom.setAttribute(bar, "value", Numbers.plain(progress.fraction(), 3));
        Dom.show(line, running);
        Dom.setText(line, running ? line(progress) : "");
        Dom.setText(note, offer.note);
        Dom.show(note, !offer.note.isEmpty());
        Dom.setClass(note, offer.stage == Offer.Stage.FAILED ? "offer__note offer__note--bad" : "offer__note");
    }

    private static String line(DownloadProgress progress) {
        if (progress.total() == 0) {
            return ModelsTexts.LISTING;
        }
        List<String> parts = new ArrayList<>();
        parts.add((progress.checking() ? ModelsTexts.CHECKING : "") + ModelsTexts.fetched(Numbers.bytes(progress.done()),
                Numbers.bytes(progress.total())));
        if (progress.perSecond() > 0) {
            parts.add(ModelsTexts.rate(Numbers.bytes(progress.perSecond())));
        }
        if (progress.secondsLeft() >= 0) {
            parts.add(ModelsTexts.left(Sizes.time(progress.secondsLeft())));
        }
        if (!progress.file().isEmpty()) {
            parts.add(progress.file());
        }
        return String.join(" \u00b7 ", parts);
    }

    private static void fill(HTMLElement list, List<String> texts) {
        Dom.show(list, !texts.isEmpty());
        String all = String.join("", texts);
        if (!all.equals(list.getTextContent())) {
            Dom.clear(list);
            texts.forEach(text -> list.appendChild(Dom.text("li", "", text)));
        }
    }
}
