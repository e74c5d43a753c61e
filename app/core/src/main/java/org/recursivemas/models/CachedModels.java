package org.recursivemas.models;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.recursivemas.data.FormatException;

/** What is in the caches, by folder. */
public final class CachedModels {
    private static final String[] SCOPES = {ModelStore.CONFIG, ModelStore.MODEL, ModelStore.LIBRARY, ModelStore.PARTS,
        ModelStore.KEPT};
    /** What goes with a folder without being counted. */
    private static final String[] NOTES = {ModelStore.CHECKED};

    /**
     * What is stored of a folder.
     *
     * @param folder its address
     * @param bytes all that is stored of it, unfinished files included
     * @param files finished files of the model
     * @param wanted files that the model has; -1 while its list is not there; 0 where there is no model, only what a team
     *     has beside its models
     */
    public record Cached(String folder, long bytes, int files, int wanted) {
        /** Whether there is a model, or some of it. */
        public boolean model() {
            return wanted != 0;
        }

        public boolean complete() {
            return wanted >= 0 && files >= wanted;
        }
    }

    private CachedModels() {
    }

    /** All folders of which something is stored, in the order of their addresses. */
    public static List<Cached> list(ModelStore store) {
        Map<String, long[]> sums = new TreeMap<>();
        for (String scope : SCOPES) {
            for (ModelStore.Stored file : store.list(scope)) {
                long[] sum = sums.computeIfAbsent(folder(file.url()), any -> new long[3]);
                sum[0] += file.bytes();
                sum[scope.equals(ModelStore.PARTS) ? 2 : 1] += scope.equals(ModelStore.KEPT) ? 0 : 1;
            }
        }
        List<Cached> list = new ArrayList<>();
        sums.forEach((folder, sum) -> {
            boolean besideModels = sum[1] == 0 && sum[2] == 0;   // a team's own files: kept whole or not at all
            list.add(besideModels ? new Cached(folder, sum[0], 0, 0)
                    : new Cached(folder, sum[0], (int) sum[1], wanted(store, folder)));
        });
        return list;
    }

    /** Bytes of all of them. */
    public static long total(List<Cached> list) {
        long total = 0;
        for (Cached cached : list) {
            total += cached.bytes();
        }
        return total;
    }

    /** Forgets everything of a folder; the caches of other folders stay, also of those inside it. */
    public static void delete(ModelStore store, String folder) {
        List<String> all = new ArrayList<>(List.of(SCOPES));
        all.addAll(List.of(NOTES));
        for (String scope : all) {
            for (ModelStore.Stored file : store.list(scope)) {
                if (folder(file.url()).equals(folder)) {
                    store.delete(scope, file.url());
                }
            }
        }
    }

    /** How many of the files that a model consists of; -1 when its index is not there or cannot be read. */
    private static int wanted(ModelStore store, String folder) {
        ModelStore.Content content = store.open(ModelStore.MODEL, folder + ModelFolder.INDEX);
        if (content == null) {
            return -1;
        }
        try {
            Object index = store.parse(Bytes.text(Bytes.all(content)));
            return ModelFolder.shards(folder, index, Map.of()).size() + 3;   // index, configuration, tokenizer
        } catch (FormatException | IllegalArgumentException e) {
            return -1;   // a damaged index: what it listed is not known, so the model counts as unfinished
        }
    }

    private static String folder(String url) {
        String file = Parts.owner(url);
        return file.substring(0, file.lastIndexOf('/') + 1);
    }

    /** Catalogue entries by what of them is stored: titles of the teams that use each folder. */
    public static Map<String, List<String>> users(Map<String, List<String>> foldersByTitle) {
        Map<String, List<String>> users = new LinkedHashMap<>();
        foldersByTitle.forEach((title, folders) -> {
            for (String folder : folders) {
                List<String> titles = users.computeIfAbsent(folder, any -> new ArrayList<>());
                if (!titles.contains(title)) {
                    titles.add(title);
                }
            }
        });
        return users;
    }
}
