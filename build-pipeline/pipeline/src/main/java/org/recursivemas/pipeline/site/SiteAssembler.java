package org.recursivemas.pipeline.site;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.recursivemas.pipeline.Fingerprint;
import org.recursivemas.data.Team;
import org.recursivemas.pipeline.InputException;
import org.recursivemas.pipeline.Progress;
import org.recursivemas.pipeline.convert.JsonFiles;
import org.recursivemas.pipeline.convert.StagedFolder;
import org.recursivemas.pipeline.release.PackageFiles;
import org.recursivemas.pipeline.release.PackageManifest;
import org.recursivemas.pipeline.release.PackageVerifier;

/**
 * Assembles the site:
 * <pre>
 * index.html, styles, ...       from the page folder
 * app.js, web-llm.js, ...       from the script folders
 * models/demo/...               a team's package, as it is
 * </pre>
 * The folder appears, or is replaced, only when it is complete. Nothing is done when no input has changed since.
 */
final class SiteAssembler {
    /** Where the shipped team lies in the site. */
    static final String TEAM = "models/demo";
    private static final String NO_TEAMS = "data-teams=\"\"";
    private static final Pattern LOCAL_REFERENCE = Pattern.compile("\\b(?:src|href)\\s*=\\s*\"([^\"#?:]+)[^\":]*\"");

    private final Path page;
    private final List<Path> scripts;
    private final Path team;
    private final Path site;
    private final Consumer<String> log;

    /**
     * @param page    folder with index.html
     * @param scripts folders whose files go beside index.html (the application, WebLLM)
     * @param team    folder of a team's package
     * @param site    the folder to be made
     * @param log     hears one line for each thing done
     */
    SiteAssembler(Path page, List<Path> scripts, Path team, Path site, Consumer<String> log) {
        this.page = page;
        this.scripts = List.copyOf(scripts);
        this.team = team;
        this.site = site;
        this.log = log;
    }

    /**
     * Assembles the site if anything has changed.
     *
     * @return true when the site was written, false when it was up to date
     * @throws InputException when an input is missing or does not fit
     */
    boolean assemble() throws IOException {
        require(page.resolve("index.html"), "the page is missing", "Give the folder that holds index.html");
        for (Path folder : scripts) {
            require(folder, "the folder of scripts is missing", "Build the module that writes it first");
        }
        require(team.resolve(PackageManifest.FILE), "the team's package is missing",
                "Make it first (verbs build, package)");
        Fingerprint inputs = new Fingerprint().addProgram().add(page).add(team.resolve(PackageManifest.FILE));
        scripts.forEach(inputs::add);
        String key = inputs.hex();
        Path stamp = site.toAbsolutePath().resolveSibling("." + site.getFileName() + ".inputs");
        if (Files.isRegularFile(site.resolve("index.html")) && Files.isRegularFile(stamp)
                && Files.readString(stamp).equals(key)) {
            return false;
        }
        Files.deleteIfExists(stamp);
        try (StagedFolder staged = new StagedFolder(site, true, "index.html")) {
            Path out = staged.path();
            copy(page, out);
            for (Path folder : scripts) {
                copy(folder, out);
            }
            copy(team, out.resolve(TEAM));
            PackageVerifier.Result checked = PackageVerifier.verify(PackageFiles.of(out.resolve(TEAM)), Progress.NONE);
            if (!checked.findings().isEmpty() || checked.manifest().team() == null) {
                throw new InputException(team.toString(), checked.findings().isEmpty() ? "it is the package of a model"
                        : "it is damaged: " + checked.findings().get(0).place() + ": " + checked.findings().get(0).what(),
                        "Make the package of a team again (verb build)", null);
            }
            writeTeams(out);
            checkReferences(out);
            log.accept(String.format(Locale.ROOT, "%s: %.1f MB", site, size(out) / 1e6));
            staged.publish();
        }
        Files.writeString(stamp, key);
        return true;
    }

    /** Tells the page which teams the package holds, one a line: address, blank, title; first the package's own. */
    private void writeTeams(Path out) throws IOException {
        Path index = out.resolve("index.html");
        String text = Files.readString(index);
        if (!text.contains(NO_TEAMS)) {
            return;   // another page, which does not ask
        }
        List<String> lines = new ArrayList<>();
        try (Stream<Path> files = Files.list(out.resolve(TEAM))) {
            for (Path file : files.filter(path -> path.toString().endsWith(".json")).sorted().toList()) {
                JsonNode json = JsonFiles.read(file, "Make the package again (verb build)");
                if (Team.FORMAT.equals(json.path("format").asText())) {
                    String name = file.getFileName().toString();
                    lines.add(name.equals("team.json") ? 0 : lines.size(), TEAM + "/" + name + " "
                            + json.path("title").asText(json.path("id").asText()));
                }
            }
        }
        String value = String.join("\n", lines).replace("&", "&amp;").replace("\"", "&quot;").replace("<", "&lt;")
                .replace("\n", "&#10;");
        Files.writeString(index, text.replace(NO_TEAMS, "data-teams=\"" + value + "\""));
    }

    /** Every file that index.html names is there, under a path that works below any folder of any host. */
    private void checkReferences(Path folder) throws IOException {
        Path index = folder.resolve("index.html");
        Matcher matcher = LOCAL_REFERENCE.matcher(Files.readString(index));
        while (matcher.find()) {
            String reference = matcher.group(1);
            if (reference.startsWith("/")) {
                throw new InputException(page.resolve("index.html"), reference, "the reference starts at the host's root",
                        "Make it relative: the page must work below any path");
            }
            if (!Files.exists(folder.resolve(reference))) {
                throw new InputException(page.resolve("index.html"), reference, "no such file in the assembled site",
                        "Add it to " + page + ", or build the module that writes it");
            }
        }
    }

    private static void require(Path path, String what, String remedy) {
        if (!Files.exists(path)) {
            throw new InputException(path, null, what, remedy);
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        List<Path> entries;
        try (Stream<Path> walk = Files.walk(from)) {
            entries = walk.filter(path -> !hidden(from, path)).toList();
        }
        for (Path entry : entries) {
            Path target = to.resolve(from.relativize(entry).toString());
            if (Files.isDirectory(entry)) {
                Files.createDirectories(target);
            } else {
                Files.createDirectories(target.getParent());
                Files.copy(entry, target, StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
    }

    private static boolean hidden(Path root, Path path) {
        for (Path part : root.relativize(path)) {
            if (part.toString().startsWith(".")) {
                return true;
            }
        }
        return false;
    }

    private static long size(Path folder) throws IOException {
        long sum = 0;
        try (Stream<Path> walk = Files.walk(folder)) {
            for (Path file : walk.filter(Files::isRegularFile).toList()) {
                sum += Files.size(file);
            }
        }
        return sum;
    }
}
