package org.recursivemas.pipeline.release;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.recursivemas.pipeline.Progress;
import org.recursivemas.pipeline.links.ToyTeam;
import org.recursivemas.pipeline.recipe.Build;

/** The package of a tiny team, made once and copied. */
public final class ToyPackage {
    private static Path made;

    private ToyPackage() {
    }

    /** Puts the package into {@code folder}/package. */
    public static synchronized Path copyTo(Path folder) throws IOException {
        if (made == null || !Files.exists(made)) {
            Path source = Files.createTempDirectory("toy-package");
            source.toFile().deleteOnExit();
            ToyTeam.write(source);
            Files.writeString(source.resolve("recipe.yaml"), """
                    {format: recursivemas.recipe, version: 1, licence: MIT, team: team.json, quantization: q4f32_1,
                     prefill_chunk: 32, links: {closed_form: {tasks: tasks.jsonl, problems: 10, check_problems: 5}}}
                    """);
            Build.run(new Build.Options(source.resolve("recipe.yaml"), source.resolve("package"), source.resolve("work"), 1,
                    2), false, () -> null, new Build.Watcher(Progress.NONE, null, line -> { }, work -> work.apply(() -> false)));
            made = source.resolve("package");
            Runtime.getRuntime().addShutdownHook(new Thread(() ->
                    org.recursivemas.pipeline.convert.StagedFolder.delete(source)));
        }
        Path copy = folder.resolve("package");
        try (Stream<Path> walk = Files.walk(made)) {
            for (Path file : walk.toList()) {
                Path to = copy.resolve(made.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(to);
                } else {
                    Files.copy(file, to);
                }
            }
        }
        return copy;
    }
}
