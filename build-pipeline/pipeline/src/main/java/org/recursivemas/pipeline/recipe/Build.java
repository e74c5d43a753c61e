package org.recursivemas.pipeline.recipe;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.recursivemas.compiler.Quantization;
import org.recursivemas.data.AgentSpec;
import org.recursivemas.data.Team;
import org.recursivemas.pipeline.Fingerprint;
import org.recursivemas.pipeline.InputException;
import org.recursivemas.pipeline.Progress;
import org.recursivemas.pipeline.ToolVersion;
import org.recursivemas.pipeline.checkpoint.WeightDigest;
import org.recursivemas.pipeline.convert.JsonFiles;
import org.recursivemas.pipeline.convert.StagedFile;
import org.recursivemas.pipeline.convert.StagedFolder;
import org.recursivemas.pipeline.evaluate.Evaluation;
import org.recursivemas.pipeline.hub.HubFetch;
import org.recursivemas.pipeline.hub.HuggingFace;
import org.recursivemas.pipeline.imports.TeamImport;
import org.recursivemas.pipeline.links.TeachingRules;
import org.recursivemas.pipeline.links.TeamFiles;
import org.recursivemas.pipeline.release.PackageManifest;
import org.recursivemas.pipeline.release.PackageManifest.Provenance;
import org.recursivemas.pipeline.release.PackageWriter;
import org.recursivemas.pipeline.training.ClosedFormLinks;
import org.recursivemas.pipeline.training.LinkTraining;
import org.recursivemas.pipeline.training.TrainingListener;
import org.recursivemas.pipeline.training.TrainingOptions;
import org.recursivemas.team.Mode;
import org.recursivemas.together.LatentEncoding;

/**
 * Makes a package from a recipe: fetches, converts and compiles, makes links, measures, packs. The plan is known before
 * anything is done; what an earlier run made from the same inputs is used again.
 */
public final class Build {
    private static final String STAMP = "package.json";
    static final String LINK_FILE = "recursivelink.json";
    private static final String CHECKPOINT = "recursivelink.checkpoint";

    /**
     * What to do.
     *
     * @param recipe the recipe
     * @param output the package's folder
     * @param work keeps what the stages make; one build at a time uses it
     * @param parallel downloads at once
     * @param threads of training and measuring
     */
    public record Options(Path recipe, Path output, Path work, int parallel, int threads) {
    }

    /**
     * Hears how a build goes.
     *
     * @param progress of a stage
     * @param training of links
     * @param log hears the plan and every stage
     * @param interruption runs what can be asked to end
     */
    public record Watcher(Progress progress, TrainingListener training, Consumer<String> log,
            Interruption interruption) {
    }

    /** Runs work that can be asked to end. */
    @FunctionalInterface
    public interface Interruption {
        /** Runs training, which asks its argument often whether it should end. */
        LinkTraining.Outcome run(Function<BooleanSupplier, LinkTraining.Outcome> work);
    }

    /** Training was asked to end; another run of the build goes on. */
    public static final class Stopped extends RuntimeException {
        private static final long serialVersionUID = 1;

        Stopped(String message) {
            super(message);
        }
    }

    /** A checkpoint and where it is, or will be. */
    private record Checkpoint(Path folder, String key, Provenance provenance) {
    }

    /** A model of the package: its agents, what it is made from and where it will be. */
    private record Planned(String id, List<String> agents, Checkpoint checkpoint, Path built) {
        Path model() {
            return built.resolve(ModelBuild.MODEL);
        }

        Path library() {
            return built.resolve(ModelBuild.LIBRARY);
        }
    }

    private final Options options;
    private final Recipe recipe;
    private final Supplier<HuggingFace> hub;
    private final Watcher watcher;
    private final Progress progress;
    private final Consumer<String> log;
    private final KnownDigests digests;
    private final String program = new Fingerprint().addProgram().hex();
    private final List<Stage> stages = new ArrayList<>();
    private final Map<Recipe.Source, Checkpoint> checkpoints = new LinkedHashMap<>();
    private final List<Planned> models = new ArrayList<>();
    private Team team;
    private PublishedStages published;

    private Build(Options options, Supplier<HuggingFace> hub, Watcher watcher) {
        this.options = options;
        this.recipe = Recipe.read(options.recipe());
        this.hub = hub;
        this.watcher = watcher;
        this.progress = watcher.progress();
        this.log = watcher.log();
        this.digests = new KnownDigests(options.work().resolve("digests.json"));
    }

    /**
     * Prints the plan and, unless told not to, carries it out.
     *
     * @param planOnly whether to stop after the plan
     * @param hub gives the hub; asked only when the recipe names one
     * @param watcher hears how it goes
     * @return whether anything was, or is, to be done
     * @throws InputException when a stage fails; finished stages stay
     * @throws Stopped when training was asked to end
     */
    public static boolean run(Options options, boolean planOnly, Supplier<HuggingFace> hub, Watcher watcher) {
        Build build = new Build(options, hub, watcher);
        try {
            Files.createDirectories(options.work());
            try (FileChannel channel = FileChannel.open(options.work().resolve(".lock"), StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE); FileLock lock = channel.tryLock()) {
                if (lock == null) {
                    throw new InputException(options.work(), null, "another build is using this folder",
                            "Wait for it, or name another one with --work");
                }
                build.plan();
                build.digests.save();
                return build.carryOut(planOnly);
            }
        } catch (IOException e) {
            throw new InputException(options.work().toString(), "it cannot be used (" + e + ")",
                    "Check permissions, or name another folder with --work", e);
        }
    }

    private boolean carryOut(boolean planOnly) {
        List<Stage> open = stages.stream().filter(stage -> !stage.done().done()).toList();
        for (Stage stage : stages) {
            boolean done = !open.contains(stage);
            String bytes = stage.bytes() < 0 || done ? "" : String.format(Locale.ROOT, " (%.1f MB)", stage.bytes() / 1e6);
            log.accept(String.format(Locale.ROOT, "%-7s %s: %s%s", done ? "done" : "to do", stage.name(), stage.what(),
                    bytes));
        }
        if (planOnly || open.isEmpty()) {
            return !open.isEmpty();
        }
        for (int i = 0; i < open.size(); i++) {
            log.accept(String.format(Locale.ROOT, "[%d/%d] %s", i + 1, open.size(), open.get(i).name()));
            open.get(i).work().run();
        }
        return true;
    }

    private void plan() {
        Path link = null;
        Path report = null;
        if (recipe.model() != null) {
            addModel(recipe.name(), List.of(), recipe.model(), null);
        } else {
            if (recipe.published() == null) {
                team = TeamFiles.team(path("team", recipe.team()));
            } else {
                published = new PublishedStages(recipe, options, hub, digests, progress);
                team = published.outline();
            }
            requireKnownAgents();
            link = published == null ? null : planPublished();
            planTeamModels();
            link = published == null ? planLinks() : link;
            report = recipe.evaluate() == null ? null : planEvaluation(link);
        }
        planPackage(link, report);
    }

    private Path path(String field, String text) {
        return path(options.recipe(), field, text);
    }

    /** A path of a recipe. */
    static Path path(Path recipe, String field, String text) {
        Path found = recipe.toAbsolutePath().resolveSibling(text).normalize();
        if (!Files.exists(found)) {
            throw new InputException(recipe, field, "there is no " + found,
                    "Paths are relative to the recipe: correct it, or put the file there");
        }
        return found;
    }

    private void requireKnownAgents() {
        if (recipe.agents() != null) {
            for (String id : recipe.agents().keySet()) {
                if (team.agents.stream().noneMatch(agent -> agent.id.equals(id))) {
                    throw new InputException(options.recipe(), "agents." + id, "the team has no such agent",
                            "Its agents are " + team.agents.stream().map(agent -> agent.id).toList());
                }
            }
        }
    }

    /** Fetches links and checkpoints, then imports: what is wrong with them is known before a model is converted. */
    private Path planPublished() {
        published.planLinks(stages, Build::fetched);
        Map<String, Path> folders = new LinkedHashMap<>();
        Fingerprint key = new Fingerprint();
        for (AgentSpec agent : team.agents) {
            Checkpoint checkpoint = checkpoints.computeIfAbsent(source(agent), source -> plan(agent.id, source));
            key.add(checkpoint.key());
            folders.put(agent.id, checkpoint.folder());
        }
        published.planImport(stages, key.hex(), folders, output -> removeOlder(output, "links"));
        return published.output().resolve(LINK_FILE);
    }

    /** Agents with the same checkpoint and scheme share a model. */
    private void planTeamModels() {
        Map<String, List<AgentSpec>> groups = new LinkedHashMap<>();
        Map<String, Recipe.Agent> wanted = new LinkedHashMap<>();
        for (AgentSpec agent : team.agents) {
            Recipe.Agent given = recipe.agents() == null ? null : recipe.agents().get(agent.id);
            Recipe.Source source = source(agent);
            String scheme = given != null && given.quantization() != null ? given.quantization() : recipe.quantization();
            String key = source + " " + scheme;
            groups.computeIfAbsent(key, k -> new ArrayList<>()).add(agent);
            wanted.put(key, new Recipe.Agent(source, scheme));
        }
        groups.forEach((key, agents) -> {
            Recipe.Source source = wanted.get(key).source();
            String id = agents.size() == 1 ? agents.get(0).id : shared(source, models);
            addModel(id, agents.stream().map(agent -> agent.id).toList(), wanted.get(key),
                    agents.size() == 1 ? agents.get(0).system : null);
        });
    }

    private Recipe.Source source(AgentSpec agent) {
        Recipe.Agent given = recipe.agents() == null ? null : recipe.agents().get(agent.id);
        return given != null && given.source() != null ? given.source()
                : published != null ? published.source(agent.id) : ownFolder(agent);
    }

    /** The checkpoint that the team file itself names. */
    private Recipe.Source ownFolder(AgentSpec agent) {
        if (agent.model == null || agent.model.isBlank() || agent.model.contains("://")) {
            throw new InputException(options.recipe(), "agents." + agent.id, "is missing, and the team file names no folder "
                    + "of a checkpoint either", "Add a source with folder or hub");
        }
        Path folder = Path.of(recipe.team()).resolveSibling(agent.model);
        return new Recipe.Source(folder.toString(), null, null);
    }

    /** A name for a model that several agents share. */
    private static String shared(Recipe.Source source, List<Planned> taken) {
        String path = (source.hub() != null ? source.hub() : source.folder()).replace('\\', '/').replaceAll("/+$", "");
        String name = path.substring(path.lastIndexOf('/') + 1).replaceAll("[^A-Za-z0-9._-]", "-")
                .replaceAll("^[^A-Za-z0-9]+", "");
        String base = name.isEmpty() || name.equals("libs") ? "model" : name.substring(0, Math.min(50, name.length()));
        String free = base;
        for (int i = 2; nameTaken(taken, free); i++) {
            free = base + "-" + i;
        }
        return free;
    }

    private static boolean nameTaken(List<Planned> taken, String name) {
        return taken.stream().anyMatch(model -> model.id().equals(name));
    }

    private void addModel(String id, List<String> agents, Recipe.Agent wanted, String system) {
        Quantization scheme = Quantization.of(wanted.quantization() != null ? wanted.quantization()
                : recipe.quantization());
        Checkpoint checkpoint = checkpoints.computeIfAbsent(wanted.source(), source -> plan(id, source));
        ModelBuild build = new ModelBuild(scheme, recipe.context(), recipe.prefillChunk(), system);
        String key = new Fingerprint().add(program).add(build.toString()).add(checkpoint.key()).hex();
        Path built = options.work().resolve("models").resolve(id + "-" + key.substring(0, 16));
        models.add(new Planned(id, agents, checkpoint, built));
        stages.add(Stage.of("model " + id, "convert to " + scheme.text() + " and compile " + checkpoint.folder(), built, -1,
                () -> {
                    removeOlder(built, id);
                    build.run(checkpoint.folder(), built, "converting " + id, progress);
                }));
    }

    private Checkpoint plan(String id, Recipe.Source source) {
        if (source.folder() != null) {
            Path folder = path("agents." + id + ".source.folder", source.folder());
            if (!Files.exists(folder.resolve("config.json"))) {
                throw new InputException(folder, "config.json", "the checkpoint of " + id + " is missing",
                        "Put the Hugging Face folder (config.json, *.safetensors, tokenizer.json) there");
            }
            Fingerprint key = new Fingerprint();
            digests.add(key, folder);
            return new Checkpoint(folder, key.hex(), new Provenance(folder.getFileName().toString(), null, null, null,
                    null, null, null));
        }
        return planFetch(source);
    }

    private Checkpoint planFetch(Recipe.Source source) {
        Path sources = options.work().resolve("sources");
        String slug = source.hub().replace("/", "--");
        boolean fixed = source.revision().matches("[0-9a-f]{40}");
        String commit = source.revision();
        HubFetch.Source there = fixed ? fetched(sources.resolve(slug + "-" + commit.substring(0, 12)), commit) : null;
        String licence = there == null ? null : there.licence();
        long bytes = 0;
        if (there == null) {
            HuggingFace.Revision revision = hub.get().revision(source.hub(), source.revision());
            commit = revision.commit();
            licence = revision.licence();
            bytes = HubFetch.choose(hub.get().tree(source.hub(), commit), HubFetch.CHECKPOINT).stream()
                    .mapToLong(HuggingFace.RemoteFile::size).sum();
        }
        Path folder = sources.resolve(slug + "-" + commit.substring(0, Math.min(12, commit.length())));
        String full = commit;
        stages.add(new Stage("fetch " + source.hub(), "at " + commit, folder, bytes, () -> fetched(folder, full) != null,
                () -> HubFetch.model(hub.get(), source.hub(), full, HubFetch.CHECKPOINT, folder, true,
                        options.parallel(), progress)));
        return new Checkpoint(folder, new Fingerprint().add(source.hub()).add(commit).hex(), new Provenance(source.hub(),
                there == null ? hub.get().endpoint().toString() : there.hub(), source.hub(), source.revision(), commit,
                licence, null));
    }

    /** What was fetched into a folder, when it is that commit and no file has lost bytes since. */
    static HubFetch.Source fetched(Path folder, String commit) {
        HubFetch.Source there = Files.isDirectory(folder) ? HubFetch.recorded(folder) : null;
        boolean whole = there != null && commit.equals(there.commit()) && there.files().stream()
                .allMatch(file -> folder.resolve(file.path()).toFile().length() == file.bytes());
        return whole ? there : null;
    }

    private Path planLinks() {
        if (recipe.links().file() != null) {
            return path("links.file", recipe.links().file());
        } else if (recipe.links().train() != null) {
            return planTraining(recipe.links().train());
        } else if (recipe.links().imported() != null) {
            LinkImports imports = new LinkImports(options.recipe(), team, recipe.links().imported());
            Path output = options.work().resolve("links").resolve("links-" + imports.key(digests));
            stages.add(imports.stage(output, older -> removeOlder(older, "links")));
            return output.resolve(LINK_FILE);
        }
        Recipe.ClosedForm given = recipe.links().closedForm();
        Path tasks = path("links.closed_form.tasks", given.tasks());
        int rows = given.messageRows() == null ? team.latentSteps : given.messageRows();
        TeachingRules rules = new TeachingRules(given.targets() == null ? Map.of() : given.targets(),
                given.slots() == null ? Map.of() : given.slots(), given.end() == null ? Map.of() : given.end(),
                given.filler() == null ? Map.of() : given.filler(), rows);
        Fingerprint key = new Fingerprint().add(ToolVersion.VERSION).add(given.toString())
                .add(Integer.toString(rows));
        digests.add(key, path("team", recipe.team()));
        digests.add(key, tasks);
        models.forEach(model -> key.add(model.agents().toString()).add(model.checkpoint().key()));
        Path output = options.work().resolve("links").resolve("links-" + key.hex().substring(0, 16) + ".json");
        stages.add(Stage.of("links", "closed form, from " + tasks, output, -1, () -> {
            removeOlder(output, "links");
            Path teamFile = teamOf("sources", model -> model.checkpoint().folder());
            ClosedFormLinks.Result made = ClosedFormLinks.run(new ClosedFormLinks.Options(teamFile, null, tasks,
                    given.problems() == null ? 1200 : given.problems(),
                    given.checkProblems() == null ? 100 : given.checkProblems(), rules,
                    given.lambda() == null ? 1e-4 : given.lambda(),
                    given.form() == null ? ClosedFormLinks.Form.LINEAR : given.form(),
                    given.seed() == null ? 1 : given.seed(), options.threads()), progress);
            TeamFiles.writeLinks(output, made.links());
        }));
        return output;
    }

    /** Training goes on beside the place of its result, with a checkpoint; what is complete moves there. */
    private Path planTraining(TrainRecipe given) {
        Path tasks = path("links.train.tasks", given.tasks());
        Path heldOut = given.heldOut() == null ? null : path("links.train.held_out", given.heldOut());
        Path start = given.startsFromFile() ? path("links.train.start", given.start()) : null;
        Fingerprint key = new Fingerprint().add(ToolVersion.VERSION).add(given.toString());
        digests.add(key, path("team", recipe.team()));
        digests.add(key, tasks);
        if (heldOut != null) {
            digests.add(key, heldOut);
        }
        if (start != null) {
            addFile(key, start);
        }
        models.forEach(model -> key.add(model.agents().toString()).add(model.checkpoint().key()));
        Path links = options.work().resolve("links");
        String hash = key.hex().substring(0, 16);
        Path output = links.resolve("links-" + hash);
        Path unfinished = links.resolve("training-" + hash);
        // refuses wrong options before anything is made
        given.options(options.recipe(), options.recipe(), team, options.threads(), unfinished.resolve(LINK_FILE));
        given.data(tasks, heldOut);
        String what = "gradients, from " + tasks + (Files.exists(unfinished.resolve(CHECKPOINT))
                ? ", going on from a checkpoint" : "");
        stages.add(Stage.of("links", what, output, -1, () -> {
            removeOlder(output, "links");
            removeOlder(unfinished, "training");
            train(given, tasks, heldOut, start, unfinished);
            move(unfinished, output);
        }));
        return output.resolve(LINK_FILE);
    }

    private void train(TrainRecipe given, Path tasks, Path heldOut, Path start, Path folder) {
        createFolder(folder);
        TrainingOptions training = given.options(options.recipe(), teamOf("sources", model -> model.checkpoint().folder()),
                team, options.threads(), folder.resolve(LINK_FILE));
        boolean resume = Files.exists(folder.resolve(CHECKPOINT));
        LinkTraining.Outcome outcome = watcher.interruption().run(stop -> LinkTraining.run(training,
                given.linkStart(start, training), given.data(tasks, heldOut), resume, ToolVersion.NAME + " build "
                + options.recipe().getFileName(), watcher.training(), progress, stop));
        if (outcome.stopped()) {
            throw new Stopped("training was stopped; the best links so far are in " + folder.resolve(LINK_FILE)
                    + "; run the build again to go on");
        }
    }

    static void createFolder(Path folder) {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new InputException(folder.toString(), "it cannot be made (" + e + ")", "Check permissions, or name "
                    + "another folder with --work", e);
        }
    }

    static void move(Path from, Path to) {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new InputException(to.toString(), "it cannot be made (" + e + ")", "Check permissions and run the build "
                    + "again", e);
        }
    }

    private Path planEvaluation(Path links) {
        Recipe.Evaluate given = recipe.evaluate();
        Path tasks = path("evaluate.tasks", given.tasks());
        Fingerprint key = new Fingerprint().add(ToolVersion.VERSION).add(given.toString());
        addTeam(key);
        digests.add(key, tasks);
        addLinks(key, links);
        models.forEach(model -> key.add(model.agents().toString()).add(model.built().getFileName().toString()));
        Path output = options.work().resolve("evaluation").resolve("evaluation-" + key.hex().substring(0, 16) + ".json");
        List<Integer> rounds = given.rounds() == null ? List.of(1, 2, 3) : given.rounds();
        stages.add(Stage.of("evaluate", "on " + tasks, output, -1, () -> {
            removeOlder(output, "evaluation");
            Path teamFile = teamOf("models", Planned::model);
            Evaluation.run(new Evaluation.Options(teamFile, null, links, tasks, given.skip() == null ? 0 : given.skip(),
                    given.problems() == null ? 1000 : given.problems(),
                    given.modes() == null ? List.of(Mode.LATENT, Mode.TEXT, Mode.SINGLE) : given.modes(), rounds,
                    given.latentSteps() == null ? Evaluation.usualLatentSteps(teamFile) : given.latentSteps(),
                    0, Evaluation.usualRetrieval(teamFile), LatentEncoding.F32.id(), options.threads(), output,
                    null, null), given.engine() == null ? Evaluation.Engine.TWIN : given.engine(),
                    given.batch() == null ? Evaluation.USUAL_BATCH : given.batch(), progress, () -> false);
        }));
        return output;
    }

    /** Links that a stage makes are known by their name, which holds the hash of what goes into them. */
    private void addLinks(Fingerprint key, Path links) {
        if (recipe.links() == null || recipe.links().file() == null) {
            key.add(options.work().resolve("links").relativize(links).toString());
        } else {
            addFile(key, links);
        }
    }

    private void addTeam(Fingerprint key) {
        if (published == null) {
            addTeamFile(key, teamFile());
        } else {
            key.add(published.output().getFileName().toString());
        }
    }

    /** A team file and the corpora of its tools. */
    private void addTeamFile(Fingerprint key, Path file) {
        digests.add(key, file);
        TeamFiles.corpora(file).forEach(corpus -> digests.add(key, corpus));
    }

    /** The team file; that of a published team is there once it has been imported. */
    private Path teamFile() {
        return published == null ? path("team", recipe.team()) : published.output().resolve(TeamImport.TEAM_FILE);
    }

    private void addFile(Fingerprint key, Path links) {
        digests.add(key, links);
        Path weights = TeamFiles.weightsFile(links, TeamFiles.links(links));
        if (weights != null) {
            digests.add(key, weights);
        }
    }

    /** The team file with the folders that hold its models here. */
    private Path teamOf(String kind, Function<Planned, Path> folder) {
        ObjectNode copy = (ObjectNode) JsonFiles.read(teamFile(), "Correct the team file");
        copy.get("agents").forEach(agent -> {
            Planned model = models.stream().filter(m -> m.agents().contains(agent.get("id").asText())).findFirst()
                    .orElseThrow();
            ((ObjectNode) agent).put("model", folder.apply(model).toAbsolutePath().toString());
        });
        copy.path("tools").forEach(tool -> {
            if (tool.hasNonNull("corpus")) {
                ((ObjectNode) tool).put("corpus", teamFile().toAbsolutePath().resolveSibling(tool.get("corpus").asText())
                        .toString());
            }
        });
        Path file = options.work().resolve("team-" + kind + ".json");
        StagedFile.write(file, JsonFiles.text(copy).getBytes(StandardCharsets.UTF_8));
        return file;
    }

    private void planPackage(Path links, Path report) {
        List<Path> further = recipe.teams() == null ? List.of() : recipe.teams().stream().map(f -> path("teams", f)).toList();
        Fingerprint key = new Fingerprint().add(program).add(recipe.toString());
        models.forEach(model -> key.add(model.agents().toString()).add(model.built().getFileName().toString()));
        if (team != null) {
            addTeam(key);
            further.forEach(file -> addTeamFile(key, file));
            addLinks(key, links);
        }
        key.add(report == null ? "" : report.getFileName().toString());
        String hex = key.hex();
        Path stamp = options.work().resolve(STAMP);
        String content = JsonFiles.text(Map.of("key", hex, "folder", options.output().toAbsolutePath().toString()));
        stages.add(new Stage("package", options.output().toString(), options.output(), -1,
                () -> Files.exists(options.output().resolve(PackageManifest.FILE)) && content.equals(read(stamp)),
                () -> {
                    List<PackageWriter.Part> parts = models.stream().map(model -> new PackageWriter.Part(model.id(),
                            model.agents(), model.model(), model.library(), provenance(model.checkpoint()))).toList();
                    PackageManifest made = PackageWriter.write(new PackageWriter.Contents(recipe.name(), recipe.title(),
                            recipe.description(), recipe.licence(), team == null ? null : teamFile(),
                            links, report, parts, further), options.output(), true, progress);
                    StagedFile.write(stamp, content.getBytes(StandardCharsets.UTF_8));
                    log.accept(String.format(Locale.ROOT, "%s: %d files, %.1f MB", options.output(), made.files().size(),
                            made.bytes() / 1e6));
                }));
    }

    private static Provenance provenance(Checkpoint checkpoint) {
        Provenance known = checkpoint.provenance();
        return new Provenance(known.name(), known.hub(), known.id(), known.revision(), known.commit(), known.licence(),
                WeightDigest.ofCheckpoint(checkpoint.folder()));
    }

    private static String read(Path file) {
        try {
            return Files.exists(file) ? Files.readString(file) : "";
        } catch (IOException e) {
            throw new InputException(file.toString(), "it cannot be read (" + e + ")", "Remove it", e);
        }
    }

    /** Removes what other inputs once made under the same name: it would pile up. */
    private static void removeOlder(Path output, String id) {
        Path folder = output.toAbsolutePath().getParent();
        Pattern name = Pattern.compile(Pattern.quote(id) + "-[0-9a-f]{16}(\\.json)?");
        if (!Files.isDirectory(folder)) {
            return;
        }
        List<Path> older;
        try (Stream<Path> entries = Files.list(folder)) {
            older = entries.filter(entry -> name.matcher(entry.getFileName().toString()).matches()
                    && !entry.getFileName().equals(output.getFileName())).toList();
        } catch (IOException e) {
            throw new InputException(folder.toString(), "it cannot be listed (" + e + ")", "Check its permissions", e);
        }
        older.forEach(StagedFolder::delete);
    }
}
