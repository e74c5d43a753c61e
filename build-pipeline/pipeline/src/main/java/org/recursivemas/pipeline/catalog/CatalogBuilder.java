package org.recursivemas.pipeline.catalog;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.recursivemas.compiler.CompileOptions;
import org.recursivemas.compiler.ModelConfig;
import org.recursivemas.compiler.Quantization;
import org.recursivemas.data.AgentSpec;
import org.recursivemas.data.CatalogEntry;
import org.recursivemas.data.CatalogModel;
import org.recursivemas.data.ModelCatalog;
import org.recursivemas.data.Team;
import org.recursivemas.json.FileChecks;
import org.recursivemas.pipeline.Fingerprint;
import org.recursivemas.pipeline.InputException;
import org.recursivemas.pipeline.convert.ChatOptions;
import org.recursivemas.pipeline.convert.ConvertedModel;
import org.recursivemas.pipeline.convert.JsonFiles;
import org.recursivemas.pipeline.convert.RandomCheckpoint;
import org.recursivemas.pipeline.convert.StagedFolder;
import org.recursivemas.pipeline.release.PackageFiles;
import org.recursivemas.pipeline.release.PackageManifest;
import org.recursivemas.pipeline.release.PackageVerifier;

/**
 * Writes a catalogue:
 * <pre>
 * catalog.json              what there is, and what each takes
 * catalog/ID/team.json      a published model in all roles of a team
 * catalog/libs/*.wasm       the libraries of published models
 * </pre>
 * Published models are not downloaded: their libraries and sizes follow from their shapes. The folder appears, or is
 * replaced, only when it is complete; nothing is done when no input has changed since.
 */
public final class CatalogBuilder {
    public static final String FILE = "catalog.json";
    private static final String FOLDER = "catalog/";

    private final Path source;
    private final Map<String, Path> packages;
    private final Consumer<String> log;

    /**
     * @param source file of a {@link CatalogSource}
     * @param packages folders of teams' packages, by the address that they have beside the catalogue
     * @param log hears one line for each entry
     */
    public CatalogBuilder(Path source, Map<String, Path> packages, Consumer<String> log) {
        this.source = source;
        this.packages = Map.copyOf(packages);
        this.log = log;
    }

    /**
     * Writes the catalogue if anything has changed.
     *
     * @return false when it was up to date
     * @throws InputException when an input is missing or does not fit
     */
    public boolean build(Path out) throws IOException {
        CatalogSource read = CatalogSource.read(source);
        Fingerprint inputs = new Fingerprint().addProgram().add(source);
        for (String address : packages.keySet().stream().sorted().toList()) {
            Path manifest = packages.get(address).resolve(PackageManifest.FILE);
            if (!Files.isRegularFile(manifest)) {
                throw new InputException(manifest, null, "it is missing", "Give the folder of a team's package");
            }
            inputs.add(address).add(manifest);
        }
        String key = inputs.hex();
        Path stamp = out.toAbsolutePath().resolveSibling("." + out.getFileName() + ".inputs");
        if (Files.isRegularFile(out.resolve(FILE)) && Files.isRegularFile(stamp) && Files.readString(stamp).equals(key)) {
            return false;
        }
        Files.deleteIfExists(stamp);
        try (StagedFolder staged = new StagedFolder(out, true, FILE)) {
            ModelCatalog catalog = new ModelCatalog();
            for (String address : packages.keySet().stream().sorted().toList()) {
                catalog.entries.add(packaged(address, packages.get(address)));
            }
            for (CatalogSource.Backbone backbone : read.backbones()) {
                for (String scheme : backbone.quantizations()) {
                    add(catalog, read, backbone, Quantization.of(scheme), staged.path());
                }
            }
            Files.writeString(staged.path().resolve(FILE), JsonFiles.text(catalog));
            staged.publish();
        }
        Files.writeString(stamp, key);
        return true;
    }

    /** The entry of a team that is packed with everything. */
    private CatalogEntry packaged(String address, Path folder) {
        PackageManifest manifest = PackageVerifier.manifest(PackageFiles.of(folder));
        if (manifest.team() == null) {
            throw new InputException(folder.resolve(PackageManifest.FILE), "kind", "it is the package of a model",
                    "Give the package of a team");
        }
        CatalogEntry entry = new CatalogEntry();
        entry.id = manifest.name();
        entry.title = manifest.title() == null ? manifest.name() : manifest.title();
        entry.description = manifest.description() == null ? "" : manifest.description();
        entry.team = address + manifest.team();
        entry.manifest = address + PackageManifest.FILE;
        entry.latent = true;
        entry.licence = manifest.licence() == null ? "not stated" : manifest.licence();
        for (PackageManifest.Model model : manifest.models()) {
            Path weights = folder.resolve(model.model());
            ModelConfig config = ConvertedModel.readConfig(weights);
            CatalogModel counted = new ModelNeeds(config, Quantization.of(model.quantization()),
                    new CompileOptions(model.contextWindow(), model.prefillChunk(), config.vocabSize())).model();
            counted.folder = address + model.model();
            counted.library = address + model.library();
            for (PackageManifest.Entry file : manifest.files()) {
                if (file.path().equals(model.library())) {
                    counted.libraryBytes = file.bytes();
                } else if (file.path().startsWith(model.model()) && !file.path().endsWith(PackageManifest.FILE)) {
                    counted.downloadBytes += file.bytes();
                }
            }
            counted.downloadCounted = true;
            entry.models.add(counted);
        }
        log.accept(entry.title + ": " + manifest.models().size() + " models");
        return entry;
    }

    private void add(ModelCatalog catalog, CatalogSource read, CatalogSource.Backbone backbone, Quantization scheme, Path out)
            throws IOException {
        ModelConfig config = RandomCheckpoint.shaped(backbone.shape()).model();
        int context = Math.min(config.maxPositions(), ChatOptions.USUAL_CONTEXT);
        ModelNeeds needs = new ModelNeeds(config, scheme, new CompileOptions(context, Math.min(context, ChatOptions.USUAL_CHUNK),
                backbone.activeVocabulary()));
        byte[] library = needs.library();
        String id = backbone.id() + "-" + scheme.text();
        String path = FOLDER + "libs/" + id + "." + sha256(library).substring(0, 12) + ".wasm";
        Files.createDirectories(out.resolve(path).getParent());
        Files.write(out.resolve(path), library);
        CatalogModel model = needs.model();
        model.folder = fill(backbone.weights(), scheme);
        model.library = path;
        model.libraryBytes = library.length;
        model.downloadBytes = needs.shardBytes() + backbone.tokenizerBytes();
        CatalogEntry entry = entry(read, backbone, scheme, id, model, "../../" + path, out);
        entry.description = "One model plays planner, critic and solver.";
        entry.note = "The weights are MLC-LLM's; the library is this project's, made for their shape. Not tried with these "
                + "weights: names and shapes of all parameters are compared when the model is loaded.";
        catalog.entries.add(entry);
        log.accept(String.format(Locale.ROOT, "%s: library %.0f kB, weights %.0f MB", entry.title, library.length / 1e3,
                model.weightBytes / 1e6));
        if (backbone.stockLibrary() != null) {
            CatalogModel stock = needs.model();
            stock.folder = model.folder;
            stock.library = fill(backbone.stockLibrary(), scheme);
            stock.downloadBytes = model.downloadBytes;
            CatalogEntry other = entry(read, backbone, scheme, id + "-stock", stock, stock.library, out);
            other.title += ", WebLLM's library";
            other.description = "The same weights with the library that WebLLM publishes. MLC-LLM gives libraries of this family "
                    + "functions that return hidden states.";
            other.note = "Not tried. GPU memory is that of this project's library; WebLLM's may take another amount beside "
                    + "weights and KV cache.";
            other.alternative = other.alternative == null ? null : other.alternative + "-stock";
            catalog.entries.add(other);
        }
    }

    private static String fill(String address, Quantization scheme) {
        return address.replace(CatalogSource.QUANTIZATION, scheme.text());
    }

    /** The entry of a published model, and its team file. */
    private CatalogEntry entry(CatalogSource read, CatalogSource.Backbone backbone, Quantization scheme, String id,
            CatalogModel model, String library, Path out) throws IOException {
        CatalogEntry entry = new CatalogEntry();
        entry.id = id;
        entry.title = backbone.title() + " (" + scheme.text() + ")";
        entry.team = FOLDER + id + "/team.json";
        entry.licence = backbone.licence();
        entry.licenceUrl = backbone.licenceUrl();
        if (model.f16) {
            entry.alternative = backbone.quantizations().stream().filter(other -> !other.contains("f16")).findFirst()
                    .map(other -> backbone.id() + "-" + other).orElse(null);
        }
        entry.models.add(model);
        Team team = JsonFiles.MAPPER.convertValue(read.team(), Team.class);
        team.id = id + "-three-roles";
        team.title = "One " + backbone.title() + " in three roles";
        team.description = "One model plans, checks the plan and carries it out. It has no links yet, so its agents hand over "
                + "text only.";
        for (AgentSpec agent : team.agents) {
            agent.model = model.folder;
            agent.library = library;
            agent.hiddenSize = model.hiddenSize;
            agent.contextWindow = model.contextWindow;
            agent.chat = read.chats().get(backbone.chat());
        }
        FileChecks.team(team, source + ", team");
        Path file = out.resolve(entry.team);
        Files.createDirectories(file.getParent());
        Files.write(file, JsonFiles.text(team).getBytes(StandardCharsets.UTF_8));
        return entry;
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
