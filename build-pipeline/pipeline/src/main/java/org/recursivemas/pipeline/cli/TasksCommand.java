package org.recursivemas.pipeline.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.recursivemas.pipeline.convert.StagedFile;
import org.recursivemas.pipeline.tasks.TaskFile;
import org.recursivemas.tasks.StoryProblemGenerator;
import org.recursivemas.tasks.TaskSplit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code tasks}: fresh problems of the demo's kind. */
@Command(name = "tasks", mixinStandardHelpOptions = true,
        description = "Generates story problems with their plans, solutions and answers as JSON lines.")
final class TasksCommand implements Callable<Integer> {
    /** What the problems are for. */
    enum Kind { STORIES, TOOLS }

    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "FILE", description = "The file to make.")
    private Path file;

    @Option(names = {"-n", "--count"}, required = true, paramLabel = "N", description = "Number of problems.")
    private long count;

    @Option(names = "--seed", required = true, paramLabel = "N",
            description = "Start of the random numbers: the same seed gives the same problems.")
    private long seed;

    @Option(names = "--split", defaultValue = "TRAINING", paramLabel = "SIDE",
            description = "training or held_out: no plan is ever on both sides. Default: training.")
    private TaskSplit side;

    @Option(names = "--interleaved", defaultValue = "" + StoryProblemGenerator.INTERLEAVED, paramLabel = "PERCENT",
            description = "Of the stories of two people, how many are not told one person after the other (the hard ones). "
                    + "Default: ${DEFAULT-VALUE}, as in the held-out set.")
    private int interleaved;

    @Option(names = "--kind", defaultValue = "STORIES", paramLabel = "KIND",
            description = "stories, or tools: stories that ask what things are worth without telling the price, with the text of "
                    + "an agent that searches for it and calculates. Default: stories.")
    private Kind kind;

    @Option(names = "--overwrite", description = "Replace FILE if it exists.")
    private boolean overwrite;

    @Override
    public Integer call() throws IOException {
        if (count < 1) {
            throw new ParameterException(spec.commandLine(), "--count must be at least 1, not " + count);
        }
        if (interleaved < 0 || interleaved > 100) {
            throw new ParameterException(spec.commandLine(), "--interleaved must be 0 to 100, not " + interleaved);
        }
        StagedFile.check(file, overwrite);
        PrintWriter out = spec.commandLine().getOut();
        TaskFile.generate(file, count, seed, side, interleaved, kind == Kind.TOOLS, done -> {
            if (done % 100_000 == 0) {
                out.println(done + " of " + count);
                out.flush();
            }
        });
        out.println(file + ": " + count + " problems, " + Files.size(file) + " bytes");
        out.flush();
        return 0;
    }
}
