package org.recursivemas.pipeline.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.recursivemas.pipeline.evaluate.Evaluation;
import org.recursivemas.pipeline.evaluate.EvaluationReport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code evaluate}: accuracy, tokens and time of a team and its baselines. */
@Command(name = "evaluate", mixinStandardHelpOptions = true,
        description = "Runs a team on held-out problems with the plain-Java twin and prints accuracy, tokens, "
                + "positions and time of each way of answering. Ctrl-C ends it with what is done.")
final class EvaluateCommand implements Callable<Integer> {
    /** How long a stopped evaluation may take to finish its report. */
    private static final long GRACE_SECONDS = 30;

    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "TEAM", description = "The team file.")
    private Path team;

    @Parameters(index = "1", paramLabel = "TASKS", description = "Problems: JSON lines with question and answer.")
    private Path tasks;

    @Option(names = "--models", paramLabel = "FOLDER",
            description = "Folder with a checkpoint or converted model for every agent, named by agent id. Default: "
                    + "the paths in the team file.")
    private Path models;

    @Option(names = "--links", paramLabel = "FILE", description = "The link file. Default: the one in the team file.")
    private Path links;

    @Option(names = "--skip", defaultValue = "0", paramLabel = "N",
            description = "Problems to leave out at the beginning.")
    private int skip;

    @Option(names = "--problems", defaultValue = "1000", paramLabel = "N",
            description = "Most problems to run. Default: ${DEFAULT-VALUE}.")
    private int problems;

    @Option(names = "--modes", split = ",", defaultValue = "latent,text,single", paramLabel = "MODE",
            description = "Out of latent, text, single. Default: ${DEFAULT-VALUE}.")
    private List<String> modes;

    @Option(names = "--rounds", split = ",", defaultValue = "1,2,3", paramLabel = "N",
            description = "Depths of the latent and text modes. Default: ${DEFAULT-VALUE}.")
    private List<Integer> rounds;

    @Option(names = "--latent-steps", split = ",", paramLabel = "M",
            description = "Message lengths of the latent mode. Default: 0 and the team's.")
    private List<Integer> latentSteps;

    @Option(names = "--stop-early", paramLabel = "COSINE", defaultValue = "0",
            description = "Ends a latent run with the round whose messages to the last agent have at least this mean cosine "
                    + "with those of the round before. Default: 0, all rounds are run.")
    private double stopEarly;

    @Option(names = "--retrieval", paramLabel = "K",
            description = "A hand-off brings the K most relevant messages of all rounds so far, 1 to 8, instead of the newest "
                    + "alone; 0 is off. Default: the team's.")
    private Integer retrieval;

    @Option(names = "--latents", paramLabel = "ENCODING", defaultValue = "f32",
            description = "How latents are written between agents, as between two browsers: f32 (exact), f16, int8. "
                    + "Default: ${DEFAULT-VALUE}.")
    private String latents;

    @Option(names = "--engine", paramLabel = "ENGINE", defaultValue = "twin",
            description = "twin: plain Java, one problem a thread; pytorch: several problems at a time, on the CPU or, with a "
                    + "build for it, the GPU: for large models. Default: ${DEFAULT-VALUE}.")
    private Evaluation.Engine engine;

    @Option(names = "--batch", defaultValue = "" + Evaluation.USUAL_BATCH, paramLabel = "N",
            description = "Problems at a time in each thread, with pytorch. Default: ${DEFAULT-VALUE}.")
    private int batch;

    @Option(names = "--threads", paramLabel = "N", description = "Worker threads. Default: one a processor.")
    private Integer threads;

    @Option(names = "--report", paramLabel = "FILE", description = "JSON report to write.")
    private Path report;

    @Option(names = "--table", paramLabel = "FILE", description = "Markdown table to write; it is printed in any case.")
    private Path table;

    @Option(names = "--details", paramLabel = "FILE", description = "JSON lines with every text and answer to write.")
    private Path details;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        List<Integer> steps = latentSteps == null ? Evaluation.usualLatentSteps(team) : latentSteps;
        Evaluation.Options options = new Evaluation.Options(team, models, links, tasks, skip, problems, modes, rounds,
                steps, stopEarly, retrieval == null ? Evaluation.usualRetrieval(team) : retrieval, latents,
                threads == null ? Runtime.getRuntime().availableProcessors() : threads, report, table, details);
        AtomicBoolean stopped = new AtomicBoolean();
        CountDownLatch finished = new CountDownLatch(1);
        Thread hook = new Thread(() -> stopAndWait(stopped, finished), "stop evaluation");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            EvaluationReport result = Evaluation.run(options, engine, batch, new ProgressPrinter(out), stopped::get);
            out.println();
            out.print(Evaluation.markdown(result));
            out.flush();
            return result.interrupted() ? 130 : 0;
        } finally {
            finished.countDown(); // the hook stays: from here on it finds nothing to wait for
        }
    }

    private static void stopAndWait(AtomicBoolean stopped, CountDownLatch finished) {
        stopped.set(true);
        try {
            finished.await(GRACE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
