package org.recursivemas.ui.models;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.recursivemas.data.CatalogEntry;
import org.recursivemas.data.CatalogModel;
import org.recursivemas.models.CachedModels;
import org.recursivemas.models.DownloadProgress;
import org.recursivemas.models.Fit;

/** An entry of the catalogue, or the package at an address, and how it stands with it here. */
final class Offer {
    /** How its download stands. */
    enum Stage {
        NONE, RUNNING, CANCELLING, CANCELLED, FAILED, DONE
    }

    final CatalogEntry entry;
    /** Absolute addresses of the folders of its models, each once. */
    final List<String> folders;
    /** Absolute addresses of its libraries, each once. */
    final List<String> libraries;
    /** Absolute address of the manifest, or null. */
    final String manifest;
    /** What opens the team, as in {@code ?team=}; null for the package of a single model. */
    final String team;
    /** SHA-256 by address, once they have been read. */
    Map<String, String> digests;
    CatalogEntry alternative;
    /** What the addresses of the entry are relative to. */
    final String base;
    /** Null until the machine and the caches have been looked at. */
    Fit fit;
    /** Bytes of its folders in the caches, and whether these are complete. */
    long stored;
    boolean complete;
    Stage stage = Stage.NONE;
    DownloadProgress progress = new DownloadProgress(0, 0, 0, "", false);
    /** What a person should know of the download: the last note, or why it failed. */
    String note = "";

    Offer(CatalogEntry entry, ModelPlace place, String base) {
        this.entry = entry;
        this.base = base;
        List<String> models = new ArrayList<>();
        List<String> wasm = new ArrayList<>();
        for (CatalogModel model : entry.models) {
            add(models, place.resolve(model.folder, base));
            add(wasm, place.resolve(model.library, base));
        }
        folders = List.copyOf(models);
        libraries = List.copyOf(wasm);
        manifest = entry.manifest == null ? null : place.resolve(entry.manifest, base);
        team = entry.team;
    }

    private static void add(List<String> list, String address) {
        if (address != null && !list.contains(address)) {
            list.add(address);
        }
    }

    boolean running() {
        return stage == Stage.RUNNING || stage == Stage.CANCELLING;
    }

    void look(List<CachedModels.Cached> cached) {
        stored = 0;
        int whole = 0;
        for (CachedModels.Cached folder : cached) {
            if (folders.contains(folder.folder())) {
                stored += folder.bytes();
                whole += folder.complete() ? 1 : 0;
            }
        }
        complete = whole == folders.size();
    }

    /** Bytes that are not stored yet. */
    long missing() {
        return complete ? 0 : Math.max(0, Fit.downloadBytes(entry) - stored);
    }
}
