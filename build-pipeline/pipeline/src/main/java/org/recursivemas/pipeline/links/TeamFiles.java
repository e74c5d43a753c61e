package org.recursivemas.pipeline.links;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.recursivemas.data.LinkFile;
import org.recursivemas.data.Team;
import org.recursivemas.json.FileChecks;
import org.recursivemas.pipeline.InputException;

/** Reads team files, link files and task files; writes results aside and renames them. */
public final class TeamFiles {
    private static final ObjectMapper JSON = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

    private TeamFiles() {
    }

    /** A checked team file. */
    public static Team team(Path file) {
        return FileChecks.team(read(file, Team.class), file.toString());
    }

    /** A checked link file (its tensors are checked where they are decoded). */
    public static LinkFile links(Path file) {
        return FileChecks.links(read(file, LinkFile.class), file.toString());
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
