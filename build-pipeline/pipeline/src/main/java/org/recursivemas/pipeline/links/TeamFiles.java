package org.recursivemas.pipeline.links;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.recursivemas.data.CorpusFile;
import org.recursivemas.data.LinkFile;
import org.recursivemas.data.Team;
import org.recursivemas.json.FileChecks;
import org.recursivemas.links.LinkStore;
import org.recursivemas.pipeline.InputException;
import org.recursivemas.pipeline.convert.StagedFile;
import org.recursivemas.team.TeamPlan;
import org.recursivemas.tools.ToolBox;

/** Reads team files, link files and task files; writes results aside and renames them. */
public final class TeamFiles {
    /** Values of wide links are longer texts than the parser takes by itself; no text is longer than its file. */
    private static final ObjectMapper JSON = JsonMapper.builder(JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder().maxStringLength(Integer.MAX_VALUE).build()).build())
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

    /** Largest weights file that is read, bytes: it must fit into one array. */
    private static final long MAX_WEIGHTS = Integer.MAX_VALUE - 8;

    private TeamFiles() {
    }

    /** A checked team file. */
    public static Team team(Path file) {
        return FileChecks.team(read(file, Team.class), file.toString());
    }

    /** The tools of a team, their corpora read from beside the team file. */
    public static ToolBox tools(Path teamFile, TeamPlan plan) {
        return ToolBox.of(plan.tools(), path -> {
            Path file = teamFile.toAbsolutePath().resolveSibling(path).normalize();
            return FileChecks.corpus(read(file, CorpusFile.class), file.toString());
        }, null);
    }

    /**
     * The corpora that a team's tools look through, in the order of the tools.
     *
     * @throws InputException when one is missing
     */
    public static List<Path> corpora(Path teamFile) {
        return TeamPlan.of(team(teamFile), teamFile.toString()).tools().stream().filter(tool -> tool.corpus != null)
                .map(tool -> {
                    Path corpus = teamFile.toAbsolutePath().resolveSibling(tool.corpus).normalize();
                    if (!Files.isRegularFile(corpus)) {
                        throw new InputException(teamFile, "tools", "the corpus " + corpus + " is missing",
                                "Put it there, or correct the path in the team file");
                    }
                    return corpus;
                }).toList();
    }

    /** A checked link file with the weights file beside it (tensors are checked where they are decoded). */
    public static LinkFile links(Path file) {
        LinkFile links = FileChecks.links(read(file, LinkFile.class), file.toString());
        Path weights = weightsFile(file, links);
        if (weights != null) {
            LinkStore.attach(links, content(weights, file), weights.toString());
        }
        return links;
    }

    /** Where the values of a checked link file lie, or null when they are in it. */
    public static Path weightsFile(Path file, LinkFile links) {
        return links.weightsFile == null ? null : file.toAbsolutePath().resolveSibling(links.weightsFile);
    }

    private static byte[] content(Path weights, Path file) {
        try {
            long size = Files.size(weights);
            if (size > MAX_WEIGHTS) {
                throw new InputException(weights, null, "it has " + size + " bytes; links have at most " + MAX_WEIGHTS,
                        "Check that weights_file of " + file + " names the right file");
            }
            return Files.readAllBytes(weights);
        } catch (IOException e) {
            throw new InputException(weights.toString(), "it is missing or cannot be read (" + e.getMessage() + ")",
                    "Put the weights file that " + file + " names beside it", e);
        }
    }

    /**
     * Writes a link file with its values in it.
     *
     * @throws InputException when it cannot be written; an older file of that name is then still there
     */
    public static void writeLinks(Path file, LinkFile links) {
        write(file, json(links));
    }

    /**
     * Writes a link file and, before it, its weights file beside it. The weights file is named by its content, so that
     * an older link file keeps its own until the new one is there.
     *
     * @param links its values must be in it; they are moved out
     * @throws InputException when one of them cannot be written
     */
    public static void writeLinksBeside(Path file, LinkFile links) {
        byte[] content = LinkStore.moveOut(links, "");
        String stem = file.getFileName().toString().replaceFirst("\\.json$", "").replaceAll("[^A-Za-z0-9_-]", "-");
        links.weightsFile = stem + "." + sha256(content).substring(0, 12) + ".safetensors";
        Path weights = weightsFile(file, links);
        StagedFile.check(weights, true);
        StagedFile.write(weights, content);
        write(file, json(links));
        removeOlder(weights, stem);
    }

    private static void removeOlder(Path weights, String stem) {
        Pattern ours = Pattern.compile(Pattern.quote(stem) + "\\.[0-9a-f]{12}\\.safetensors");
        try (Stream<Path> entries = Files.list(weights.getParent())) {
            for (Path entry : entries.filter(e -> ours.matcher(e.getFileName().toString()).matches()).toList()) {
                if (!entry.getFileName().equals(weights.getFileName())) {
                    Files.delete(entry);
                }
            }
        } catch (IOException e) {
            throw new InputException(weights.getParent().toString(), "an older weights file cannot be removed (" + e
                    + ")", "Remove it yourself; the new links are complete", e);
        }
    }

    private static String sha256(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private static <T> T read(Path file, Class<T> type) {
        try {
            return JSON.readValue(file.toFile(), type);
        } catch (JsonProcessingException e) {
            throw new InputException(file.toString(), "it is not valid (" + e.getOriginalMessage() + ")",
                    "Correct the file", e);
        } catch (IOException e) {
            throw new InputException(file.toString(), "it is missing or cannot be read (" + e.getMessage() + ")",
                    "Name the right file", e);
        }
    }

    /**
     * Problems of a task file: JSON objects, one a line, with text fields.
     *
     * @param skip lines to leave out at the beginning
     * @param limit most problems to read
     * @param required fields that every problem must have
     * @throws InputException naming file, line and field; also when no problem is left
     */
    public static List<Map<String, String>> problems(Path file, int skip, int limit, List<String> required) {
        List<Map<String, String>> problems = new ArrayList<>();
        try (Stream<String> lines = Files.lines(file)) {
            int number = 0;
            for (String line : (Iterable<String>) lines::iterator) {
                number++;
                if (line.isBlank() || number <= skip) {
                    continue;
                }
                if (problems.size() == limit) {
                    break;
                }
                problems.add(problem(file, number, line, required));
            }
        } catch (UncheckedIOException e) {
            throw new InputException(file.toString(), "it is not a text in UTF-8 (" + e.getCause().getMessage() + ")",
                    "Name a task file (JSON lines)", e);
        } catch (IOException e) {
            throw new InputException(file.toString(), "it is missing or cannot be read (" + e.getMessage() + ")",
                    "Name a task file (JSON lines)", e);
        }
        if (problems.isEmpty()) {
            throw new InputException(file, null, "it holds no problem after the first " + skip + " lines",
                    "Name another file or skip fewer lines");
        }
        return problems;
    }

    private static Map<String, String> problem(Path file, int number, String line, List<String> required) {
        Map<String, String> problem = new LinkedHashMap<>();
        try {
            JSON.readTree(line).properties().forEach(field -> problem.put(field.getKey(), field.getValue().asText()));
        } catch (JsonProcessingException e) {
            throw new InputException(InputException.place(file, "line " + number), "it is not a JSON object ("
                    + e.getOriginalMessage() + ")", "Correct the line", e);
        }
        for (String field : required) {
            if (!problem.containsKey(field)) {
                throw new InputException(file, "line " + number + ", field \"" + field + "\"", "the field is missing",
                        "Add it, or name another field");
            }
        }
        return problem;
    }

    /** Indented JSON of an annotated object, with a final line break. */
    public static String json(Object value) {
        try {
            DefaultPrettyPrinter printer = new DefaultPrettyPrinter().withObjectIndenter(new DefaultIndenter("  ",
                    "\n"));
            return JSON.writer(printer).writeValueAsString(value) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("plain data can be written", e);
        }
    }

    /**
     * Writes a file aside and gives it its name when it is complete.
     *
     * @throws InputException when it cannot be written; an older file of that name is then still there
     */
    public static void write(Path file, String text) {
        Path target = file.toAbsolutePath();
        Path aside = target.resolveSibling("." + target.getFileName() + ".partial-" + ProcessHandle.current().pid());
        try {
            Files.createDirectories(target.getParent());
            try {
                Files.write(aside, text.getBytes(StandardCharsets.UTF_8));
                move(aside, target);
            } finally {
                Files.deleteIfExists(aside);
            }
        } catch (IOException e) {
            throw new InputException(file.toString(), "it cannot be written (" + e + ")",
                    "Check free space and permissions, or name another file", e);
        }
    }

    private static void move(Path from, Path to) throws IOException {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
        }
    }
}
