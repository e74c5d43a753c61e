package org.recursivemas.pipeline.release;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.recursivemas.data.LinkFile;
import org.recursivemas.data.Team;
import org.recursivemas.data.ToolSpec;
import org.recursivemas.pipeline.Fingerprint;
import org.recursivemas.pipeline.InputException;
import org.recursivemas.pipeline.Progress;
import org.recursivemas.pipeline.ToolVersion;
import org.recursivemas.pipeline.convert.ConvertedModel;
import org.recursivemas.pipeline.convert.Converter;
import org.recursivemas.pipeline.convert.JsonFiles;
import org.recursivemas.pipeline.convert.StagedFolder;
import org.recursivemas.pipeline.evaluate.EvaluationReport;
import org.recursivemas.pipeline.links.TeamFiles;
import org.recursivemas.pipeline.release.PackageManifest.Entry;
import org.recursivemas.pipeline.release.PackageManifest.Model;
import org.recursivemas.pipeline.release.PackageManifest.Provenance;
import org.recursivemas.team.TeamPlan;

/**
 * Makes a package: a folder that any static host can serve.
 * <pre>
 * manifest.json                          all files with sizes and hashes, models, provenance
 * README.md                              model card
 * team.json                              paths of models and libraries filled in; further teams under their own names
 * recursivelink.json                     and the weights file that it names, if it names one
 * evaluation.json                        what was measured, if anything was
 * MODEL/resolve/REVISION/...             converted model; REVISION is a hash of its content
 * libs/MODEL-QUANTIZATION.HASH.wasm      model library
 * </pre>
 * Browsers and WebLLM keep models by address and never ask again, so a changed model or library gets a new address. The
 * folder appears, or is replaced, only when it is complete and has passed {@link PackageVerifier}.
 */
public final class PackageWriter {
    private static final String TEAM = "team.json";
    private static final String LINKS = "recursivelink.json";
    private static final String EVALUATION = "evaluation.json";
    private static final String CARD = "README.md";

    /**
     * A model to put in.
     *
     * @param id unique; part of paths
     * @param agents the agents that it plays; empty in a package of one model
     * @param folder converted model
     * @param library its library (.wasm)
     * @param source where the weights came from
     */
    public record Part(String id, List<String> agents, Path folder, Path library, Provenance source) {
        public Part {
            if (!id.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,60}") || id.equals("libs")) {
                throw new InputException("model \"" + id + "\"", "this cannot be the name of a folder in a package",
                        "Use letters, digits, '.', '_' and '-', and not \"libs\"", null);
            }
        }
    }

    /**
     * What to put in.
     *
     * @param name short name; null for the team's id
     * @param title for people; null for the team's
     * @param description for people; null for the team's
     * @param licence SPDX identifier
     * @param team the team file; null for a package of one model
     * @param links the link file; null for a package of one model
     * @param evaluation report of an evaluation; null for none
     * @param parts the models
     * @param further team files of the same agents and links, which are put beside the first
     */
    public record Contents(String name, String title, String description, String licence, Path team, Path links,
            Path evaluation, List<Part> parts, List<Path> further) {
        /** Without further teams. */
        public Contents(String name, String title, String description, String licence, Path team, Path links,
                Path evaluation, List<Part> parts) {
            this(name, title, description, licence, team, links, evaluation, parts, List.of());
        }

        public Contents {
            if (licence == null || licence.isBlank()) {
                throw new InputException("licence", "it is missing",
                        "State the licence under which the package may be used, e.g. Apache-2.0", null);
            }
        }
    }

    private final Contents contents;
    private final Progress progress;
    private final List<Entry> files = new ArrayList<>();
    private final Map<String, Long> sizes = new LinkedHashMap<>();
    private long done;
    private long total;

    private PackageWriter(Contents contents, Progress progress) {
        this.contents = contents;
        this.progress = progress;
    }

    /**
     * Makes a package.
     *
     * @param target the folder to make
     * @param overwrite whether an older package there may be replaced
     * @throws InputException when a part is unusable or does not fit the others; nothing has changed then
     */
    public static PackageManifest write(Contents contents, Path target, boolean overwrite, Progress progress) {
        try {
            return new PackageWriter(contents, progress).write(target, overwrite);
        } catch (IOException e) {
            throw new InputException(target.toString(), "the package cannot be written (" + e + ")",
                    "Check free space and permissions, or name another folder", e);
        }
    }

    private PackageManifest write(Path target, boolean overwrite) throws IOException {
        Team team = contents.team() == null ? null : TeamFiles.team(contents.team());
        LinkFile links = contents.links() == null ? null : TeamFiles.links(contents.links());
        EvaluationReport report = contents.evaluation() == null ? null
                : JsonFiles.read(contents.evaluation(), EvaluationReport.class, "Evaluate the team again");
        if (team != null) {
            requireAgents(contents.team(), team);
        }
        contents.further().forEach(file -> requireAgents(file, TeamFiles.team(file)));
        try (StagedFolder staged = new StagedFolder(target, overwrite, PackageManifest.FILE)) {
            requireSpace(staged.path(), target, links);
            List<Model> models = new ArrayList<>();
            for (Part part : contents.parts()) {
                models.add(add(part, staged.path()));
            }
            if (team != null) {
                addTeam(staged.path(), TEAM, contents.team(), models);
                for (Path further : contents.further()) {
                    addTeam(staged.path(), further.getFileName().toString(), further, models);
                }
                copy(contents.links(), staged.path(), LINKS);
                Path weights = TeamFiles.weightsFile(contents.links(), links);
                if (weights != null) {
                    copy(weights, staged.path(), links.weightsFile);   // the link file names it
                }
            }
            if (report != null) {
                copy(contents.evaluation(), staged.path(), EVALUATION);
            }
            PackageManifest manifest = manifest(team, report != null, models);
            text(staged.path(), CARD, ModelCard.text(manifest, team, links, report, sizes));
            files.sort(Comparator.comparing(Entry::path));
            manifest = manifest(team, report != null, models);
            Files.writeString(staged.path().resolve(PackageManifest.FILE), JsonFiles.text(manifest));
            requireSound(staged.path());
            staged.publish();
            return manifest;
        }
    }

    private PackageManifest manifest(Team team, boolean measured, List<Model> models) {
        return new PackageManifest(PackageManifest.FORMAT, PackageManifest.VERSION,
                team == null ? PackageManifest.MODEL : PackageManifest.TEAM,
                contents.name() != null || team == null ? contents.name() : team.id,
                contents.title() != null || team == null ? contents.title() : team.title,
                contents.description() != null || team == null ? contents.description() : team.description,
                contents.licence(), new PackageManifest.Tool(ToolVersion.NAME, ToolVersion.VERSION),
                team == null ? null : TEAM, team == null ? null : LINKS, measured ? EVALUATION : null, models,
                List.copyOf(files));
    }

    /** A team file with the corpora of its tools. */
    private void addTeam(Path out, String name, Path file, List<Model> models) throws IOException {
        if (files.stream().anyMatch(entry -> entry.path().equals(name)) || List.of(LINKS, EVALUATION, PackageManifest.FILE)
                .contains(name)) {
            throw new InputException(file, null, "a package has another file of this name", "Give the team file another name");
        }
        text(out, name, teamText(file, models));
        for (ToolSpec tool : TeamPlan.of(TeamFiles.team(file), file.toString()).tools()) {
            if (tool.corpus != null && files.stream().noneMatch(entry -> entry.path().equals(tool.corpus))) {
                Path corpus = file.toAbsolutePath().resolveSibling(tool.corpus).normalize();
                if (!corpus.startsWith(file.toAbsolutePath().getParent().normalize()) || !Files.isRegularFile(corpus)) {
                    throw new InputException(file, "tools, " + tool.name + ", corpus", "there is no file " + tool.corpus
                            + " beside the team file or below", "Put it there");
                }
                copy(corpus, out, tool.corpus);
            }
        }
    }

    private void requireAgents(Path file, Team team) {
        Set<String> played = new HashSet<>();
        contents.parts().forEach(part -> played.addAll(part.agents()));
        team.agents.forEach(agent -> {
            if (!played.contains(agent.id)) {
                throw new InputException(file, "agents, " + agent.id, "no model plays this agent",
                        "Name one for it");
            }
        });
    }

    private void requireSpace(Path folder, Path target, LinkFile links) throws IOException {
        for (Part part : contents.parts()) {
            total += size(part.folder()) + Files.size(part.library());
        }
        for (Path file : new Path[] {contents.links(), contents.evaluation()}) {
            total += file == null ? 0 : Files.size(file);
        }
        if (links != null && links.weightsFile != null) {
            total += Files.size(TeamFiles.weightsFile(contents.links(), links));
        }
        long usable = Files.getFileStore(folder).getUsableSpace();
        if (usable < total) {
            throw new InputException(target, null, "the package takes " + total + " bytes, the disk has only " + usable
                    + " free", "Free space there or name a folder on another disk");
        }
    }

    private Model add(Part part, Path out) throws IOException {
        String quantization = ConvertedModel.readQuantization(part.folder()).text();
        String revision = new Fingerprint().add(part.folder()).hex().substring(0, 12);
        String folder = part.id() + "/resolve/" + revision + "/";
        long before = done;
        for (Path file : regularFiles(part.folder())) {
            copy(file, out, folder + part.folder().relativize(file).toString().replace(java.io.File.separatorChar, '/'));
        }
        sizes.put(part.id(), done - before);
        String library = "libs/" + part.id() + "-" + quantization + "."
                + new Fingerprint().add(part.library()).hex().substring(0, 12) + ".wasm";
        copy(part.library(), out, library);
        JsonNode chat = JsonFiles.read(part.folder().resolve("mlc-chat-config.json"), "Convert the model again");
        return new Model(part.id(), part.agents(), folder, library, chat.path("model_type").asText(), quantization,
                chat.path("model_config").path("hidden_size").asInt(), chat.path("context_window_size").asInt(),
                chat.path("prefill_chunk_size").asInt(), known(part), webLlm(part, folder, library, quantization));
    }

    /** What the converted folder itself knows fills what the caller does not. */
    private static Provenance known(Part part) {
        Path manifest = part.folder().resolve(Converter.MANIFEST);
        JsonNode stated = Files.exists(manifest) ? JsonFiles.read(manifest, "Convert the model again").path("source")
                : JsonFiles.MAPPER.missingNode();
        Provenance given = part.source();
        return new Provenance(given.name() != null ? given.name() : stated.path("name").asText(null), given.hub(),
                given.id(), given.revision(), given.commit(), given.licence(),
                given.sha256() != null ? given.sha256() : stated.path("sha256").asText(null));
    }

    /** A record for pages that use WebLLM themselves. WebLLM checks what {@code integrity} names at every load. */
    private Map<String, Object> webLlm(Part part, String folder, String library, String quantization) {
        Map<String, Object> integrity = new LinkedHashMap<>();
        integrity.put("config", subresource(folder + "mlc-chat-config.json"));
        integrity.put("model_lib", subresource(library));
        integrity.put("tokenizer", Map.of("tokenizer.json", subresource(folder + "tokenizer.json")));
        Map<String, Object> record = new LinkedHashMap<>();
        record.put("model", folder);
        record.put("model_id", part.id() + "-" + quantization);
        record.put("model_lib", library);
        if (quantization.contains("f16")) {
            record.put("required_features", List.of("shader-f16"));
        }
        record.put("integrity", integrity);
        return record;
    }

    private String subresource(String path) {
        Entry entry = files.stream().filter(file -> file.path().equals(path)).findFirst().orElseThrow(() ->
                new InputException("model file " + path, "it is missing", "Convert the model again", null));
        return "sha256-" + Base64.getEncoder().encodeToString(HexFormat.of().parseHex(entry.sha256()));
    }

    private static String teamText(Path file, List<Model> models) {
        ObjectNode team = (ObjectNode) JsonFiles.read(file, "Correct the team file");
        for (JsonNode agent : team.get("agents")) {
            Model model = models.stream().filter(m -> m.agents().contains(agent.get("id").asText())).findFirst()
                    .orElseThrow();
            ((ObjectNode) agent).put("model", model.model()).put("library", model.library());
        }
        team.put("links", LINKS);
        return JsonFiles.text(team);
    }

    private void text(Path out, String path, String text) throws IOException {
        byte[] bytes = text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
        Files.write(out.resolve(path), bytes);
        files.add(new Entry(path, bytes.length, HexFormat.of().formatHex(PackageVerifier.sha256().digest(bytes))));
    }

    private void copy(Path from, Path out, String path) throws IOException {
        Path to = out.resolve(path);
        Files.createDirectories(to.getParent());
        MessageDigest digest = PackageVerifier.sha256();
        long count = 0;
        byte[] block = new byte[1 << 16];
        try (InputStream in = Files.newInputStream(from); OutputStream output = Files.newOutputStream(to)) {
            for (int got = in.read(block); got >= 0; got = in.read(block)) {
                output.write(block, 0, got);
                digest.update(block, 0, got);
                count += got;
                done += got;
                progress.bytes("packing", Math.min(done, total), total);
            }
        }
        files.add(new Entry(path, count, HexFormat.of().formatHex(digest.digest())));
    }

    private static void requireSound(Path staged) {
        PackageVerifier.Result result = PackageVerifier.verify(PackageFiles.of(staged), Progress.NONE);
        if (!result.findings().isEmpty()) {
            String text = PackageVerifier.text(result.findings()).strip().replace(staged + java.io.File.separator, "");
            throw new InputException("the package", "its parts do not fit:\n  " + text.replace("\n", "\n  "),
                    "Convert, compile and link from the same checkpoints", null);
        }
    }

    private static List<Path> regularFiles(Path folder) throws IOException {
        try (Stream<Path> walk = Files.walk(folder)) {
            return walk.filter(Files::isRegularFile).filter(file -> !file.getFileName().toString().startsWith("."))
                    .sorted().toList();
        }
    }

    private static long size(Path folder) throws IOException {
        long sum = 0;
        for (Path file : regularFiles(folder)) {
            sum += Files.size(file);
        }
        return sum;
    }
}
