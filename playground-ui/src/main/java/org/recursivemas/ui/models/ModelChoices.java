package org.recursivemas.ui.models;

import java.util.ArrayList;
import java.util.List;
import org.recursivemas.data.CatalogModel;
import org.recursivemas.data.FormatException;
import org.recursivemas.engine.EngineException;
import org.recursivemas.models.AgentModel;
import org.recursivemas.models.CachedModels.Cached;
import org.recursivemas.models.ModelFolder;
import org.recursivemas.models.ModelStore;
import org.recursivemas.models.Origins;

/**
 * Models that agents can be given beside those of their team: what the catalogue offers, packages that were found, what is
 * stored here, and the folder or package at an address. Without any document.
 */
public final class ModelChoices {
    private final Models models;
    private final ModelPlace place;
    private final Runnable changed;
    /** The choices, and what they were made of. */
    private List<Choice> last = List.of();
    private List<Cached> lastCached;
    private List<Offer> lastOffers = List.of();

    /**
     * A model to choose.
     *
     * @param label for people
     * @param folder absolute address
     * @param library absolute address, or null where it is not known
     * @param contextWindow tokens of the KV cache, 0 where nobody says
     * @param stored whether all of it is stored here
     */
    public record Choice(String label, String folder, String library, int contextWindow, boolean stored) {
    }

    /** Hears what a model is. */
    public interface Outcome {
        void found(AgentModel model);

        /**
         * @param reason for people
         * @param allow the address of the page with the model's server allowed, where that is what is lacking; else null
         */
        void failed(String reason, String allow);
    }

    ModelChoices(Models models, ModelPlace place, Runnable changed) {
        this.models = models;
        this.place = place;
        this.changed = changed;
    }

    /** Reads the catalogue and looks at the caches; does nothing the second time. */
    public void open() {
        models.open();
    }

    /** Each folder once: offered ones first, then those that are only stored. The same list until something changes. */
    public List<Choice> choices() {
        if (lastCached == models.cached() && lastOffers.equals(models.offers())) {
            return last;
        }
        lastCached = models.cached();
        lastOffers = List.copyOf(models.offers());
        List<Choice> choices = new ArrayList<>();
        List<String> seen = new ArrayList<>();
        for (Offer offer : models.offers()) {
            addOffer(offer, choices, seen);
        }
        for (Cached cached : models.cached()) {
            if (cached.model() && cached.complete() && !seen.contains(cached.folder())) {
                choices.add(new Choice(cached.folder(), cached.folder(), null, 0, true));
            }
        }
        last = List.copyOf(choices);
        return last;
    }

    private void addOffer(Offer offer, List<Choice> choices, List<String> seen) {
        for (CatalogModel model : offer.entry.models) {
            String folder = place.resolve(model.folder, offer.base);
            String library = place.resolve(model.library, offer.base);
            if (folder != null && library != null && !seen.contains(folder)) {
                seen.add(folder);
                String title = offer.entry.models.size() == 1 ? offer.entry.title
                        : offer.entry.title + ": " + name(folder);
                boolean stored = models.cached().stream().anyMatch(one -> one.complete() && one.folder().equals(folder));
                choices.add(new Choice(title, folder, library, model.contextWindow, stored));
            }
        }
    }

    /** What a folder is called: its last part, before a revision. */
    private static String name(String folder) {
        int end = folder.indexOf("/resolve/");
        String path = end < 0 ? folder.substring(0, folder.length() - 1) : folder.substring(0, end);
        return path.substring(path.lastIndexOf('/') + 1);
    }

    /** Looks at a choice. @param library typed by a person, for a model whose library is not known; may be blank */
    public void take(Choice choice, String library, Outcome outcome) {
        String wasm = choice.library() != null ? choice.library() : address(library);
        begin(List.of(choice.folder()), wasm, outcome, () -> read(choice.folder(), wasm, choice.contextWindow()));
    }

    /**
     * Looks at what is at an address: a model's folder, or a package of one model.
     *
     * @param asked absolute, or relative to the page
     * @param library the same of the model library; may be blank for a package, which names it
     */
    public void find(String asked, String library, Outcome outcome) {
        String url = address(asked);
        if (url == null) {
            outcome.failed(ModelsTexts.NO_MODEL_ADDRESS, null);
            return;
        }
        String folder = url.endsWith(".json") ? url.substring(0, url.lastIndexOf('/') + 1) : ModelFolder.address(url);
        String wasm = address(library);
        begin(List.of(folder), wasm, outcome, () -> {
            if (wasm != null) {
                return read(folder, wasm, 0);
            }
            Choice known = choices().stream().filter(one -> one.folder().equals(folder) && one.library() != null).findFirst()
                    .orElse(null);
            return known != null ? read(folder, known.library(), known.contextWindow()) : packaged(folder);
        });
    }

    /** An absolute address, or null where nothing usable was typed. */
    private String address(String typed) {
        String url = typed.isBlank() ? null : place.resolve(typed.trim(), place.page());
        return url == null || Origins.of(url) == null ? null : url;
    }

    /** Something that waits and gives a model. */
    private interface Reading {
        AgentModel read();
    }

    private void begin(List<String> folders, String library, Outcome outcome, Reading reading) {
        List<String> urls = new ArrayList<>(folders);
        if (library != null) {
            urls.add(library);
        }
        List<String> foreign = new ArrayList<>();
        for (String url : urls) {
            if (!models.allowed(url) && !foreign.contains(Origins.of(url))) {
                foreign.add(Origins.of(url));
            }
        }
        if (!foreign.isEmpty()) {
            outcome.failed(ModelsTexts.notAllowed(Origins.host(foreign.get(0))), models.allowing(foreign, "team-edit"));
            return;
        }
        place.begin(() -> {
            try {
                outcome.found(reading.read());
            } catch (EngineException | FormatException e) {
                outcome.failed(e.getMessage(), null);
            }
            changed.run();
        });
    }

    private AgentModel packaged(String folder) {
        Offer offer;
        try {
            offer = models.read(folder);
        } catch (EngineException | FormatException e) {
            throw new EngineException(ModelsTexts.noPackage(e.getMessage()), e);
        }
        if (offer.entry.models.size() != 1) {
            throw new EngineException(ModelsTexts.severalModels(offer.entry.title));
        }
        CatalogModel model = offer.entry.models.get(0);
        return read(place.resolve(model.folder, offer.base), place.resolve(model.library, offer.base), model.contextWindow);
    }

    private AgentModel read(String folder, String library, int contextWindow) {
        if (library == null) {
            throw new EngineException(ModelsTexts.NO_LIBRARY);
        }
        Object config = file(ModelStore.CONFIG, folder + ModelFolder.CONFIG);
        String tokenizer = folder + "tokenizer.json";
        return AgentModel.of(folder, library, config, contextWindow,
                id -> AgentModel.token(file(ModelStore.MODEL, tokenizer), tokenizer, id));
    }

    /** A file as it is stored, else as its server has it. */
    private Object file(String scope, String url) {
        ModelStore.Content stored = place.unstorable() != null ? null : place.store().open(scope, url);
        return stored == null ? models.json(url, ModelsTexts.A_FILE) : models.parsed(stored, url, ModelsTexts.A_FILE);
    }
}
