package org.recursivemas.pipeline.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.recursivemas.pipeline.links.ClosedFormLinks;
import org.recursivemas.pipeline.links.TeachingRules;
import org.recursivemas.pipeline.links.TeamFiles;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code links}: makes a team's links in closed form. */
@Command(name = "links", mixinStandardHelpOptions = true,
        description = "Makes a team's RecursiveLinks in closed form (ridge regression, no gradients) and writes a "
                + "recursivelink.json.")
final class LinksCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "TEAM", description = "The team file.")
    private Path team;

    @Parameters(index = "1", paramLabel = "TASKS",
            description = "Training problems: JSON lines with a question and what each agent should say.")
    private Path tasks;

    @Parameters(index = "2", paramLabel = "OUTPUT", description = "The link file to write.")
    private Path output;

    @Option(names = "--models", paramLabel = "FOLDER",
            description = "Folder with a checkpoint or converted model for every agent, named by agent id. Default: "
                    + "the paths in the team file.")
    private Path models;

    @Option(names = "--problems", defaultValue = "1200", paramLabel = "N",
            description = "Problems to fit on. Default: ${DEFAULT-VALUE}.")
    private int problems;

    @Option(names = "--check-problems", defaultValue = "100", paramLabel = "N",
            description = "Problems behind those to measure the links on. Default: ${DEFAULT-VALUE}.")
    private int checkProblems;

    @Option(names = "--target", paramLabel = "AGENT=FIELD",
            description = "Field of a problem that says what an agent should say. Default: solution for the deciding "
                    + "agent, plan for the others.")
    private Map<String, String> targets = new LinkedHashMap<>();

    @Option(names = "--slot", paramLabel = "AGENT.SLOT=FIELD",
            description = "Field of a problem that stands in a slot meanwhile. Default: the field of the slot's name, "
                    + "or else what the sender should say.")
    private Map<String, String> slots = new LinkedHashMap<>();

    @Option(names = "--message-rows", paramLabel = "M",
            description = "Length of every message: text, end token, fillers. 0: as long as the text. Default: the "
                    + "team's latent steps.")
    private Integer rows;

    @Option(names = "--end", defaultValue = "<|im_end|>", paramLabel = "TOKEN",
            description = "Token that ends a message. Default: ${DEFAULT-VALUE}.")
    private String end;

    @Option(names = "--filler", defaultValue = "<|endoftext|>", paramLabel = "TOKEN",
            description = "Token that fills a message up. Default: ${DEFAULT-VALUE}.")
    private String filler;

    @Option(names = "--lambda", defaultValue = "1e-4", paramLabel = "X",
            description =
                    "Strength of the ridge, relative to the mean variance of the inputs. Default: ${DEFAULT-VALUE}.")
    private double lambda;

    @Option(names = "--form", defaultValue = "linear", paramLabel = "FORM",
            description =
                    "linear, or mlp: the same function with an MLP branch that adds nothing yet, to start gradient "
                    + "training from. Default: ${DEFAULT-VALUE}.")
    private ClosedFormLinks.Form form;

    @Option(names = "--seed", defaultValue = "1", paramLabel = "N",
            description = "Seed of the MLP branch's first matrix. Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Option(names = "--threads", paramLabel = "N", description = "Worker threads. Default: one a processor.")
    private Integer threads;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        int messageRows = rows == null ? TeamFiles.team(team).latentSteps : rows;
        ClosedFormLinks.Result result = ClosedFormLinks.run(new ClosedFormLinks.Options(team, models, tasks, problems,
                checkProblems, new TeachingRules(targets, slots, end, filler, messageRows), lambda, form, seed,
                threads == null ? Runtime.getRuntime().availableProcessors() : threads, output),
                new ProgressPrinter(out));
        result.cosines().forEach((id, cosine) -> out.printf(Locale.ROOT, "link %s: mean cosine %.4f%n", id, cosine));
        out.printf(Locale.ROOT, "%s: %d links from %d positions in %.0f s%n", output, result.links().links.size(),
                result.pairs(), result.seconds());
        out.flush();
        return 0;
    }
}
