package org.recursivemas.pipeline.release;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.recursivemas.data.CorpusFile;
import org.recursivemas.data.FormatException;
import org.recursivemas.data.LinkEntry;
import org.recursivemas.data.LinkFile;
import org.recursivemas.data.Team;
import org.recursivemas.engine.EngineException;
import org.recursivemas.json.FileChecks;
import org.recursivemas.links.LinkStore;
import org.recursivemas.links.LinkWeights;
import org.recursivemas.pipeline.InputException;
import org.recursivemas.pipeline.Progress;
import org.recursivemas.pipeline.hub.HubFetch;
import org.recursivemas.pipeline.release.PackageManifest.Entry;
import org.recursivemas.pipeline.release.PackageManifest.Model;
import org.recursivemas.team.Edge;
import org.recursivemas.team.TeamPlan;

/**
 * Checks a package as a page would meet it: every file there with its size and hash, libraries whole and with the functions
 * that a team needs, weights that match their library's parameters, links that match the agents' widths and weights. All
 * that is wrong is listed, not only the first.
 */
public final class PackageVerifier {
    /** Content of files up to this size is kept for a closer look; tensors are not needed. */
    private static final long KEPT = 512L << 20;
    private static final long LARGEST_MANIFEST = 64L << 20;
    /** Parameters of a library that are listed one by one. */
    private static final int SHOWN = 3;
    private static final ObjectMapper JSON = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

    /**
     * Something that is wrong.
     *
     * @param place file or address, and field
     * @param what what is wrong there
     */
    public record Finding(String place, String what) {
    }

    /**
     * What came of it.
     *
     * @param manifest what the package says about itself
     * @param bytes read and hashed
     * @param findings what is wrong; empty for a sound package
     */
    public record Result(PackageManifest manifest, long bytes, List<Finding> findings) {
    }

    private final PackageFiles files;
    private final Progress progress;
    private final PackageManifest manifest;
    private final List<Finding> findings = new ArrayList<>();
    private final Map<String, byte[]> contents = new HashMap<>();
    private final Map<String, Entry> sound = new HashMap<>();
    private long done;

    private PackageVerifier(PackageFiles files, PackageManifest manifest, Progress progress) {
        this.files = files;
        this.manifest = manifest;
        this.progress = progress;
    }

    /**
     * Checks a package.
     *
     * @param progress hears of bytes
     * @throws InputException when there is no readable manifest; everything else is a finding
     */
    public static Result verify(PackageFiles files, Progress progress) {
        PackageVerifier verifier = new PackageVerifier(files, manifest(files), progress);
        try {
            verifier.checkFiles();
        } catch (IOException e) {
            throw new InputException(files.place(), "it cannot be read (" + e.getMessage() + ")",
                    "Check the folder or the network, and run again", e);
        }
        Map<String, Integer> widths = new LinkedHashMap<>();
        for (Model model : verifier.manifest.models()) {
            verifier.checkModel(model, widths);
        }
        if (PackageManifest.TEAM.equals(verifier.manifest.kind())) {
            verifier.teams().forEach(path -> verifier.checkTeam(path, widths));
        }
        return new Result(verifier.manifest, verifier.done, List.copyOf(verifier.findings));
    }

    /** The manifest of a package. */
    public static PackageManifest manifest(PackageFiles files) {
        String where = files.place(PackageManifest.FILE);
        String remedy = "Name a folder or address of a package (verbs package, build)";
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        try {
            String missing = files.read(PackageManifest.FILE, in -> {
                text.reset();
                text.write(in.readNBytes((int) LARGEST_MANIFEST));
            });
            if (missing != null) {
                throw new InputException(where, missing, remedy, null);
            }
            return JSON.readValue(text.toByteArray(), PackageManifest.class).checked(where);
        } catch (JsonProcessingException e) {
            throw new InputException(where, "it is not valid (" + e.getOriginalMessage() + ")", remedy, e);
        } catch (IOException e) {
            throw new InputException(where, "it cannot be read (" + e.getMessage() + ")", remedy, e);
        }
    }

    private void find(String path, String field, String what) {
        Finding finding = new Finding(files.place(path) + (field == null ? "" : ", " + field), what);
        if (!findings.contains(finding)) {   // teams of one package share models and links
            findings.add(finding);
        }
    }

    private void checkFiles() throws IOException {
        long total = manifest.bytes();
        for (Entry entry : manifest.files()) {
            MessageDigest digest = sha256();
            ByteArrayOutputStream kept = keeps(entry) ? new ByteArrayOutputStream() : null;
            long[] count = {0};
            String missing = files.read(entry.path(), in -> {
                digest.reset();
                count[0] = 0;
                if (kept != null) {
                    kept.reset();
                }
                copy(in, entry, digest, kept, count, total);
            });
            done += Math.min(count[0], entry.bytes());
            if (missing != null) {
                find(entry.path(), null, missing);
            } else if (count[0] != entry.bytes()) {
                find(entry.path(), null, "it has " + (count[0] > entry.bytes() ? "more than " : count[0] + " instead of ")
                        + entry.bytes() + " bytes");
            } else if (!HexFormat.of().formatHex(digest.digest()).equals(entry.sha256())) {
                find(entry.path(), null, "its SHA-256 is not the manifest's " + entry.sha256()
                        + ": it was damaged or changed");
            } else {
                sound.put(entry.path(), entry);
                if (kept != null) {
                    contents.put(entry.path(), kept.toByteArray());
                }
            }
        }
        TreeSet<String> strangers = new TreeSet<>(files.list());
        strangers.remove(PackageManifest.FILE);
        strangers.remove(HubFetch.RECORD);   // where a fetched package came from
        manifest.files().forEach(entry -> strangers.remove(entry.path()));
        strangers.forEach(path -> find(path, null, "the manifest does not list it"));
    }

    private void copy(InputStream in, Entry entry, MessageDigest digest, ByteArrayOutputStream kept, long[] count,
            long total) throws IOException {
        byte[] block = new byte[1 << 16];
        for (int got = in.read(block); got >= 0 && count[0] <= entry.bytes(); got = in.read(block)) {
            digest.update(block, 0, got);
            count[0] += got;
            if (kept != null && count[0] <= entry.bytes()) {
                kept.write(block, 0, got);
            }
            progress.bytes("verifying", Math.min(total, done + Math.min(count[0], entry.bytes())), total);
        }
    }

    private static boolean keeps(Entry entry) {
        return entry.bytes() <= KEPT && (entry.path().endsWith(".json") || entry.path().endsWith(".wasm")
                || entry.path().endsWith(".safetensors"));   // values of links
    }

    /** The content of a sound file that a role needs; null, with a finding unless there is one already, otherwise. */
    private byte[] content(String path, String role) {
        byte[] content = contents.get(path);
        if (content == null && manifest.files().stream().noneMatch(entry -> entry.path().equals(path))) {
            find(PackageManifest.FILE, "files", "does not list " + path + ", " + role);
        }
        return content;
    }

    private JsonNode json(String path, String role) {
        byte[] content = content(path, role);
        if (content == null) {
            return null;
        }
        try {
            return JSON.readTree(content);
        } catch (IOException e) {
            find(path, null, "it is not JSON");
            return null;
        }
    }

    private void checkModel(Model model, Map<String, Integer> widths) {
        JsonNode config = json(model.model() + "mlc-chat-config.json", "the configuration of model " + model.id());
        JsonNode index = json(model.model() + "tensor-cache.json", "the tensor index of model " + model.id());
        content(model.model() + "tokenizer.json", "the tokenizer of model " + model.id());
        if (config != null) {
            int width = config.path("model_config").path("hidden_size").asInt();
            model.agents().forEach(agent -> widths.put(agent, width));
            if (width != model.hiddenSize()) {
                find(PackageManifest.FILE, "models, " + model.id() + ", hidden_size", "is " + model.hiddenSize()
                        + ", the model's configuration says " + width);
            }
        }
        byte[] bytes = content(model.library(), "the library of model " + model.id());
        JsonNode metadata = null;
        if (bytes != null) {
            try {
                metadata = LibraryInspection.of(bytes).metadata();
            } catch (IOException e) {
                find(model.library(), null, e.getMessage());
            }
        }
        Map<String, JsonNode> tensors = index == null ? null : checkShards(model, index);
        if (metadata != null && tensors != null) {
            checkParams(model, metadata, tensors);
        }
        if (metadata != null && config != null) {
            for (String field : List.of("quantization", "context_window_size", "prefill_chunk_size")) {
                if (!metadata.path(field).equals(config.path(field))) {
                    find(model.library(), field, "is " + metadata.path(field).asText() + ", "
                            + model.model() + "mlc-chat-config.json says " + config.path(field).asText());
                }
            }
        }
    }

    /** Shards of the package hold every tensor that the index lists; returns the tensors by name. */
    private Map<String, JsonNode> checkShards(Model model, JsonNode index) {
        String file = model.model() + "tensor-cache.json";
        Map<String, JsonNode> tensors = new LinkedHashMap<>();
        for (JsonNode shard : index.path("records")) {
            String path = model.model() + shard.path("dataPath").asText();
            Entry entry = manifest.files().stream().filter(e -> e.path().equals(path)).findFirst().orElse(null);
            if (entry == null) {
                find(file, "records", "names the shard " + path + ", which the manifest does not list");
                continue;
            }
            if (entry.bytes() != shard.path("nbytes").asLong(-1)) {
                find(file, "records, " + path, "says " + shard.path("nbytes").asText() + " bytes, the manifest "
                        + entry.bytes());
            }
            for (JsonNode tensor : shard.path("records")) {
                long end = tensor.path("byteOffset").asLong(-1) + tensor.path("nbytes").asLong(-1);
                if (tensor.path("byteOffset").asLong(-1) < 0 || tensor.path("nbytes").asLong(-1) < 0
                        || end > entry.bytes()) {
                    find(file, "tensor " + tensor.path("name").asText(), "does not lie inside its shard");
                }
                tensors.put(tensor.path("name").asText(), tensor);
            }
        }
        if (tensors.isEmpty()) {
            find(file, "records", "lists no tensors");
        }
        return tensors;
    }

    private void checkParams(Model model, JsonNode metadata, Map<String, JsonNode> tensors) {
        int wrong = 0;
        for (JsonNode param : metadata.path("params")) {
            String what = misfit(param, tensors.get(param.path("name").asText()), model);
            if (what != null && wrong++ < SHOWN) {
                find(model.library(), "parameter " + param.path("name").asText(), what);
            }
        }
        if (wrong > SHOWN) {
            find(model.library(), null, (wrong - SHOWN) + " more parameters do not fit the weights in " + model.model());
        }
    }

    /** What is wrong with a tensor, or null. */
    private static String misfit(JsonNode param, JsonNode tensor, Model model) {
        if (tensor == null) {
            return "the weights in " + model.model() + " lack it";
        }
        for (String part : List.of("shape", "dtype")) {
            if (!param.path(part).equals(tensor.path(part))) {
                return "its " + part + " is " + param.path(part) + ", the weights in " + model.model() + " have "
                        + tensor.path(part);
            }
        }
        return null;
    }

    /** The package's team file, then further ones beside it, which share its models and links. */
    private List<String> teams() {
        List<String> paths = new ArrayList<>(List.of(manifest.team()));
        for (Entry entry : manifest.files()) {
            String path = entry.path();
            if (path.endsWith(".json") && path.indexOf('/') < 0 && !path.equals(manifest.team()) && contents.containsKey(path)) {
                try {
                    if (Team.FORMAT.equals(JSON.readTree(contents.get(path)).path("format").asText())) {
                        paths.add(path);
                    }
                } catch (IOException e) {
                    find(path, null, "it is not JSON (" + e.getMessage() + ")");
                }
            }
        }
        return paths;
    }

    private void checkTeam(String path, Map<String, Integer> widths) {
        byte[] text = content(path, "the team file");
        byte[] linkText = content(manifest.links(), "the link file");
        if (text == null) {
            return;
        }
        Team team;
        TeamPlan plan;
        try {
            team = FileChecks.team(JSON.readValue(text, Team.class), files.place(path));
            plan = TeamPlan.of(team, files.place(path));
        } catch (IOException | FormatException | EngineException e) {
            find(path, null, "it is not a sound team file: " + e.getMessage());
            return;
        }
        if (!manifest.links().equals(team.links)) {
            find(path, "links", "is " + team.links + ", the manifest says " + manifest.links());
        }
        team.agents.forEach(agent -> {
            Model model = manifest.models().stream().filter(m -> m.agents().contains(agent.id)).findFirst().orElse(null);
            if (model == null) {
                find(PackageManifest.FILE, "models", "none is for agent " + agent.id);
                return;
            }
            if (!model.model().equals(agent.model) || !model.library().equals(agent.library)) {
                find(path, "agent " + agent.id, "names " + agent.model + " and " + agent.library
                        + ", the manifest " + model.model() + " and " + model.library());
            }
            if (widths.getOrDefault(agent.id, agent.hiddenSize) != agent.hiddenSize) {
                find(path, "agent " + agent.id + ", hidden_size", "is " + agent.hiddenSize
                        + ", its model has " + widths.get(agent.id));
            }
        });
        plan.tools().stream().filter(tool -> tool.corpus != null).forEach(tool -> checkCorpus(tool.corpus));
        if (linkText != null) {
            checkLinks(team, plan, linkText);
        }
    }

    private void checkCorpus(String path) {
        byte[] text = content(path, "the corpus of a search tool");
        try {
            if (text != null) {
                FileChecks.corpus(JSON.readValue(text, CorpusFile.class), files.place(path));
            }
        } catch (IOException | FormatException e) {
            find(path, null, "it is not a sound corpus: " + e.getMessage());
        }
    }

    private void checkLinks(Team team, TeamPlan plan, byte[] text) {
        String path = manifest.links();
        LinkFile links;
        try {
            links = FileChecks.links(JSON.readValue(text, LinkFile.class), files.place(path));
            if (links.weightsFile != null) {
                byte[] weights = content(links.weightsFile, "the values of the links");
                if (weights == null) {
                    return;
                }
                LinkStore.attach(links, weights, files.place(links.weightsFile));
            }
            links.links.forEach(LinkWeights::decode);
        } catch (IOException | FormatException | EngineException e) {
            find(path, null, "it is not a sound link file: " + e.getMessage());
            return;
        }
        if (!links.isFor(team.id)) {
            find(path, "team", "is " + links.team + ", not " + team.id);
        }
        for (Model model : manifest.models()) {
            for (String agent : model.agents()) {
                String made = links.agents.get(agent);
                if (made != null && model.source().sha256() != null && !made.equals(model.source().sha256())) {
                    find(path, "agents." + agent, "the links were made for weights " + made
                            + ", but those of model " + model.id() + " are " + model.source().sha256());
                }
            }
        }
        Map<String, Integer> widths = new HashMap<>();
        team.agents.forEach(agent -> widths.put(agent.id, agent.hiddenSize));
        for (Edge edge : plan.edges()) {
            checkLink(links, "inner", edge.from(), edge.from(), widths);
            checkLink(links, "outer", edge.from(), edge.to(), widths);
        }
    }

    private void checkLink(LinkFile links, String kind, String from, String to, Map<String, Integer> widths) {
        List<LinkEntry> found = links.links.stream()
                .filter(link -> kind.equals(link.kind) && from.equals(link.from) && to.equals(link.to)).toList();
        String what = kind + " link from " + from + " to " + to;
        if (found.size() != 1) {
            find(manifest.links(), "links", "holds " + found.size() + " of the " + what + " instead of 1");
        } else if (found.get(0).inWidth != widths.get(from) || found.get(0).outWidth != widths.get(to)) {
            find(manifest.links(), what, "maps width " + found.get(0).inWidth + " to " + found.get(0).outWidth
                    + ", the agents have " + widths.get(from) + " and " + widths.get(to));
        }
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** Text of findings, one a line. */
    public static String text(List<Finding> findings) {
        StringBuilder lines = new StringBuilder();
        findings.forEach(finding -> lines.append(finding.place()).append(": ").append(finding.what()).append('\n'));
        return lines.toString();
    }
}
