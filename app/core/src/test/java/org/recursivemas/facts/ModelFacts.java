package org.recursivemas.facts;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.recursivemas.data.CatalogEntry;
import org.recursivemas.data.CatalogModel;
import org.recursivemas.data.FormatException;
import org.recursivemas.data.ModelCatalog;
import org.recursivemas.engine.EngineException;
import org.recursivemas.links.Sha256;
import org.recursivemas.models.AgentModel;
import org.recursivemas.models.CachedModels;
import org.recursivemas.models.CatalogReader;
import org.recursivemas.models.DownloadProgress;
import org.recursivemas.models.Downloader;
import org.recursivemas.models.Fit;
import org.recursivemas.models.Machine;
import org.recursivemas.models.Md5;
import org.recursivemas.models.ModelFolder;
import org.recursivemas.models.ModelStore;
import org.recursivemas.models.Origins;
import org.recursivemas.models.Sizes;

/** The catalogue, and downloads with everything that goes wrong with them. */
public final class ModelFacts {
    private static final String FOLDER = "https://models.example/m/resolve/1/";
    private static final int BIG = 9_000_000;
    private static final int SMALL = 100_000;
    private static final long ALL = BIG + SMALL;

    private ModelFacts() {
    }

    static void addTo(Map<String, Fact> facts) {
        facts.put("md5IsThatOfTheStandard", ModelFacts::md5IsThatOfTheStandard);
        facts.put("aDownloadFillsTheCachesOfWebLlm", ModelFacts::aDownloadFillsTheCachesOfWebLlm);
        facts.put("whatIsStoredIsNotFetchedAgain", ModelFacts::whatIsStoredIsNotFetchedAgain);
        facts.put("aBrokenConnectionIsContinuedInsideTheFile", ModelFacts::aBrokenConnectionIsContinuedInsideTheFile);
        facts.put("withoutRangesTheFileIsFetchedFromItsBeginning", ModelFacts::withoutRangesTheFileIsFetchedFromItsBeginning);
        facts.put("aCancelledDownloadGoesOnAfterAReload", ModelFacts::aCancelledDownloadGoesOnAfterAReload);
        facts.put("aDamagedFileIsFoundAndFetchedAgain", ModelFacts::aDamagedFileIsFoundAndFetchedAgain);
        facts.put("aFileThatIsDamagedAtTheServerIsNotStored", ModelFacts::aFileThatIsDamagedAtTheServerIsNotStored);
        facts.put("aLostNetworkIsGivenUpWithTheWayOn", ModelFacts::aLostNetworkIsGivenUpWithTheWayOn);
        facts.put("missingFilesAndPagesAreNamed", ModelFacts::missingFilesAndPagesAreNamed);
        facts.put("fullStorageSaysWhatCanBeDeleted", ModelFacts::fullStorageSaysWhatCanBeDeleted);
        facts.put("anotherVersionReplacesTheStoredOne", ModelFacts::anotherVersionReplacesTheStoredOne);
        facts.put("cachedModelsAreListedAndDeletedByFolder", ModelFacts::cachedModelsAreListedAndDeletedByFolder);
        facts.put("everyFaultOfACatalogueIsNamed", ModelFacts::everyFaultOfACatalogueIsNamed);
        facts.put("whatKeepsAModelFromRunningIsSaid", ModelFacts::whatKeepsAModelFromRunningIsSaid);
        facts.put("aConversationTemplateBecomesAChatFormat", ModelFacts::aConversationTemplateBecomesAChatFormat);
        facts.put("onlyChosenOriginsAreAllowed", ModelFacts::onlyChosenOriginsAreAllowed);
        facts.put("sizesAndTimesAreWrittenForPeople", ModelFacts::sizesAndTimesAreWrittenForPeople);
    }

    private static AgentModel agentModel(String system, Map<String, Object> more) {
        Map<String, Object> template = new LinkedHashMap<>(Map.of("system_template", system, "roles", Map.of("user", "<u>",
                "assistant", "<a>"), "role_content_sep", ": ", "role_empty_sep", ":", "seps", List.of("</u>", "</a>")));
        template.putAll(more);
        Map<String, Object> tokenizer = Map.of("added_tokens", List.of(Map.of("id", 7.0, "content", "<bos>")));
        return AgentModel.of(FOLDER, "m.wasm", Map.of("context_window_size", 32768.0, "model_config",
                Map.of("hidden_size", 64.0), "conv_template", template), 0,
                id -> AgentModel.token(tokenizer, "tokenizer.json", id));
    }

    static void aConversationTemplateBecomesAChatFormat() {
        AgentModel plain = agentModel("<s>{system_message}</s>", Map.of());
        Check.equal("<s>{system}</s>", plain.chat().system, "system");
        Check.equal("<u>: {user}</u>", plain.chat().user, "user");
        Check.equal("<a>:", plain.chat().generation, "generation");
        Check.equal(64, plain.hiddenSize(), "width");
        Check.equal(AgentModel.USUAL_CONTEXT, plain.contextWindow(), "context");
        AgentModel inside = agentModel("<u>: {system_message} ", Map.of("add_role_after_system_message", false,
                "system_prefix_token_ids", List.of(7.0), "role_templates", Map.of("user", "[{user_message}]")));
        Check.equal("<bos><u>: {system} ", inside.chat().system, "system in the user's turn");
        Check.equal("[{user}]</u>", inside.chat().user, "the role is there already");
        Check.fails(FormatException.class, () -> agentModel("x", Map.of()), "conv_template.system_template",
                "{system_message}");
        Check.fails(FormatException.class, () -> agentModel("{system_message}",
                Map.of("system_prefix_token_ids", List.of(8.0))), "tokenizer.json", "no token 8");
        Check.fails(FormatException.class, () -> AgentModel.of(FOLDER, "m.wasm", Map.of(), 0, id -> ""), "model_config",
                "is missing");
    }

    private static String md5(byte[] bytes, int step) {
        Md5 digest = new Md5();
        for (int at = 0; at < bytes.length; at += step) {
            digest.update(bytes, at, Math.min(step, bytes.length - at));
        }
        return digest.hex();
    }

    private static byte[] bytes(int count, int seed) {
        byte[] bytes = new byte[count];
        int value = seed;
        for (int i = 0; i < count; i++) {
            value = value * 1_664_525 + 1_013_904_223;
            bytes[i] = (byte) (value >>> 24);
        }
        return bytes;
    }

    static void md5IsThatOfTheStandard() {
        String[][] known = {{"", "d41d8cd98f00b204e9800998ecf8427e"}, {"abc", "900150983cd24fb0d6963f7d28e17f72"},
            {"12345678901234567890123456789012345678901234567890123456789012345678901234567890",
                "57edf4a22be3c955ac49da2e2107b67a"}};
        for (String[] pair : known) {
            byte[] text = pair[0].getBytes(StandardCharsets.UTF_8);
            Check.equal(pair[1], md5(text, Math.max(1, text.length)), "MD5 of \"" + pair[0] + "\"");
            Check.equal(pair[1], md5(text, 7), "MD5 in pieces of \"" + pair[0] + "\"");
        }
    }

    /** A server with a model of two shards, and what was told of its download. */
    private static final class Scene implements Downloader.Listener {
        final SimulatedStore store = new SimulatedStore();
        final List<DownloadProgress> progress = new ArrayList<>();
        final List<String> notes = new ArrayList<>();
        BooleanSupplier cancelled = () -> false;

        Scene() {
            publish(1);
        }

        void publish(int version) {
            byte[] big = bytes(BIG, version);
            byte[] small = bytes(SMALL, version + 1);
            store.server.put(FOLDER + "params_shard_0.bin", big);
            store.server.put(FOLDER + "params_shard_1.bin", small);
            store.serve(FOLDER + "tokenizer.json", "{\"tokens\": " + version + "}", Map.of());
            store.serve(FOLDER + ModelFolder.CONFIG, "{\"config\": " + version + "}",
                    Map.of("tokenizer_files", List.of("tokenizer.json", "vocab.json")));
            store.serve(FOLDER + ModelFolder.INDEX, "{\"index\": " + version + "}", Map.of("records", List.of(
                    Map.of("dataPath", "params_shard_0.bin", "nbytes", (double) BIG, "md5sum", md5(big, BIG)),
                    Map.of("dataPath", "params_shard_1.bin", "nbytes", (double) SMALL, "md5sum", md5(small, SMALL)))));
        }

        boolean download() {
            return download(Map.of());
        }

        boolean download(Map<String, String> digests) {
            progress.clear();
            notes.clear();
            store.asked.clear();
            return new Downloader(store, digests, this, cancelled).download(List.of(FOLDER));
        }

        boolean has(String file, byte[] content) {
            return Arrays.equals(content, store.cache(ModelStore.MODEL).get(FOLDER + file));
        }

        void requireComplete() {
            Check.that(has("params_shard_0.bin", store.server.get(FOLDER + "params_shard_0.bin")), "first shard");
            Check.that(has("params_shard_1.bin", store.server.get(FOLDER + "params_shard_1.bin")), "second shard");
            Check.that(has("tokenizer.json", store.server.get(FOLDER + "tokenizer.json")), "tokenizer");
            Check.that(has(ModelFolder.INDEX, store.server.get(FOLDER + ModelFolder.INDEX)), "index");
            Check.equal(1, store.cache(ModelStore.CONFIG).size(), "configurations");
            Check.equal(0, store.cache(ModelStore.PARTS).size(), "pieces that are left");
            DownloadProgress last = progress.get(progress.size() - 1);
            Check.equal(ALL, last.done(), "bytes done");
            Check.equal(ALL, last.total(), "bytes in all");
            for (DownloadProgress one : progress) {
                Check.that(one.done() <= one.total(), "never more than all: " + one);
            }
        }

        @Override
        public void onProgress(DownloadProgress one) {
            progress.add(one);
        }

        @Override
        public void onNote(String text) {
            notes.add(text);
        }
    }

    static void aDownloadFillsTheCachesOfWebLlm() {
        Scene scene = new Scene();
        Check.that(scene.download(), "the download ends");
        scene.requireComplete();
        Check.that(scene.store.persisted, "lasting storage is asked for");
        Check.that(scene.progress.stream().anyMatch(one -> one.perSecond() > 0 && one.secondsLeft() > 0), "rate and time left");
        Check.equal(List.of(), scene.notes, "notes");
    }

    static void whatIsStoredIsNotFetchedAgain() {
        Scene scene = new Scene();
        scene.download();
        scene.download();
        Check.equal(List.of(ModelFolder.CONFIG + "@0", ModelFolder.INDEX + "@0"), scene.store.asked, "asked of the server");
        scene.requireComplete();
    }

    static void aBrokenConnectionIsContinuedInsideTheFile() {
        Scene scene = new Scene();
        scene.store.breaks.addAll(List.of(Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE, 5_000_000, 0, 1_000_000));
        Check.that(scene.download(), "the download ends");
        scene.requireComplete();
        Check.equal(List.of("params_shard_0.bin@0", "params_shard_0.bin@5000000", "params_shard_0.bin@5000000",
                "params_shard_0.bin@6000000", "params_shard_1.bin@0"), scene.store.asked.subList(3, 8), "asked of the server");
        Check.equal(3, scene.notes.size(), "notes: " + scene.notes);
        Check.that(scene.notes.get(1).contains("Trying again in 2 s"), scene.notes.get(1));
    }

    static void withoutRangesTheFileIsFetchedFromItsBeginning() {
        Scene scene = new Scene();
        scene.store.ranges = false;
        scene.store.breaks.addAll(List.of(Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE, 5_000_000));
        Check.that(scene.download(), "the download ends");
        scene.requireComplete();
    }

    static void aCancelledDownloadGoesOnAfterAReload() {
        Scene scene = new Scene();
        scene.cancelled = () -> !scene.progress.isEmpty()
                && scene.progress.get(scene.progress.size() - 1).done() > 6_000_000;
        Check.that(!scene.download(), "it was cancelled");
        Check.that(!scene.has("params_shard_0.bin", scene.store.server.get(FOLDER + "params_shard_0.bin")), "not whole");
        Check.equal(2, scene.store.cache(ModelStore.PARTS).size(), "pieces");
        CachedModels.Cached cached = CachedModels.list(scene.store).get(0);
        Check.that(!cached.complete() && cached.bytes() > 6_000_000 && cached.wanted() == 5, "unfinished: " + cached);
        scene.cancelled = () -> false;
        Check.that(scene.download(), "the download ends");
        scene.requireComplete();
        String again = scene.store.asked.get(2);
        Check.that(again.startsWith("params_shard_0.bin@6"), "asked from where it was: " + again);
    }

    static void aDamagedFileIsFoundAndFetchedAgain() {
        Scene scene = new Scene();
        scene.download();
        scene.store.cache(ModelStore.MODEL).get(FOLDER + "params_shard_0.bin")[4_321_000] ^= 1;
        scene.store.cache(ModelStore.MODEL).put(FOLDER + "params_shard_1.bin", new byte[10]);
        scene.download();
        scene.requireComplete();
        Check.equal(List.of("params_shard_0.bin in the cache is damaged; it is fetched again.",
                "params_shard_1.bin in the cache is damaged; it is fetched again."), scene.notes, "notes");
        Check.that(scene.progress.stream().anyMatch(DownloadProgress::checking), "checking is told");
        scene.store.cache(ModelStore.MODEL).get(FOLDER + "tokenizer.json")[3] ^= 1;
        byte[] tokenizer = scene.store.server.get(FOLDER + "tokenizer.json");
        scene.download(Map.of(FOLDER + "tokenizer.json", new Sha256().update(tokenizer, 0, tokenizer.length).hex()));
        scene.requireComplete();
        Check.equal(1, scene.notes.size(), "notes: " + scene.notes);
    }

    static void aFileThatIsDamagedAtTheServerIsNotStored() {
        Scene scene = new Scene();
        scene.store.server.get(FOLDER + "params_shard_1.bin")[99] ^= 4;
        Check.fails(EngineException.class, scene::download, "params_shard_1.bin", "checksum", "publish");
        Check.that(scene.store.find(ModelStore.MODEL, FOLDER + "params_shard_1.bin") == null, "it is not stored");
        Check.that(scene.store.find(ModelStore.MODEL, FOLDER + "params_shard_0.bin") != null, "the other one stays");
        Check.equal(2L, scene.store.asked.stream().filter("params_shard_1.bin@0"::equals).count(), "attempts");
    }

    static void aLostNetworkIsGivenUpWithTheWayOn() {
        Scene scene = new Scene();
        scene.store.breaks.addAll(List.of(Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE, 3_000_000, 0, 0, 0, 0, 0));
        EngineException failure = Check.fails(EngineException.class, scene::download, "params_shard_0.bin",
                "what is there stays");
        Check.equal(EngineException.NETWORK, failure.code(), "code");
        Check.equal(1000 + 2000 + 4000 + 8000, scene.store.pauses.stream().mapToInt(millis -> millis).sum(), "waited");
        scene.store.breaks.clear();
        Check.that(scene.download(), "the download ends");
        Check.equal("params_shard_0.bin@3000000", scene.store.asked.get(2), "goes on inside the file");
        scene.requireComplete();
    }

    static void missingFilesAndPagesAreNamed() {
        Scene scene = new Scene();
        scene.store.server.remove(FOLDER + "params_shard_1.bin");
        Check.fails(EngineException.class, scene::download, FOLDER + "params_shard_1.bin", "404");
        Scene page = new Scene();
        page.store.type = "text/html";
        Check.fails(EngineException.class, page::download, ModelFolder.CONFIG, "is a page");
        Scene gated = new Scene();
        gated.store.statuses.add(401);
        Check.fails(EngineException.class, gated::download, "401", "licence");
        Scene busy = new Scene();
        busy.store.statuses.addAll(List.of(503, 429));
        Check.that(busy.download(), "a busy server is asked again");
        busy.requireComplete();
        Scene escaping = new Scene();
        escaping.store.serve(FOLDER + ModelFolder.INDEX, "{\"escaping\": 1}", Map.of("records", List.of(
                Map.of("dataPath", "../../secret.bin", "nbytes", 4.0))));
        Check.fails(FormatException.class, escaping::download, "records[0].dataPath", "../../secret.bin");
    }

    static void fullStorageSaysWhatCanBeDeleted() {
        Scene scene = new Scene();
        String other = "https://models.example/other/";
        scene.store.cache(ModelStore.MODEL).put(other + "params_shard_0.bin", new byte[5_000_000]);
        scene.store.quota = 10_000_000;
        EngineException failure = Check.fails(EngineException.class, scene::download, "5.00 MB more", "9.10 MB", other,
                "5.00 MB");
        Check.equal(EngineException.STORAGE, failure.code(), "code");
        Check.equal(2, scene.store.asked.size(), "nothing large was asked for");
        CachedModels.delete(scene.store, other);
        scene.store.quota = 30_000_000;
        Check.that(scene.download(), "with room the download ends");
    }

    static void anotherVersionReplacesTheStoredOne() {
        Scene scene = new Scene();
        scene.download();
        scene.publish(7);
        scene.download();
        scene.requireComplete();
        Check.that(scene.notes.get(0).contains("another version"), scene.notes.toString());
    }

    static void cachedModelsAreListedAndDeletedByFolder() {
        Scene scene = new Scene();
        scene.download();
        String inner = FOLDER + "inner/";
        scene.store.cache(ModelStore.MODEL).put(inner + "a.bin", new byte[7]);
        String team = "https://z.example/team/";
        scene.store.cache(ModelStore.KEPT).put(team + "team.json", new byte[3]);
        List<CachedModels.Cached> list = CachedModels.list(scene.store);
        Check.equal(List.of(FOLDER, inner, team), list.stream().map(CachedModels.Cached::folder).toList(), "folders");
        Check.that(list.get(0).complete() && list.get(0).files() == 5 && list.get(0).bytes() > ALL, "whole: " + list.get(0));
        Check.that(!list.get(1).complete() && list.get(1).wanted() == -1, "unknown: " + list.get(1));
        Check.that(!list.get(2).model() && list.get(2).complete(), "a team's own files: " + list.get(2));
        Check.equal(scene.store.used(), CachedModels.total(list), "total");
        scene.store.cache(ModelStore.CHECKED).put(FOLDER + "params_shard_0.bin", new byte[9]);
        CachedModels.delete(scene.store, FOLDER);
        Check.equal(10L, scene.store.used(), "only the other folders are left");
        Map<String, List<String>> teams = new LinkedHashMap<>();
        teams.put("A", List.of("f/", "g/", "f/"));
        teams.put("B", List.of("f/"));
        Check.equal(Map.of("f/", List.of("A", "B"), "g/", List.of("A")), CachedModels.users(teams), "who uses what");
    }

    private static Map<String, Object> model() {
        Map<String, Object> model = new LinkedHashMap<>(Map.of("folder", "https://h.example/m/", "library", "m.wasm",
                "quantization", "q4f16_1", "f16", true, "parameters", 5e8, "hidden_size", 896.0, "context_window", 4096.0,
                "download_bytes", 2.8e8, "download_counted", false));
        model.putAll(Map.of("library_bytes", 4e5, "weight_bytes", 2.78e8, "cache_bytes", 5e7, "scratch_bytes", 6e7,
                "largest_buffer_bytes", 6.8e7));
        return model;
    }

    private static Map<String, Object> entry(String id, Map<String, Object> model) {
        return new LinkedHashMap<>(Map.of("id", id, "title", "Model " + id, "description", "", "team", "t/team.json", "latent",
                false, "licence", "Apache-2.0", "models", List.of(model)));
    }

    private static void catalogFault(String field, Object value, boolean inModel, String... parts) {
        Map<String, Object> model = model();
        Map<String, Object> entry = entry("a", model);
        (inModel ? model : entry).put(field, value);
        Check.fails(FormatException.class, () -> CatalogReader.read(Map.of("format", ModelCatalog.FORMAT, "version", 1.0,
                "entries", List.of(entry)), "catalog.json"), parts);
    }

    static void everyFaultOfACatalogueIsNamed() {
        Map<String, Object> good = Map.of("format", ModelCatalog.FORMAT, "version", 1.0, "entries", List.of(entry("a", model())));
        ModelCatalog read = CatalogReader.read(good, "catalog.json");
        CatalogModel model = read.entries.get(0).models.get(0);
        Check.equal(278_000_000L + 50_000_000L + 60_000_000L, model.gpuBytes(), "GPU memory");
        Check.equal(280_000_000L, Fit.downloadBytes(read.entries.get(0)), "download");
        Check.fails(FormatException.class, () -> CatalogReader.read(Map.of("format", "x"), "catalog.json"), "format");
        Check.fails(FormatException.class, () -> CatalogReader.read(Map.of("format", ModelCatalog.FORMAT, "version", 2.0),
                "catalog.json"), "version: is 2");
        catalogFault("id", "a b", false, "entries[0].id");
        catalogFault("title", " ", false, "entries[0].title");
        catalogFault("licence_url", "javascript:alert(1)", false, "entries[0].licence_url");
        catalogFault("alternative", "nobody", false, "\"nobody\"");
        catalogFault("models", List.of(), false, "entries[0].models: is empty");
        catalogFault("folder", "https://h.example/m", true, "entries[0].models[0].folder", "slash");
        catalogFault("quantization", "q3", true, "entries[0].models[0].quantization");
        catalogFault("weight_bytes", -1.0, true, "entries[0].models[0].weight_bytes");
        catalogFault("weight_bytes", 1.5, true, "entries[0].models[0].weight_bytes");
        catalogFault("f16", "yes", true, "entries[0].models[0].f16");
        Check.fails(FormatException.class, () -> CatalogReader.read(Map.of("format", ModelCatalog.FORMAT, "version", 1.0,
                "entries", List.of(entry("a", model()), entry("a", model()))), "catalog.json"), "\"a\" occurs twice");
    }

    static void whatKeepsAModelFromRunningIsSaid() {
        CatalogEntry entry = CatalogReader.read(Map.of("format", ModelCatalog.FORMAT, "version", 1.0, "entries",
                List.of(entry("a", model()))), "catalog.json").entries.get(0);
        CatalogEntry other = new CatalogEntry();
        other.title = "The other";
        ModelStore.Room room = new ModelStore.Room(0, 1_000_000_000);
        Machine good = new Machine(true, true, 1 << 30, 0, "");
        Check.equal(List.of(), Fit.of(entry, other, good, 280_000_000, room).obstacles(), "nothing in the way");
        Check.that(Fit.of(entry, other, new Machine(true, false, 0, 0, ""), 0, room).obstacles().get(0)
                .contains("Choose The other instead"), "f16");
        Check.that(Fit.of(entry, null, new Machine(false, false, 0, 0, ""), 0, room).obstacles().get(0).contains("WebGPU"), "GPU");
        Check.that(Fit.of(entry, null, new Machine(true, true, 1 << 20, 0, ""), 0, room).obstacles().get(0).contains("68.0 MB"),
                "buffer");
        Check.that(Fit.of(entry, null, good, 280_000_000, new ModelStore.Room(900_000_000, 1_000_000_000)).obstacles().get(0)
                .contains("100 MB more"), "storage");
        Check.equal(0, Fit.of(entry, null, good, 280_000_000, new ModelStore.Room(0, -1)).obstacles().size(), "unknown quota");
        Check.equal(1, Fit.of(entry, null, new Machine(true, true, 0, 500_000_000, ""), 0, room).warnings().size(), "memory");
        Check.equal(0, Fit.of(entry, null, new Machine(true, true, 0, 8_000_000_000L, ""), 0, room).warnings().size(), "8 GB");
    }

    static void onlyChosenOriginsAreAllowed() {
        String own = "https://me.example:8443";
        Check.that(Origins.allowed(own + "/a/b", own, List.of()), "own");
        Check.that(!Origins.allowed("https://me.example/a", own, List.of()), "another port");
        Check.that(!Origins.allowed("https://h.example/a", own, List.of()), "not chosen");
        Check.that(Origins.allowed("https://h.example/a", own, List.of("x", "https://h.example/z?q")), "chosen");
        Check.that(!Origins.allowed("https://h.example.evil/a", own, List.of("https://h.example/")), "a longer name");
        Check.that(!Origins.allowed("data:text/plain,x", own, List.of()), "no server");
        Check.equal("h.example:1", Origins.host("http://h.example:1/x"), "host");
        Check.equal("https://huggingface.co/u/m/resolve/main/", ModelFolder.address("https://huggingface.co/u/m"), "hub");
        Check.equal("https://h.example/u/m/", ModelFolder.address("https://h.example/u/m"), "folder");
    }

    static void sizesAndTimesAreWrittenForPeople() {
        String[] sizes = {"0 B", "999 B", "1.00 kB", "7.74 MB", "27.8 MB", "278 MB", "1.00 GB", "12.3 GB"};
        double[] bytes = {0, 999, 1000, 7_744_000, 27_799_628, 277_996_288, 999_700_000, 12_345_678_901.0};
        for (int i = 0; i < sizes.length; i++) {
            Check.equal(sizes[i], Sizes.of(bytes[i]), "size");
        }
        Check.equal("8 s", Sizes.time(7.2), "seconds");
        Check.equal("3 min 20 s", Sizes.time(200), "minutes");
        Check.equal("2 h 5 min", Sizes.time(7500), "hours");
    }
}
