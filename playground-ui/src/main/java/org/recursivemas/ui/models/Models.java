package org.recursivemas.ui.models;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.recursivemas.data.CatalogEntry;
import org.recursivemas.data.FormatException;
import org.recursivemas.data.ModelCatalog;
import org.recursivemas.engine.EngineException;
import org.recursivemas.models.CachedModels;
import org.recursivemas.models.CachedModels.Cached;
import org.recursivemas.models.CatalogReader;
import org.recursivemas.models.DownloadProgress;
import org.recursivemas.models.Downloader;
import org.recursivemas.models.Fit;
import org.recursivemas.models.Machine;
import org.recursivemas.models.ModelFolder;
import org.recursivemas.models.ModelStore;
import org.recursivemas.models.Origins;
import org.recursivemas.models.PackageReader;

/** What the section of models shows, and what a person can do there. Without any document. */
final class Models {
    static final String CATALOG = "catalog.json";
    private static final String PARAMETER = "models";

    private final ModelPlace place;
    private final Runnable changed;
    private final List<Offer> offers = new ArrayList<>();
    private List<Cached> cached = List.of();
    private Map<String, List<String>> users = Map.of();
    private ModelStore.Room room = new ModelStore.Room(0, -1);
    private Machine machine;
    private String fault;
    private String said = "";
    private String address = "";
    private String addressFault = "";
    private String addressToAllow;
    private boolean opened;
    private boolean searching;

    /** @param changed has the views rendered */
    Models(ModelPlace place, Runnable changed) {
        this.place = place;
        this.changed = changed;
    }

    /** Reads the catalogue and looks at machine and caches; does nothing the second time. */
    void open() {
        if (opened) {
            return;
        }
        opened = true;
        place.begin(() -> {
            try {
                String url = place.resolve(CATALOG, place.page());
                ModelCatalog catalog = CatalogReader.read(json(url, ModelsTexts.THE_CATALOG), url);
                for (CatalogEntry entry : catalog.entries) {
                    Offer offer = new Offer(entry, place, place.page());
                    offer.alternative = catalog.entries.stream().filter(other -> other.id.equals(entry.alternative))
                            .findFirst().orElse(null);
                    offers.add(offer);
                }
            } catch (EngineException | FormatException e) {
                fault = e.getMessage();
            }
            machine = place.machine();
            look();
            for (String asked : place.parameters(PARAMETER)) {
                String origin = Origins.of(asked);
                if (origin != null && asked.length() > origin.length() + 1) {
                    address = asked;
                    find();
                    break;
                }
            }
        });
    }

    /** A parsed file. Waits. */
    Object json(String url, String what) {
        try {
            ModelStore.Answer answer = place.store().get(url, 0);
            if (answer.status() != 200) {
                answer.close();
                throw new EngineException(EngineException.NETWORK, ModelsTexts.missing(what, url, answer.status()),
                        ModelsTexts.CHECK_ADDRESS, null);
            }
            return parsed(answer, url, what);
        } catch (ModelStore.NetworkLoss e) {
            throw new EngineException(EngineException.NETWORK, ModelsTexts.notReached(what, url, e.getMessage()),
                    ModelsTexts.CHECK_NETWORK, e);
        }
    }

    /** The JSON of a stream. Waits. */
    Object parsed(ModelStore.Content content, String url, String what) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] piece = content.read(); piece != null; piece = content.read()) {
            all.write(piece, 0, piece.length);
        }
        try {
            return place.store().parse(new String(all.toByteArray(), StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
            throw new EngineException(EngineException.NETWORK, ModelsTexts.notJson(what, url, e.getMessage()),
                    ModelsTexts.CHECK_ADDRESS, e);
        }
    }

    /** Looks at the caches and what follows from them. Waits. */
    private void look() {
        cached = CachedModels.list(place.store());
        room = place.store().room();
        Map<String, List<String>> folders = new LinkedHashMap<>();
        for (Offer offer : offers) {
            folders.put(offer.entry.title, offer.folders);
            offer.look(cached);
            offer.fit = Fit.of(offer.entry, offer.alternative, machine, offer.missing(), room);
        }
        users = CachedModels.users(folders);
        changed.run();
    }

    void download(Offer offer) {
        if (running() != null || blocked(offer) != null) {
            return;
        }
        offer.stage = Offer.Stage.RUNNING;
        offer.progress = new DownloadProgress(0, 0, 0, "", false);
        offer.note = "";
        say(ModelsTexts.started(offer.entry.title));
        place.begin(() -> {
            try {
                if (offer.digests == null) {
                    offer.digests = offer.manifest == null ? Map.of()
                            : PackageReader.digests(json(offer.manifest, ModelsTexts.THE_MANIFEST), folder(offer.manifest));
                }
                boolean whole = new Downloader(place.store(), offer.digests, listener(offer),
                        () -> offer.stage == Offer.Stage.CANCELLING).download(offer.folders);
                offer.stage = whole ? Offer.Stage.DONE : Offer.Stage.CANCELLED;
                offer.note = whole ? offer.note : ModelsTexts.CANCELLED;
                say(whole ? ModelsTexts.done(offer.entry.title) : ModelsTexts.CANCELLED);
            } catch (EngineException | FormatException e) {
                offer.stage = Offer.Stage.FAILED;
                offer.note = e.getMessage();
                say(e.getMessage());
            }
            look();
        });
    }

    private Downloader.Listener listener(Offer offer) {
        return new Downloader.Listener() {
            @Override
            public void onProgress(DownloadProgress progress) {
                offer.progress = progress;
                changed.run();
            }

            @Override
            public void onNote(String text) {
                offer.note = offer.note.isEmpty() ? text : offer.note.contains(text) ? offer.note : offer.note + " " + text;
                say(text);
            }
        };
    }

    private static String folder(String url) {
        return url.substring(0, url.lastIndexOf('/') + 1);
    }

    void cancel() {
        Offer offer = running();
        if (offer != null) {
            offer.stage = Offer.Stage.CANCELLING;
            changed.run();
        }
    }

    void delete(String folder) {
        if (running() != null) {
            return;
        }
        place.begin(() -> {
            CachedModels.delete(place.store(), folder);
            for (Offer offer : offers) {
                if (offer.folders.contains(folder)) {
                    offer.stage = Offer.Stage.NONE;
                    offer.note = "";
                }
            }
            said = ModelsTexts.deleted(folder);
            look();
        });
    }

    void editAddress(String text) {
        address = text;
        addressFault = "";
        addressToAllow = null;
        changed.run();
    }

    /** Looks the package at the address up. */
    void find() {
        String asked = address.trim();
        String url = asked.isEmpty() ? null : place.resolve(asked, place.page());
        addressFault = "";
        addressToAllow = null;
        if (url == null || Origins.of(url) == null) {
            addressFault = ModelsTexts.NO_ADDRESS;
        } else if (!allowed(url)) {
            addressFault = ModelsTexts.notAllowed(Origins.host(url));
            addressToAllow = allowing(List.of(url));
        } else if (!searching) {
            searching = true;
            String manifest = url.endsWith(".json") ? folder(url) : ModelFolder.address(url);
            place.begin(() -> {
                look(manifest);
                searching = false;
                changed.run();
            });
        }
        changed.run();
    }

    private void look(String base) {
        try {
            read(base);
        } catch (EngineException | FormatException e) {
            addressFault = e.getMessage();
        }
    }

    /** Takes the package in a folder among the offers. Waits. */
    Offer read(String base) {
        Object manifest = json(base + PackageReader.MANIFEST, ModelsTexts.THE_MANIFEST);
        CatalogEntry entry = PackageReader.entry(manifest, base, url -> json(url, ModelsTexts.A_FILE));
        Offer offer = new Offer(entry, place, base);
        offer.digests = PackageReader.digests(manifest, base);
        offers.removeIf(other -> !other.running() && other.manifest != null && other.manifest.equals(offer.manifest));
        offers.add(0, offer);
        said = ModelsTexts.found(entry.title);
        look();
        return offer;
    }

    boolean allowed(String url) {
        List<String> chosen = new ArrayList<>(place.parameters(PARAMETER));
        for (String team : place.parameters("team")) {
            String absolute = place.resolve(team, place.page());
            if (absolute != null) {
                chosen.add(absolute);
            }
        }
        return Origins.allowed(url, Origins.of(place.page()), chosen);
    }

    /** The page's address with these servers allowed. */
    private String allowing(List<String> urls) {
        return allowing(urls, "models");
    }

    /** The same, at a section of the page. */
    String allowing(List<String> urls, String section) {
        StringBuilder query = new StringBuilder();
        for (String team : place.parameters("team")) {
            add(query, "team", team);
        }
        for (String model : place.parameters(PARAMETER)) {
            add(query, PARAMETER, model);
        }
        for (String url : urls) {
            add(query, PARAMETER, url);
        }
        return place.page() + query + "#" + section;
    }

    private void add(StringBuilder query, String name, String value) {
        query.append(query.length() == 0 ? '?' : '&').append(name).append('=').append(place.encode(value));
    }

    /** Servers of an offer's files that the page may not ask yet, each once. */
    private List<String> foreign(Offer offer) {
        List<String> origins = new ArrayList<>();
        List<String> urls = new ArrayList<>(offer.folders);
        urls.addAll(offer.libraries);
        for (String url : urls) {
            String origin = Origins.of(url);
            if (!allowed(url) && !origins.contains(origin)) {
                origins.add(origin);
            }
        }
        return origins;
    }

    /** The address that allows what an offer needs, or null when all of it is allowed. */
    String allow(Offer offer) {
        List<String> origins = foreign(offer);
        return origins.isEmpty() ? null : allowing(origins);
    }

    /** Names of the servers that an offer's files come from and that are not allowed yet. */
    String hosts(Offer offer) {
        StringBuilder hosts = new StringBuilder();
        for (String origin : foreign(offer)) {
            hosts.append(hosts.length() == 0 ? "" : ", ").append(Origins.host(origin));
        }
        return hosts.toString();
    }

    /** The address that opens an offer's team, or null when it has none. */
    String use(Offer offer) {
        if (offer.team == null) {
            return null;
        }
        StringBuilder query = new StringBuilder();
        add(query, "team", offer.team);
        String own = Origins.of(place.page());
        List<String> urls = new ArrayList<>(offer.folders);
        urls.addAll(offer.libraries);
        List<String> origins = new ArrayList<>();
        for (String url : urls) {
            String origin = Origins.of(url);
            String team = place.resolve(offer.team, place.page());
            if (origin != null && !origin.equals(own) && !origin.equals(Origins.of(team)) && !origins.contains(origin)) {
                origins.add(origin);
                add(query, PARAMETER, origin);
            }
        }
        return place.page() + query;
    }

    /** Why an offer cannot be downloaded now, for people; null when it can. */
    String blocked(Offer offer) {
        if (place.unstorable() != null) {
            return place.unstorable();
        }
        return allow(offer) != null ? ModelsTexts.notAllowed(hosts(offer)) : null;
    }

    private void say(String text) {
        said = text;
        changed.run();
    }

    /** The offer that is downloaded now, or null. */
    Offer running() {
        return offers.stream().filter(Offer::running).findFirst().orElse(null);
    }

    List<Offer> offers() {
        return offers;
    }

    List<Cached> cached() {
        return cached;
    }

    /** Titles of the offers that use a folder. */
    List<String> users(String folder) {
        return users.getOrDefault(folder, List.of());
    }

    ModelStore.Room room() {
        return room;
    }

    /** What models would run on, or null until it has been looked at. */
    Machine machine() {
        return machine;
    }

    /** Why there is no catalogue, or null. */
    String fault() {
        return fault;
    }

    String unstorable() {
        return place.unstorable();
    }

    /** What has just happened, for screen readers. */
    String said() {
        return said;
    }

    String address() {
        return address;
    }

    String addressFault() {
        return addressFault;
    }

    /** The address of this page with the server of the typed address allowed, or null. */
    String addressToAllow() {
        return addressToAllow;
    }

    boolean searching() {
        return searching;
    }
}
