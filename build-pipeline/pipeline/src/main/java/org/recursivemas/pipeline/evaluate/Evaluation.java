package org.recursivemas.pipeline.evaluate;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.recursivemas.data.LinkFile;
import org.recursivemas.data.ModeReport;
import org.recursivemas.data.Team;
import org.recursivemas.engine.EngineException;
import org.recursivemas.engine.LatentDevice;
import org.recursivemas.engine.RunControl;
import org.recursivemas.measure.Wilson;
import org.recursivemas.pipeline.InputException;
import org.recursivemas.pipeline.Progress;
import org.recursivemas.pipeline.ToolVersion;
import org.recursivemas.pipeline.links.TeamFiles;
import org.recursivemas.pipeline.training.PromptTooLong;
import org.recursivemas.pipeline.training.TorchAnswers;
import org.recursivemas.pipeline.twin.TeamModels;
import org.recursivemas.pipeline.twin.TwinDevice;
import org.recursivemas.pipeline.twin.WorkerPool;
import org.recursivemas.playground.RunRequest;
import org.recursivemas.team.LinkIndex;
import org.recursivemas.team.Mode;
import org.recursivemas.team.RecursiveTeam;
import org.recursivemas.team.TeamListener;
import org.recursivemas.team.TeamPlan;
import org.recursivemas.together.EncodedHandOffs;
import org.recursivemas.together.LatentEncoding;
import org.recursivemas.tools.ToolBox;

/**
 * Runs a team on a task file in several ways, greedily, on the twin or on PyTorch. Every problem is run in all ways
 * before the next, so that an interrupted evaluation compares the ways on the same problems.
 */
public final class Evaluation {
    private static final ObjectMapper LINES = new ObjectMapper();

    /**
     * What to do.
     *
     * @param teamFile the team file
     * @param models folder with the agents' models by agent id; null for the paths in the team file
     * @param links the link file; null for the one in the team file. Not read unless a latent mode is asked for
     * @param tasks held-out problems (JSON lines with question and answer)
     * @param skip problems to leave out at the beginning
     * @param problems most problems to run
     * @param modes out of {@link Mode}
     * @param rounds depths of the latent and text modes
     * @param latentSteps message lengths m of the latent mode
     * @param stopEarly mean cosine of two rounds' messages from which a latent run ends, as {@link RunRequest#stoppingEarly}; 0
     *     for all rounds
     * @param retrieval most messages that a hand-off brings, as {@link RunRequest#retrieving}; 0 for the newest alone
     * @param latents how latents are written between agents: the id of a {@link LatentEncoding}
     * @param threads worker threads
     * @param report JSON report to write; null for none
     * @param table Markdown table to write; null for none
     * @param details JSON lines with every answer to write; null for none
     */
    public record Options(Path teamFile, Path models, Path links, Path tasks, int skip, int problems,
            List<String> modes, List<Integer> rounds, List<Integer> latentSteps, double stopEarly, int retrieval,
            String latents, int threads,
            Path report, Path table, Path details) {
        public Options {
            require("modes", !modes.isEmpty() && List.of(Mode.LATENT, Mode.TEXT, Mode.SINGLE).containsAll(modes), modes,
                    "Name latent, text, single or several of them");
            require("rounds", !rounds.isEmpty() && rounds.stream().allMatch(n -> n >= 1 && n <= TeamPlan.MAX_ROUNDS),
                    rounds, "Use 1 to " + TeamPlan.MAX_ROUNDS);
            require("latent steps", latentSteps.stream().allMatch(m -> m >= 0 && m <= TeamPlan.MAX_LATENT_STEPS)
                    && (!latentSteps.isEmpty() || !modes.contains(Mode.LATENT)), latentSteps,
                    "Use 0 to " + TeamPlan.MAX_LATENT_STEPS);
            require("stop early", stopEarly >= 0 && stopEarly <= 1, stopEarly, "Use 0 (never) to 1");
            require("retrieval", retrieval >= 0 && retrieval <= RunRequest.MOST_RETRIEVED, retrieval,
                    "Use 1 to " + RunRequest.MOST_RETRIEVED + ", or 0 for the newest message alone");
            require("latents", Arrays.stream(LatentEncoding.values()).anyMatch(known -> known.id().equals(latents)),
                    latents, "Use f32, f16 or int8");
            require("problems", problems >= 1, problems, "Use at least 1");
            require("skip", skip >= 0, skip, "Use 0 or more");
            require("threads", threads >= 1, threads, "Use at least 1");
        }

        private static void require(String option, boolean good, Object value, String remedy) {
            if (!good) {
                throw new InputException(option, "it is " + value, remedy, null);
            }
        }
    }

    /** Where a team is run. */
    public enum Engine {
        /** Plain Java, one problem a thread. */
        TWIN,
        /** Several problems at a time. */
        PYTORCH
    }

    /** Problems at a time in each thread on PyTorch, where nothing else is said. */
    public static final int USUAL_BATCH = 32;

    /** One way of answering. */
    private record Way(String mode, int rounds, int latentSteps) {
    }

    /** One problem answered in one way: a report, or a failure's message. */
    private record Outcome(ModeReport report, String failure) {
        boolean cancelled() {
            return report != null && report.finish.equals("cancelled");
        }
    }

    private final Options options;
    /** Problems at a time on PyTorch; 0 for the twin. */
    private final int batch;
    private final Progress progress;
    private final RunControl control;
    private final Team team;
    private final TeamPlan plan;
    private final Path linkPath;
    private final LinkFile links;
    private final List<Way> ways = new ArrayList<>();
    private final List<Map<String, String>> tasks;

    private Evaluation(Options options, int batch, Progress progress, RunControl control) {
        this.options = options;
        this.batch = batch;
        this.progress = progress;
        this.control = control;
        team = TeamFiles.team(options.teamFile());
        plan = TeamPlan.of(team, options.teamFile().toString());
        requirePossible();
        for (String mode : options.modes()) {
            if (mode.equals(Mode.SINGLE)) {
                ways.add(new Way(mode, 1, 0));
                continue;
            }
            for (int m : mode.equals(Mode.LATENT) ? options.latentSteps() : List.of(0)) {
                for (int n : options.rounds()) {
                    ways.add(new Way(mode, n, m));
                }
            }
        }
        linkPath = !options.modes().contains(Mode.LATENT) ? null : linkPath(options, team);
        links = linkPath == null ? null : TeamFiles.links(linkPath);
        requireLinks();
        tasks = TeamFiles.problems(options.tasks(), options.skip(), options.problems(), List.of("question", "answer"));
    }

    private void requirePossible() {
        if (batch > 0 && !plan.tools().isEmpty()) {
            throw new InputException(options.teamFile(), "tools", "PyTorch answers in batches, which cannot call tools",
                    "Evaluate without --engine pytorch");
        }
        if (options.modes().contains(Mode.SINGLE) && plan.decider().alone() == null) {
            throw new InputException(options.teamFile(), "agent \"" + plan.decider().id() + "\", user_alone",
                    "the field is missing, so this agent cannot work alone",
                    "Add the prompt or leave out the mode single");
        }
        if (!plan.hasFeedback() && !options.modes().equals(List.of(Mode.SINGLE))
                && options.rounds().stream().anyMatch(n -> n > 1)) {
            throw new InputException(options.teamFile(), "hand_offs",
                    "there is no feedback, so the team can run 1 round only", "Evaluate with --rounds 1");
        }
    }

    /** What the links do not allow is refused before anything is loaded. */
    private void requireLinks() {
        for (Way way : ways) {
            String lacking = way.mode().equals(Mode.LATENT)
                    ? LinkIndex.of(links).fault(plan, way.rounds(), way.latentSteps()) : null;
            if (lacking != null) {
                throw new InputException(linkPath, "links", lacking, "Or evaluate the team with --modes text,single");
            }
        }
    }

    private static Path linkPath(Options options, Team team) {
        if (options.links() != null) {
            return options.links();
        }
        if (team.links == null) {
            throw new InputException(options.teamFile(), "links", "the field is missing",
                    "Give --links with the team's recursivelink.json");
        }
        return options.teamFile().toAbsolutePath().resolveSibling(team.links);
    }

    /**
     * Runs everything and writes the files that the options name.
     *
     * @param control asked between positions; when it says to stop, the report covers the problems that were finished
     * @throws InputException when a file is unusable, or when it was stopped before the first problem was finished
     */
    public static EvaluationReport run(Options options, Progress progress, RunControl control) {
        return new Evaluation(options, 0, progress, control).run();
    }

    /**
     * As the other one, on PyTorch, which answers several problems at a time: what large models need. Seconds a problem are
     * those of its batch, divided by the problems in it.
     *
     * @param batch problems at a time in each thread, at least 1
     */
    public static EvaluationReport runOnPyTorch(Options options, int batch, Progress progress, RunControl control) {
        if (batch < 1) {
            throw new InputException("--batch", "it is " + batch, "Use at least 1", null);
        }
        if (options.stopEarly() > 0) {
            throw new InputException("--stop-early " + options.stopEarly(), "PyTorch runs all problems of a batch to the same depth",
                    "Use --engine twin", null);
        }
        if (options.retrieval() > 0) {
            throw new InputException("--retrieval " + options.retrieval(), "PyTorch hands over the newest messages only",
                    "Use --engine twin, or --retrieval 0", null);
        }
        return new Evaluation(options, batch, progress, control).run();
    }

    /**
     * On the engine of choice.
     *
     * @param batch problems at a time in each thread, for PyTorch
     */
    public static EvaluationReport run(Options options, Engine engine, int batch, Progress progress, RunControl control) {
        return engine == Engine.PYTORCH ? runOnPyTorch(options, batch, progress, control)
                : run(options, progress, control);
    }

    /** No latent steps, as a control, and as many as the team file says. */
    public static List<Integer> usualLatentSteps(Path teamFile) {
        int usual = TeamFiles.team(teamFile).latentSteps;
        return usual == 0 ? List.of(0) : List.of(0, usual);
    }

    /** Messages that a hand-off brings, as the team file says. */
    public static int usualRetrieval(Path teamFile) {
        return TeamFiles.team(teamFile).retrieval;
    }

    /** A report as a Markdown table. */
    public static String markdown(EvaluationReport report) {
        return EvaluationTable.markdown(report);
    }

    private EvaluationReport run() {
        long start = System.nanoTime();
        List<List<Outcome>> finished = new ArrayList<>();
        Map<String, String> artifacts = new LinkedHashMap<>();
        if (batch > 0) {
            answerOnPyTorch(finished, artifacts);
        } else {
            answerOnTwin(finished, artifacts);
        }
        if (finished.isEmpty()) {
            throw new InputException("evaluation", "it was stopped before the first problem was finished",
                    "Run it again", null);
        }
        artifacts.put("tasks", sha256(options.tasks()));
        if (linkPath != null) {
            artifacts.put("links", sha256(linkPath));
            artifacts.put("encoding of latents", options.latents());
            if (options.stopEarly() > 0) {
                artifacts.put("stop early", Double.toString(options.stopEarly()));
            }
        }
        if (options.retrieval() > 0) {
            artifacts.put("retrieval", Integer.toString(options.retrieval()));
        }
        EvaluationReport report = new EvaluationReport(EvaluationReport.FORMAT, EvaluationReport.VERSION,
                ToolVersion.NAME + " " + ToolVersion.VERSION, plan.id(), options.tasks().getFileName().toString(),
                options.skip(), finished.size(), tasks.size(), options.threads(), (System.nanoTime() - start) / 1e9,
                artifacts, rows(finished));
        write(report, finished);
        return report;
    }

    private void answerOnTwin(List<List<Outcome>> finished, Map<String, String> artifacts) {
        ToolBox tools = TeamFiles.tools(options.teamFile(), plan);
        try (TeamModels models = TeamModels.load(options.teamFile(), team, options.models());
                WorkerPool<RecursiveTeam> pool = new WorkerPool<>(options.threads(), () -> new RecursiveTeam(plan,
                        models.languageModels(), device(), links, () -> System.nanoTime() / 1e6, tools))) {
            models.digests().forEach((agent, digest) -> artifacts.put("model of " + agent, digest));
            pool.run(tasks.size(), (worker, item) -> answer(worker, tasks.get(item)), (item, outcomes) -> {
                if (outcomes.size() < ways.size() || outcomes.stream().anyMatch(Outcome::cancelled)) {
                    return false;
                }
                finished.add(outcomes);
                progress.update("evaluating problems", finished.size(), tasks.size());
                return true;
            });
        }
    }

    private void answerOnPyTorch(List<List<Outcome>> finished, Map<String, String> artifacts) {
        try (TorchAnswers torch = new TorchAnswers(options.teamFile(), options.models(), links,
                String.valueOf(linkPath), LatentEncoding.of(options.latents()))) {
            artifacts.put("engine", "PyTorch");
            torch.digests().forEach((agent, digest) -> artifacts.put("model of " + agent, digest));
            int threads = torch.threads(options.threads());
            int size = Math.max(1, Math.min(batch, (tasks.size() + threads - 1) / threads));
            try (WorkerPool<Object> pool = new WorkerPool<>(threads, Object::new)) {
                pool.run((tasks.size() + size - 1) / size, (worker, item) -> answer(torch, tasks.subList(item * size,
                        Math.min(tasks.size(), (item + 1) * size))), (item, outcomes) -> {
                            finished.addAll(outcomes);
                            progress.update("evaluating problems", finished.size(), tasks.size());
                            return !outcomes.isEmpty();
                        });
            }
        }
    }

    /** Answers a batch in all ways, outcomes by problem; none when it was stopped. */
    private List<List<Outcome>> answer(TorchAnswers torch, List<Map<String, String>> problems) {
        List<List<Outcome>> outcomes = new ArrayList<>();
        problems.forEach(problem -> outcomes.add(new ArrayList<>()));
        for (Way way : ways) {
            if (control.cancelled()) {
                return List.of();
            }
            List<Outcome> answered = answer(torch, way, problems);
            for (int i = 0; i < answered.size(); i++) {
                outcomes.get(i).add(answered.get(i));
            }
        }
        return outcomes;
    }

    /**
     * A problem whose prompt is too long, or whose message cannot be handed over, fails alone: the others of its batch are
     * answered without it.
     */
    private static List<Outcome> answer(TorchAnswers torch, Way way, List<Map<String, String>> problems) {
        try {
            return torch.answer(way.mode(), way.rounds(), way.latentSteps(), problems).stream()
                    .map(report -> new Outcome(report, null)).toList();
        } catch (PromptTooLong | EngineException e) {
            if (problems.size() == 1) {
                return List.of(new Outcome(null, e.getMessage()));
            }
            int half = problems.size() / 2;
            List<Outcome> outcomes = new ArrayList<>(answer(torch, way, problems.subList(0, half)));
            outcomes.addAll(answer(torch, way, problems.subList(half, problems.size())));
            return outcomes;
        }
    }

    private LatentDevice device() {
        LatentEncoding encoding = LatentEncoding.of(options.latents());
        return encoding == LatentEncoding.F32 ? new TwinDevice() : new EncodedHandOffs(new TwinDevice(), encoding);
    }

    /** Answers one problem in all ways; fewer outcomes than ways when it was stopped. */
    private List<Outcome> answer(RecursiveTeam worker, Map<String, String> task) {
        List<Outcome> outcomes = new ArrayList<>();
        for (Way way : ways) {
            if (control.cancelled()) {
                return outcomes;
            }
            RunRequest request = new RunRequest(task.get("question"), task.get("answer"), way.rounds(),
                    way.latentSteps(), 0, 0, List.of(way.mode()), Map.of()).stoppingEarly(options.stopEarly())
                    .retrieving(options.retrieval());
            try {
                outcomes.add(new Outcome(worker.answer(way.mode(), request, TeamListener.NONE, control), null));
            } catch (EngineException e) {
                outcomes.add(new Outcome(null, e.getMessage()));
            }
        }
        return outcomes;
    }

    private List<EvaluationReport.Row> rows(List<List<Outcome>> finished) {
        List<EvaluationReport.Row> rows = new ArrayList<>();
        for (int w = 0; w < ways.size(); w++) {
            int correct = 0;
            int failed = 0;
            String firstFailure = null;
            double rounds = 0;
            double tokens = 0;
            double steps = 0;
            double positions = 0;
            double millis = 0;
            for (List<Outcome> outcomes : finished) {
                Outcome outcome = outcomes.get(w);
                if (outcome.report() == null) {
                    failed++;
                    firstFailure = firstFailure == null ? outcome.failure() : firstFailure;
                    continue;
                }
                correct += Boolean.TRUE.equals(outcome.report().correct) ? 1 : 0;
                rounds += outcome.report().rounds;
                tokens += outcome.report().decodedTokens;
                steps += outcome.report().latentStepsTotal;
                positions += outcome.report().positions;
                millis += outcome.report().millis;
            }
            int n = finished.size();
            int measured = Math.max(1, n - failed);
            Wilson interval = Wilson.of(correct, n);
            rows.add(new EvaluationReport.Row(ways.get(w).mode(), ways.get(w).rounds(), ways.get(w).latentSteps(),
                    correct, (double) correct / n, interval.low(), interval.high(), rounds / measured, tokens / measured, steps / measured,
                    positions / measured, millis / 1e3 / measured, failed, firstFailure));
        }
        return rows;
    }

    private void write(EvaluationReport report, List<List<Outcome>> finished) {
        if (options.report() != null) {
            TeamFiles.write(options.report(), TeamFiles.json(report));
        }
        if (options.table() != null) {
            TeamFiles.write(options.table(), EvaluationTable.markdown(report));
        }
        if (options.details() != null) {
            TeamFiles.write(options.details(), details(finished));
        }
    }

    /**
     * One line a problem and way: question, expected answer, way, text, answer, whether it is right, or the failure.
     */
    private String details(List<List<Outcome>> finished) {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < finished.size(); i++) {
            for (int w = 0; w < ways.size(); w++) {
                Outcome outcome = finished.get(i).get(w);
                Map<String, Object> line = new LinkedHashMap<>();
                line.put("problem", options.skip() + i + 1);
                line.put("question", tasks.get(i).get("question"));
                line.put("expected", tasks.get(i).get("answer"));
                line.put("mode", ways.get(w).mode());
                line.put("rounds", ways.get(w).rounds());
                line.put("latent_steps", ways.get(w).latentSteps());
                if (outcome.report() == null) {
                    line.put("failure", outcome.failure());
                } else {
                    line.put("rounds_run", outcome.report().rounds);
                    if (outcome.report().stopEarly > 0) {
                        line.put("agreements", outcome.report().agreements);
                    }
                    if (outcome.report().retrieval > 0) {
                        line.put("candidates", candidates(outcome.report()));
                    }
                    line.put("text", outcome.report().text);
                    line.put("answer", outcome.report().answer);
                    line.put("correct", outcome.report().correct);
                }
                try {
                    lines.append(LINES.writeValueAsString(line)).append('\n');
                } catch (JsonProcessingException e) {
                    throw new IllegalStateException("plain data can be written", e);
                }
            }
        }
        return lines.toString();
    }

    /** What each stage could be given and what it was given. */
    private static List<Map<String, Object>> candidates(ModeReport report) {
        List<Map<String, Object>> candidates = new ArrayList<>();
        report.stages.forEach(stage -> stage.candidates.forEach(candidate -> {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("reader", stage.agent);
            entry.put("in_round", stage.round);
            entry.put("slot", candidate.slot);
            entry.put("from", candidate.from);
            entry.put("round", candidate.round);
            entry.put("score", candidate.score);
            entry.put("chosen", candidate.chosen);
            candidates.add(entry);
        }));
        return candidates;
    }

    private static String sha256(Path file) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": it cannot be read", e);
        }
    }
}
