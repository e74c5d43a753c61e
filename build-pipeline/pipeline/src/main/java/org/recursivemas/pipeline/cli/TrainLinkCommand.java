package org.recursivemas.pipeline.cli;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.recursivemas.data.Team;
import org.recursivemas.pipeline.InputException;
import org.recursivemas.pipeline.ToolVersion;
import org.recursivemas.pipeline.training.ClosedFormLinks;
import org.recursivemas.pipeline.links.TeachingRules;
import org.recursivemas.pipeline.links.TeamFiles;
import org.recursivemas.pipeline.training.LinkStart;
import org.recursivemas.pipeline.training.LinkTraining;
import org.recursivemas.pipeline.training.TrainingOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/** {@code train-link}: makes a team's links. */
@Command(name = "train-link", mixinStandardHelpOptions = true, sortOptions = false,
        description = "Makes a team's RecursiveLinks: in closed form (ridge regression), then by gradients through real "
                + "rollouts. Writes recursivelink.json and, beside it, metrics (.metrics.jsonl), a plot (.training.svg) "
                + "and a model card (.md). Ctrl-C ends it with the best links so far; --resume goes on.")
final class TrainLinkCommand implements Callable<Integer> {
    private static final String CLOSED_FORM = "closed-form";
    private static final String RANDOM = "random";

    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "TEAM", description = "The team file.")
    private Path team;

    @Parameters(index = "1", paramLabel = "TASKS",
            description = "Training problems: JSON lines with a question, what each agent should say, and the answer.")
    private Path tasks;

    @Parameters(index = "2", paramLabel = "OUTPUT", description = "The link file to write.")
    private Path output;

    @Option(names = "--closed-form", description = "Stop after the closed form: no gradients.")
    private boolean closedForm;

    @Option(names = "--also", paramLabel = "TEAM[=TASKS]", description = "A further team of the same agents: what it needs "
            + "beyond TEAM goes into the same file, and inner links are fitted on the prompts of all. Its problems are those "
            + "of TASKS unless others are named. With --closed-form only; may be repeated.")
    private List<String> also = new ArrayList<>();

    @Option(names = "--models", paramLabel = "FOLDER",
            description = "Folder with a checkpoint or converted model for every agent, named by agent id. Default: "
                    + "the paths in the team file.")
    private Path models;

    @Option(names = "--problems", defaultValue = "0", paramLabel = "N",
            description = "Problems to train on. Default: all that are not held out.")
    private int problems;

    @Option(names = "--held-out", paramLabel = "FILE",
            description = "Problems to measure on. Default: the last ones of TASKS, which are then not trained on.")
    private Path heldOut;

    @Option(names = "--check-problems", defaultValue = "100", paramLabel = "N",
            description = "Held-out problems measured during training. Default: ${DEFAULT-VALUE}.")
    private int checkProblems;

    @Option(names = "--final-problems", defaultValue = "300", paramLabel = "N",
            description = "Held-out problems that the finished links are measured on; 0: none. Default: "
                    + "${DEFAULT-VALUE}.")
    private int finalProblems;

    @Option(names = "--start", defaultValue = CLOSED_FORM, paramLabel = "START",
            description = "closed-form, random, or a link file to go on from. Default: ${DEFAULT-VALUE}.")
    private String start;

    @Option(names = "--form", defaultValue = "tokens", paramLabel = "FORM",
            description = "How closed-form links are made: linear; mlp, with an MLP branch that adds nothing yet; tokens, "
                    + "whose inner links recognise the tokens of messages. Default: ${DEFAULT-VALUE}.")
    private ClosedFormLinks.Form form;

    @Option(names = "--fit-problems", defaultValue = "1200", paramLabel = "N",
            description = "Most problems to fit the closed form on. Default: ${DEFAULT-VALUE}.")
    private int fitProblems;

    @Option(names = "--lambda", defaultValue = "1e-4", paramLabel = "X",
            description = "Strength of the ridge, relative to the mean variance of the inputs. Default: "
                    + "${DEFAULT-VALUE}.")
    private double lambda;

    @Option(names = "--message-rows", paramLabel = "M",
            description = "Length of the messages to fit on: text, end token, fillers. 0: as long as the text. Default: "
                    + "the most latent steps.")
    private Integer rows;

    @Option(names = "--outer-branches", negatable = true, defaultValue = "true", fallbackValue = "true",
            description = "Whether linear outer links get an MLP branch to train, which adds nothing at the start. "
                    + "Default: they do.")
    private boolean outerBranches;

    @Option(names = "--target", paramLabel = "AGENT=FIELD",
            description = "Field of a problem that says what an agent should say. Default: solution for the deciding "
                    + "agent, plan for the others.")
    private Map<String, String> targets = new LinkedHashMap<>();

    @Option(names = "--slot", paramLabel = "AGENT.SLOT=FIELD",
            description = "Field of a problem that stands in a slot while texts are learned from. Default: the field of "
                    + "the slot's name, or else what the sender should say.")
    private Map<String, String> slots = new LinkedHashMap<>();

    @Option(names = "--end", paramLabel = "[AGENT=]TOKEN",
            description = "Token that ends a message of an agent, or of all others. Default: the one that ends a turn of "
                    + "the agent's chat format.")
    private List<String> ends = new ArrayList<>();

    @Option(names = "--filler", paramLabel = "[AGENT=]TOKEN",
            description = "Token that fills a message of an agent up, or of all others. Default: the model's padding "
                    + "token.")
    private List<String> fillers = new ArrayList<>();

    @Option(names = "--loop", defaultValue = "outer", paramLabel = "LOOP",
            description = "outer: by the deciding agent's text after real rollouts; teacher_forced: the same after passes "
                    + "in which senders are made to say their targets; inner: inner links, by the embedding of the next "
                    + "token. Default: ${DEFAULT-VALUE}.")
    private TrainingOptions.Loop loop;

    @Option(names = "--train-inner", description = "Train inner links in the outer loop too.")
    private boolean trainInner;

    @Option(names = "--truncate", defaultValue = "0", paramLabel = "N",
            description = "Let gradients pass at most N latent steps of a rollout in a row; 0: all. Default: "
                    + "${DEFAULT-VALUE}.")
    private int truncation;

    @Option(names = "--rounds", paramLabel = "N",
            description = "Each step draws 1 to N rounds. Default: the team's.")
    private Integer rounds;

    @Option(names = "--latent-steps", split = "-", arity = "1", paramLabel = "M",
            description = "Each step draws so many latent steps, e.g. 20-36. Default: 5/8 to 9/8 of the team's.")
    private List<Integer> latentSteps;

    @Option(names = "--steps", defaultValue = "400", paramLabel = "N",
            description = "Optimiser steps. Default: ${DEFAULT-VALUE}.")
    private int steps;

    @Option(names = "--batch", defaultValue = "32", paramLabel = "N",
            description = "Problems a step. Default: ${DEFAULT-VALUE}.")
    private int batch;

    @Option(names = "--micro-batch", defaultValue = "0", paramLabel = "N",
            description = "Problems at a time in each thread. Default: as many as the memory allows.")
    private int microBatch;

    @Option(names = "--memory", paramLabel = "GB",
            description = "Memory that may be used, in GB. Default: 60 %% of the machine's.")
    private Double memory;

    @Option(names = "--rate", paramLabel = "X",
            description = "Highest learning rate. Default: 2e-5, or 5e-4 after a random start.")
    private Double rate;

    @Option(names = "--warm-up", defaultValue = "20", paramLabel = "N",
            description = "Steps in which the rate rises. Default: ${DEFAULT-VALUE}.")
    private int warmUp;

    @Option(names = "--clip", defaultValue = "1", paramLabel = "X",
            description = "Largest norm of all gradients together. Default: ${DEFAULT-VALUE}.")
    private double clip;

    @Option(names = "--weight-decay", defaultValue = "0", paramLabel = "X",
            description = "Weight decay. Default: ${DEFAULT-VALUE}.")
    private double decay;

    @Option(names = "--seed", defaultValue = "1", paramLabel = "N", description = "Seed of all draws. Default: "
            + "${DEFAULT-VALUE}.")
    private long seed;

    @Option(names = "--threads", paramLabel = "N", description = "Worker threads. Default: one a processor.")
    private Integer threads;

    @Option(names = "--check-every", defaultValue = "50", paramLabel = "N",
            description = "Steps between measurements on held-out problems. Default: ${DEFAULT-VALUE}.")
    private int checkEvery;

    @Option(names = "--checkpoint-every", defaultValue = "25", paramLabel = "N",
            description = "Steps between checkpoints. Default: ${DEFAULT-VALUE}.")
    private int checkpointEvery;

    @Option(names = "--resume", description = "Continue from the checkpoint beside OUTPUT, with the same options.")
    private boolean resume;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        TrainingOptions options = options();
        LinkTraining.Data data = new LinkTraining.Data(tasks, problems, heldOut, checkProblems, finalProblems);
        LinkTraining.Outcome outcome = Interruption.run(stop -> LinkTraining.run(options, linkStart(options), data, resume,
                command(), new TrainingPrinter(out), new ProgressPrinter(out), stop));
        out.printf("%s: %d links%s%n", output, outcome.links().links.size(),
                outcome.stopped() ? ", the best so far; go on with --resume" : "");
        out.flush();
        return outcome.stopped() ? 130 : 0;
    }

    private TrainingOptions options() {
        Team file = TeamFiles.team(team);
        List<Integer> range = latentSteps != null ? latentSteps : TrainingOptions.usualSteps(file.latentSteps);
        if (range.size() > 2) {
            throw new InputException("--latent-steps", "it has " + range.size() + " numbers", "Give one, or two as 20-36",
                    null);
        }
        Set<String> agents = file.agents.stream().map(agent -> agent.id).collect(Collectors.toSet());
        double usualRate = TrainingOptions.usualRate(kind(), loop);
        return new TrainingOptions(team, models, new TeachingRules(targets, slots, TeachingRules.tokens(ends,
                agents), TeachingRules.tokens(fillers, agents), range.get(range.size()
                - 1)), loop, trainInner, truncation, rounds == null ? file.rounds : rounds, range.get(0), range.get(
                range.size() - 1), closedForm ? 0 : steps, batch, microBatch,
                TrainingOptions.memoryBytes(memory), rate == null ? usualRate : rate, warmUp, clip, decay, seed,
                threads == null ? Runtime.getRuntime().availableProcessors() : threads, checkEvery, checkpointEvery, output);
    }

    private LinkStart.Kind kind() {
        return start.equals(CLOSED_FORM) ? LinkStart.Kind.CLOSED_FORM : start.equals(RANDOM) ? LinkStart.Kind.RANDOM
                : LinkStart.Kind.FILE;
    }

    private LinkStart linkStart(TrainingOptions options) {
        LinkStart.Kind kind = kind();
        Path file = kind == LinkStart.Kind.FILE ? Path.of(start) : null;
        if (closedForm && kind != LinkStart.Kind.CLOSED_FORM) {
            throw new InputException("--start", "it is " + start + " although --closed-form asks for the closed form",
                    "Leave one of the two out", null);
        }
        if (file != null && !Files.exists(file)) {
            throw new InputException("--start", "there is no file " + start, "Name a link file, " + CLOSED_FORM + " or "
                    + RANDOM, null);
        }
        return new LinkStart(kind, file, lambda, form, fitProblems, rows == null ? options.mostSteps() : rows,
                outerBranches && !closedForm && loop != TrainingOptions.Loop.INNER, further());
    }

    private List<ClosedFormLinks.Further> further() {
        if (!also.isEmpty() && !closedForm) {
            throw new InputException("--also", "it is there without --closed-form", "Training by gradients is for one team: add "
                    + "--closed-form, or leave it out", null);
        }
        List<ClosedFormLinks.Further> further = new ArrayList<>();
        for (String each : also) {
            int at = each.lastIndexOf('=');
            further.add(new ClosedFormLinks.Further(Path.of(at < 0 ? each : each.substring(0, at)),
                    at < 0 ? tasks : Path.of(each.substring(at + 1))));
        }
        return further;
    }

    /** The command as it was typed. */
    private String command() {
        ParseResult root = spec.commandLine().getParent() == null ? spec.commandLine().getParseResult()
                : spec.commandLine().getParent().getParseResult();
        StringBuilder text = new StringBuilder(ToolVersion.NAME);
        for (String argument : root.originalArgs()) {
            text.append(' ').append(argument.matches("[A-Za-z0-9_./:=,+-]+") ? argument : "'" + argument + "'");
        }
        return text.toString();
    }
}
