package org.recursivemas.ui.models;

import java.util.ArrayList;
import java.util.List;
import org.recursivemas.models.Machine;
import org.recursivemas.models.Origins;
import org.recursivemas.ui.Dom;
import org.recursivemas.ui.PlaygroundState;
import org.recursivemas.ui.View;
import org.teavm.jso.dom.html.HTMLElement;
import org.teavm.jso.dom.html.HTMLInputElement;

/** The section of models. Nothing is read before it is shown for the first time. */
public final class ModelsView implements View {
    private final Models models;
    private final ModelChoices choices;
    private final StoredTable stored;
    private final HTMLElement fault = Dom.withId(Dom.text("p", "notice notice--error", ""), "catalog-fault");
    private final HTMLElement unstorable = Dom.withId(Dom.text("p", "notice notice--unavailable", ""), "models-unstorable");
    private final HTMLElement gpu = Dom.withId(Dom.text("p", "hint", ""), "models-gpu");
    private final HTMLElement list = Dom.withId(Dom.element("div", "offers"), "offers");
    private final HTMLElement said = Dom.withId(Dom.text("p", "unseen", ""), "models-said");
    private final HTMLInputElement address = Dom.input("url", "models-address");
    private final HTMLElement find;
    private final HTMLElement addressFault = Dom.withId(Dom.text("p", "hint hint--error", ""), "models-address-fault");
    private final HTMLElement addressAllow = Dom.withId(Dom.text("a", "button", ""), "models-address-allow");
    private final HTMLElement element;
    private final List<OfferCard> cards = new ArrayList<>();
    private int numbers;

    /** @param changed has the views rendered */
    public ModelsView(ModelPlace place, Runnable changed) {
        models = new Models(place, changed);
        choices = new ModelChoices(models, place, changed);
        stored = new StoredTable(models);
        said.setAttribute("role", "status");
        addressFault.setAttribute("role", "alert");
        Dom.with(address, "autocomplete", "off", "spellcheck", "false", "aria-describedby", "models-address-fault");
        Dom.listen(address, "input", () -> models.editAddress(address.getValue()));
        find = Dom.withId(Dom.button("button", ModelsTexts.FIND, models::find), "models-find");
        HTMLElement field = Dom.element("div", "field", Dom.label(ModelsTexts.ADDRESS_LABEL, "models-address"), address);
        element = Dom.element("div", "models", said,
                Dom.section("catalog", ModelsTexts.TITLE, Dom.text("p", "", ModelsTexts.INTRO), gpu, unstorable, fault, list),
                Dom.section("elsewhere", ModelsTexts.ADDRESS_TITLE, field,
                        Dom.element("div", "row", find, addressAllow), addressFault),
                stored.element());
    }

    /** What agents can be given of what this section knows. */
    public ModelChoices choices() {
        return choices;
    }

    /** The section is shown. */
    public void shown() {
        models.open();
    }

    @Override
    public HTMLElement element() {
        return element;
    }

    @Override
    public void render(PlaygroundState state) {
        Dom.setText(said, models.said());
        show(fault, models.fault());
        show(unstorable, models.unstorable());
        Machine machine = models.machine();
        show(gpu, machine == null ? null : machine.gpu() ? ModelsTexts.gpu(machine.name(), machine.f16()) : ModelsTexts.NO_GPU);
        arrange();
        cards.forEach(OfferCard::render);
        if (!models.address().equals(address.getValue())) {
            address.setValue(models.address());
        }
        Dom.enable(find, !models.searching());
        Dom.setText(find, models.searching() ? ModelsTexts.SEARCHING : ModelsTexts.FIND);
        Dom.setText(addressFault, models.addressFault());
        Dom.setAttribute(address, "aria-invalid", models.addressFault().isEmpty() ? null : "true");
        Dom.show(addressAllow, models.addressToAllow() != null);
        Dom.setAttribute(addressAllow, "href", models.addressToAllow());
        Dom.setText(addressAllow, models.addressToAllow() == null ? "" : ModelsTexts.allow(
                Origins.host(models.address().trim())));
        stored.render();
    }

    /** Makes the cards those of the offers; those that stay are not touched. */
    private void arrange() {
        List<Offer> offers = models.offers();
        boolean same = cards.size() == offers.size();
        for (int i = 0; same && i < offers.size(); i++) {
            same = cards.get(i).offer() == offers.get(i);
        }
        if (same) {
            return;
        }
        List<OfferCard> old = new ArrayList<>(cards);
        cards.clear();
        Dom.clear(list);
        for (Offer offer : offers) {
            OfferCard card = old.stream().filter(one -> one.offer() == offer).findFirst().orElse(null);
            if (card == null) {
                card = new OfferCard(models, offer, numbers++);
            }
            cards.add(card);
            list.appendChild(card.element());
        }
    }

    private static void show(HTMLElement place, String text) {
        Dom.setText(place, text == null ? "" : text);
        Dom.show(place, text != null);
    }
}
