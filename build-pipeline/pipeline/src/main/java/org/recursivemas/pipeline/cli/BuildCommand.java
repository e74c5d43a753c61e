package org.recursivemas.pipeline.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.recursivemas.pipeline.hub.HuggingFace;
import org.recursivemas.pipeline.recipe.Build;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code build}: a package from a recipe. */
@Command(name = "build", mixinStandardHelpOptions = true, sortOptions = false,
        description = {"Makes a package from a recipe: fetches checkpoints, converts and compiles them, makes links, measures "
                + "and packs. Prints the plan first; what is there from the same inputs is not made again, so an "
                + "interrupted build is simply run again.",
            "The token for gated and private models is taken from HF_TOKEN."})
final class BuildCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "RECIPE", description = "YAML or JSON; see docs/recipe.md.")
    private Path recipe;

    @Option(names = "--out", paramLabel = "FOLDER",
            description = "The package to make or replace. Default: package beside the recipe.")
    private Path out;

    @Option(names = "--work", paramLabel = "FOLDER",
            description = "Keeps what the stages make between runs. Default: .build beside the recipe.")
    private Path work;

    @Option(names = "--plan", description = "Only print what is done and what is to do.")
    private boolean planOnly;

    @Option(names = "--parallel", defaultValue = "4", paramLabel = "N",
            description = "Downloads at once. Default: ${DEFAULT-VALUE}.")
    private int parallel;

    @Option(names = "--threads", paramLabel = "N",
            description = "Threads of training and measuring. Default: one a processor.")
    private Integer threads;

    @Option(names = "--endpoint", paramLabel = "URL",
            description = "The hub. Default: HF_ENDPOINT, else " + HuggingFace.USUAL + ".")
    private String endpoint;

    @Override
    public Integer call() {
        PrintWriter writer = spec.commandLine().getOut();
        Build.Options options = new Build.Options(recipe, out != null ? out : recipe.resolveSibling("package"),
                work != null ? work : recipe.resolveSibling(".build"), parallel,
                threads != null ? threads : Runtime.getRuntime().availableProcessors());
        Supplier<HuggingFace> hub = () -> HuggingFace.of(endpoint, System.getenv(), writer::println);
        Build.Watcher watcher = new Build.Watcher(new ProgressPrinter(writer), new TrainingPrinter(writer), line -> {
            writer.println(line);
            writer.flush();
        }, Interruption::run);
        try {
            Build.run(options, planOnly, hub, watcher);
            return 0;
        } catch (Build.Stopped e) {
            writer.println(e.getMessage());
            return 130;
        } finally {
            writer.flush();
        }
    }
}
