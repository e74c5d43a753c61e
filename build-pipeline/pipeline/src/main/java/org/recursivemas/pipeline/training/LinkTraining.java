package org.recursivemas.pipeline.training;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.recursivemas.data.LinkFile;
import org.recursivemas.measure.Wilson;
import org.recursivemas.pipeline.InputException;
import org.recursivemas.pipeline.Progress;
import org.recursivemas.pipeline.convert.StagedFile;
import org.recursivemas.pipeline.links.TeamFiles;
import org.recursivemas.pipeline.twin.WorkerPool;
import org.recursivemas.team.TeamPlan;

/**
 * Makes a team's links from start to end: closed form, file or random start, gradient training, measurement, and all
 * files that come of it.
 */
public final class LinkTraining {
    private static final int LEAST_CLOSED_FORM_CHECKS = 1;
    private static final int CLOSED_FORM_CHECKS = 60;
    /** Where no other problems are held out, at most one in so many of the tasks is. */
    private static final int LARGEST_HELD_OUT_SHARE = 4;

    /**
     * What to learn and to measure on.
     *
     * @param tasks training problems, JSON lines
     * @param problems most of them to train on; 0 for all
     * @param heldOut other problems; null to keep back the last ones of {@code tasks},
     *     a quarter of them at most
     * @param checkProblems held-out problems that are measured during training
     * @param finalProblems held-out problems that the finished links are measured on; 0 for none
     */
    public record Data(Path tasks, int problems, Path heldOut, int checkProblems, int finalProblems) {
        /** Refuses impossible numbers. */
        public Data {
            if (problems < 0 || checkProblems < 1 || finalProblems < 0) {
                throw new InputException("--problems, --check-problems, --final-problems", "they are " + problems + ", "
                        + checkProblems + ", " + finalProblems, "Use at least 1 check problem, else 0 or more", null);
            }
        }
    }

    /**
     * What came of it.
     *
     * @param links the link file as written
     * @param stopped whether it was stopped early
     * @param cosines of links in closed form, by link id; empty when training did not start from them
     * @param answers right answers of the finished links
     * @param seconds of training steps
     */
    public record Outcome(LinkFile links, boolean stopped, Map<String, Double> cosines, List<Answered> answers,
            double seconds) {
    }

    /**
     * Right answers at one depth.
     *
     * @param rounds n
     * @param latentSteps m
     * @param right of {@code problems}
     */
    public record Answered(int rounds, int latentSteps, int right, int problems) {
        @Override
        public String toString() {
            Wilson interval = Wilson.of(right, problems);
            return String.format(Locale.ROOT, "%d of %d right, %.1f %% (95 %% interval %.1f to %.1f %%)", right,
                    problems, 100.0 * right / problems, 100 * interval.low(), 100 * interval.high());
        }
    }

    private final TrainingOptions options;
    private final LinkStart start;
    private final Data data;
    private final String command;
    private final TrainingListener listener;
    private final Progress progress;
    private final BooleanSupplier stop;
    private Map<String, Double> cosines = Map.of();
    /** Of all teams, in closed form; null when training did not start there. */
    private LinkFile closedForm;

    private LinkTraining(TrainingOptions options, LinkStart start, Data data, String command,
            TrainingListener listener, Progress progress, BooleanSupplier stop) {
        this.options = options;
        this.start = start;
        this.data = data;
        this.command = command;
        this.listener = listener;
        this.progress = progress;
        this.stop = stop;
    }

    /**
     * Runs everything and writes the files.
     *
     * @param resume whether to continue from the checkpoint beside the output
     * @param command as a person would type it, for the model card
     * @param stop asked often; when it says so, the best links so far are written
     * @throws InputException when a file or an option is unusable, or a number is not finite
     */
    public static Outcome run(TrainingOptions options, LinkStart start, Data data, boolean resume, String command,
            TrainingListener listener, Progress progress, BooleanSupplier stop) {
        return new LinkTraining(options, start, data, command, listener, progress, stop).run(resume);
    }

    private Outcome run(boolean resume) {
        StagedFile.check(options.output(), true);
        Path checkpointFile = options.beside(".checkpoint");
        TrainingCheckpoint checkpoint = resume ? TrainingCheckpoint.read(checkpointFile) : null;
        TeamPlan.of(TeamFiles.team(options.teamFile()), options.teamFile().toString());
        List<Map<String, String>> all = TeamFiles.problems(data.tasks(), 0, Integer.MAX_VALUE, List.of("question"));
        int count = all.size();
        if (data.heldOut() == null) {
            count -= Math.max(1, Math.min(all.size() / LARGEST_HELD_OUT_SHARE, Math.max(data.checkProblems(),
                    data.finalProblems())));
            if (count < 1) {
                throw new InputException(data.tasks(), null, "one problem is not enough to train and to measure on",
                        "Name a larger file, or other problems with --held-out");
            }
        }
        List<Map<String, String>> tasks = all.subList(0, data.problems() == 0 ? count : Math.min(count,
                data.problems()));
        List<Map<String, String>> heldOut = data.heldOut() == null ? all.subList(count, all.size())
                : TeamFiles.problems(data.heldOut(), 0, Math.max(data.checkProblems(), data.finalProblems()),
                        List.of("question", "answer"));
        int workers = TorchEngine.get().gpu() ? 1 : options.threads();
        TorchEngine.get().operationThreads(Math.max(1, options.threads() / workers));
        try (TrainedTeam team = new TrainedTeam(options.teamFile(), options.models()).trainable();
                WorkerPool<Object> pool = new WorkerPool<>(workers, Object::new)) {
            options.rules().check(team.plan());
            LinkSet fitted = checkpoint == null && start.kind() == LinkStart.Kind.CLOSED_FORM
                    ? fit(team, pool, tasks.size()) : null;
            LinkSet begin = start(team, fitted, checkpoint);
            MemoryEstimate memory = MemoryEstimate.of(team, begin, options, tasks);
            int microBatch = options.steps() == 0 ? 1 : memory.microBatch(options, workers);
            int measured = memory.measuredBatch(options, workers);
            listener.note(memory.describe(options, microBatch, workers));
            Map<String, String> facts = facts(team, tasks.size(), microBatch, measured, workers);
            LinkTrainer trainer = new LinkTrainer(options, team, begin, tasks, heldOut.subList(0, Math.min(
                    heldOut.size(), data.checkProblems())), facts, microBatch, measured, pool, listener, stop);
            LinkTrainer.Result result = checkpoint == null ? trainer.train() : trainer.resume(checkpoint,
                    checkpointFile);
            return finish(team, facts, memory.describe(options, microBatch, workers), result, heldOut, measured, pool);
        }
    }

    private LinkSet fit(TrainedTeam team, WorkerPool<Object> pool, int tasks) {
        int checks = Math.max(LEAST_CLOSED_FORM_CHECKS, Math.min(CLOSED_FORM_CHECKS, tasks / 10));
        if (tasks <= checks) {
            throw new InputException(data.tasks(), null, tasks + " problems are too few to fit links",
                    "Name a larger file, or start from --start random");
        }
        ClosedFormLinks.Result result = ClosedFormLinks.run(new ClosedFormLinks.Options(options.teamFile(),
                options.models(), data.tasks(), Math.min(start.problems(), tasks - checks), checks,
                options.rules().withRows(start.messageRows()), start.lambda(), start.form(), options.seed(),
                options.threads(), start.further()), team, pool, progress, stop);
        cosines = result.cosines();
        closedForm = result.links();
        cosines.forEach((id, cosine) -> listener.note(String.format(Locale.ROOT, "link %s: mean cosine %.4f", id,
                cosine)));
        listener.note(String.format(Locale.ROOT, "closed form: %d links from %d positions in %.0f s",
                result.links().links.size(), result.pairs(), result.seconds()));
        return LinkSet.of(result.plan(), result.links(), "links in closed form");
    }

    private LinkSet start(TrainedTeam team, LinkSet fitted, TrainingCheckpoint checkpoint) {
        LinkSet links;
        if (checkpoint != null) {
            return checkpoint.shapes(team.plan());
        } else if (fitted != null) {
            links = fitted;
        } else if (start.kind() == LinkStart.Kind.FILE) {
            links = LinkSet.of(team.plan(), TeamFiles.links(start.file()), start.file().toString());
        } else {
            links = LinkSet.random(team.plan(), team.embeddingRms(), options.seed());
        }
        return start.outerBranches() ? links.withOuterBranches(options.seed()) : links;
    }

    private Map<String, String> facts(TrainedTeam team, int problems, int microBatch, int measured, int workers) {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("method", options.steps() == 0 ? "no gradient" : "gradient through rollouts");
        facts.put("start", switch (start.kind()) {
            case CLOSED_FORM -> "closed form: ridge regression, form " + start.form().name().toLowerCase(Locale.ROOT)
                    + ", " + Math.min(start.problems(), problems) + " problems, lambda " + start.lambda()
                    + ", message rows " + start.messageRows();
            case FILE -> start.file().getFileName().toString();
            case RANDOM -> "random, last gain at the reader's embedding RMS";
        });
        facts.put("outer branches", Boolean.toString(start.outerBranches()));
        facts.put("tasks", data.tasks().getFileName().toString());
        facts.put("problems", Integer.toString(problems));
        if (options.steps() > 0) {
            facts.putAll(options.facts());
            facts.put("problems at a time", microBatch + " in each of " + workers + " workers");
            facts.put("problems measured at a time", "at most " + measured + " in each of " + workers + " workers");
            facts.put("engine", TorchEngine.get().description());
        } else {
            facts.put("seed", Long.toString(options.seed()));
        }
        if (!start.further().isEmpty()) {
            facts.put("also fitted on", start.further().stream().map(further -> further.teamFile().getFileName() + " with "
                    + further.tasks().getFileName()).collect(Collectors.joining(", ")));
        }
        team.digests().forEach((agent, digest) -> facts.put("weights of " + agent, digest));
        return facts;
    }

    private Outcome finish(TrainedTeam team, Map<String, String> facts, String memory, LinkTrainer.Result result,
            List<Map<String, String>> heldOut, int measured, WorkerPool<Object> pool) {
        List<Answered> answers = new ArrayList<>();
        List<Map<String, String>> last = heldOut.subList(0, Math.min(heldOut.size(), data.finalProblems()));
        int latentSteps = Math.max(1, team.file().latentSteps);
        for (int rounds = 1; !last.isEmpty() && !result.stopped() && rounds <= (team.plan().hasFeedback()
                ? options.rounds() : 1); rounds++) {
            int right = Answering.right(team, result.links(), new TeamPass.Settings(rounds, latentSteps, 0), last,
                    measured, pool, stop);
            if (right < 0) {
                break;
            }
            answers.add(new Answered(rounds, latentSteps, right, last.size()));
            listener.note("rounds " + rounds + ": " + answers.get(answers.size() - 1));
        }
        LinkFile file = new LinkFile();
        file.format = LinkFile.FORMAT;
        file.version = LinkFile.VERSION;
        file.team = team.plan().id();
        file.agents.putAll(team.digests());
        file.links.addAll(result.links().entries());
        if (!start.further().isEmpty()) {
            addFurther(file);
        }
        facts.keySet().removeIf(fact -> fact.startsWith("weights of "));
        file.training.putAll(facts);
        if (options.steps() > 0) {
            file.training.put("steps done", Integer.toString(result.step()));
            file.training.put("best after step", Integer.toString(result.bestStep()));
        }
        cosines.forEach((id, cosine) -> file.training.put("mean cosine at the start, " + id, String.format(Locale.ROOT,
                "%.4f", cosine)));
        answers.forEach(answer -> file.training.put("held-out accuracy, rounds " + answer.rounds() + ", m "
                + answer.latentSteps(), answer.toString()));
        TeamFiles.write(options.output(), TeamFiles.json(file));
        boolean plotted = result.metrics().size() > 1;
        if (plotted) {
            StagedFile.write(options.beside(".training.svg"), TrainingPlot.svg("Links of team " + team.plan().id(),
                    result.metrics()));
        }
        TeamFiles.write(options.beside(".md"), new ModelCard(options, command, facts, memory, result, answers, cosines,
                heldOut.size(), plotted).markdown(team));
        if (!result.stopped()) {
            deleteCheckpoint();
        }
        return new Outcome(file, result.stopped(), cosines, answers, result.seconds());
    }

    /** The links that only the further teams have. */
    private void addFurther(LinkFile file) {
        file.alsoFor = closedForm.alsoFor;
        Set<String> known = file.links.stream().map(link -> link.id).collect(Collectors.toSet());
        closedForm.links.stream().filter(link -> !known.contains(link.id)).forEach(file.links::add);
        file.agents.putAll(closedForm.agents);
    }

    private void deleteCheckpoint() {
        Path file = options.beside(".checkpoint");
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new InputException(file.toString(), "the checkpoint of the finished training cannot be removed (" + e
                    + ")", "Remove it yourself", e);
        }
    }
}
