package org.recursivemas.pipeline.imports;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.recursivemas.compiler.ConfigException;
import org.recursivemas.compiler.ModelConfig;
import org.recursivemas.data.AgentSpec;
import org.recursivemas.data.LinkFile;
import org.recursivemas.data.Team;
import org.recursivemas.json.FileChecks;
import org.recursivemas.pipeline.InputException;
import org.recursivemas.pipeline.Progress;
import org.recursivemas.pipeline.ToolVersion;
import org.recursivemas.pipeline.checkpoint.WeightDigest;
import org.recursivemas.pipeline.convert.StagedFile;
import org.recursivemas.pipeline.links.TeamFiles;

/** Makes a team file and a link file of a published team's repositories. */
public final class TeamImport {
    /** Names of what is written. */
    public static final String TEAM_FILE = "team.json";
    public static final String LINK_FILE = "recursivelink.json";
    private static final String INNER_MANIFEST = "innerlink_config.json";
    private static final String OUTER_MANIFEST = "outerlink_config.json";
    private static final String TYPE_FILE = "adapter_config.json";
    private static final String FETCH_WHOLE = "Fetch the whole repository again";

    /**
     * What to import.
     *
     * @param source folder with the repositories
     * @param output folder for team file and links
     * @param team id of the published team, or null for the one whose repositories are there
     * @param task which links, prompts and settings: {@code math} or {@code code}
     * @param rounds instead of the published setting, or null
     * @param latentSteps instead of the published setting, or null
     * @param prompts file with the agents' messages, or null for this project's wording
     * @param answerMarker instead of that of the published prompts, or null
     * @param checkpoints by agent id, the folder of the published checkpoint where that is not its repository's folder
     * @param replace by agent id, another checkpoint than the published one; its links stay the published ones
     * @param linksOnly whether to write only the links, also of agents that cannot run here
     * @param beside whether the links' values go into a safetensors file beside
     * @param overwrite whether to replace what an earlier import wrote
     */
    public record Options(Path source, Path output, String team, String task, Integer rounds, Integer latentSteps,
            Path prompts, String answerMarker, Map<String, Path> checkpoints, Map<String, Path> replace, boolean linksOnly,
            boolean beside, boolean overwrite) {
    }

    /**
     * What was imported.
     *
     * @param team id of the team
     * @param links number of links
     * @param unsupported by agent id why its model cannot run here; empty unless only links were asked for
     */
    public record Result(String team, int links, Map<String, String> unsupported) {
    }

    private final Options options;
    private final Progress progress;
    private final ReleasedTeam.Catalogue catalogue = ReleasedTeam.catalogue();
    private final ReleaseFolder release;
    private final ReleasedTeam team;
    private final ReleasedTeam.Task task;
    /** The repositories, by agent id. */
    private final Map<String, Path> folders = new LinkedHashMap<>();
    /** The checkpoints, by agent id. */
    private final Map<String, Path> checkpoints = new LinkedHashMap<>();
    private final Map<String, Integer> widths = new LinkedHashMap<>();
    private final Map<String, ModelConfig> configs = new LinkedHashMap<>();
    private final Map<String, String> unsupported = new LinkedHashMap<>();

    private TeamImport(Options options, Progress progress) {
        this.options = options;
        this.progress = progress;
        this.release = ReleaseFolder.open(options.source());
        this.team = team();
        this.task = team.task(options.task());
        options.replace().keySet().forEach(agent -> team.agent(agent, "--replace " + agent));
    }

    /**
     * Imports.
     *
     * @throws InputException when something is missing, damaged or unsupported; nothing is written then
     */
    public static Result run(Options options, Progress progress) {
        return new TeamImport(options, progress).run();
    }

    /**
     * Refuses what could not be imported, before the weights are there: the repositories need to hold only configurations and
     * links, and a checkpoint that replaces another counts once it has a {@code config.json}.
     *
     * @throws InputException when something is missing, damaged or unsupported
     */
    public static void check(Options options, Progress progress) {
        TeamImport check = new TeamImport(options, progress);
        check.findAgents(true);
        PromptFile.read(options.prompts(), check.team);
        check.links();
    }

    private Result run() {
        Path teamFile = options.output().resolve(TEAM_FILE);
        Path linkFile = options.output().resolve(LINK_FILE);
        StagedFile.check(linkFile, options.overwrite());
        if (!options.linksOnly()) {
            StagedFile.check(teamFile, options.overwrite());
        }
        findAgents(false);
        Team description = options.linksOnly() ? null : FileChecks.team(describe(teamFile), teamFile.toString());
        LinkFile links = links();
        if (!options.linksOnly()) {
            digests(links);
        }
        if (options.beside()) {
            TeamFiles.writeLinksBeside(linkFile, links);
        } else {
            TeamFiles.writeLinks(linkFile, links);
        }
        if (description != null) {
            TeamFiles.write(teamFile, TeamFiles.json(description));
        }
        return new Result(team.id, links.links.size(), unsupported);
    }

    private ReleasedTeam team() {
        if (options.team() != null) {
            return ReleasedTeam.of(options.team(), "--team " + options.team());
        }
        List<ReleasedTeam> found = catalogue.teams.stream().filter(team -> release.has(team.repositories + "-")).toList();
        List<String> known = catalogue.teams.stream().map(candidate -> candidate.id).toList();
        if (found.size() > 1) {
            throw new InputException(release.folder(), null, "it holds repositories of several teams: "
                    + found.stream().map(candidate -> candidate.id).toList(), "Say which one with --team");
        }
        if (found.isEmpty()) {
            boolean tools = release.has(ReleasedTeam.WITH_TOOLS + "-");
            throw new InputException(release.folder(), null, tools ? "the team Deliberation cannot be imported: its last "
                    + "agent calls tools while it writes, and both agents are Qwen3.5, whose layers are not supported"
                    : "no folder in it has the name of a published team's repository",
                    tools ? "Import one of " + known : "Put the repositories of one of " + known + " into it, under their "
                    + "own names (Sequential-Light-Planner-..., Sequential-Light-Outerlinks)");
        }
        return found.get(0);
    }

    // Agents

    private void findAgents(boolean early) {
        for (ReleasedTeam.Agent agent : team.agents) {
            folders.put(agent.id, release.repository(team.repository(agent)));
            Path folder = options.replace().getOrDefault(agent.id, options.checkpoints().getOrDefault(agent.id,
                    folders.get(agent.id)));
            checkpoints.put(agent.id, folder);
            if (early && options.replace().containsKey(agent.id) && !Files.exists(folder.resolve("config.json"))) {
                continue;
            }
            try {
                ModelConfig config = ModelConfig.read(folder.resolve("config.json"));
                configs.put(agent.id, config);
                widths.put(agent.id, config.hiddenSize());
            } catch (ConfigException e) {
                unsupported.put(agent.id, e.getMessage());
            }
        }
        if (!unsupported.isEmpty() && !options.linksOnly()) {
            throw new InputException(release.folder().toString(), "the team " + team.id + " cannot run here: "
                    + String.join("; ", unsupported.entrySet().stream()
                    .map(entry -> "agent " + entry.getKey() + ": " + entry.getValue()).toList()),
                    "Give other checkpoints (" + String.join(", ", unsupported.keySet().stream().map(this::substitute)
                    .toList()) + "; their answers will be worse, because the links were trained with the published ones), "
                    + "import another team, or the links alone with --links-only", null);
        }
    }

    /** What could stand in for an agent that cannot run here. */
    private String substitute(String agent) {
        int width = read(innerFile(folders.get(agent)), agent, true).weights().inWidth;
        String known = catalogue.substitutes.get(Integer.toString(width));
        return "--replace " + agent + "=FOLDER with hidden size " + width + (known == null ? "" : ", e.g. " + known);
    }

    private Team describe(Path teamFile) {
        Map<String, ReleasedTeam.Prompts> prompts = PromptFile.read(options.prompts(), team);
        Team file = new Team();
        file.format = Team.FORMAT;
        file.version = Team.VERSION;
        file.id = team.id;
        file.title = team.title;
        file.description = team.description;
        file.rounds = options.rounds() == null ? task.rounds : options.rounds();
        file.latentSteps = options.latentSteps() == null ? task.latentSteps : options.latentSteps();
        file.links = LINK_FILE;
        file.answerMarker = options.answerMarker() == null ? task.answerMarker : options.answerMarker();
        file.handOffs.addAll(team.handOffs);
        for (ReleasedTeam.Agent agent : team.agents) {
            ReleasedTeam.Prompts own = task.prompts.get(agent.id);
            ReleasedTeam.Prompts given = prompts.getOrDefault(agent.id, own);
            AgentSpec spec = new AgentSpec();
            spec.id = agent.id;
            spec.title = agent.title;
            spec.model = reference(teamFile, checkpoints.get(agent.id));
            spec.library = spec.model;
            spec.hiddenSize = widths.get(agent.id);
            spec.maxTokens = task.maxTokens;
            spec.chat = given.chat != null ? given.chat
                    : ChatFormats.of(checkpoints.get(agent.id), configs.get(agent.id), catalogue.chats);
            spec.system = given.system != null ? given.system : catalogue.system;
            spec.user = given.user;
            spec.userFeedback = given.userFeedback;
            spec.userAlone = given.userAlone;
            file.agents.add(spec);
        }
        return file;
    }

    /** The folder as a path relative to the team file, with slashes; absolute where there is no relative one. */
    private static String reference(Path teamFile, Path folder) {
        Path base = teamFile.toAbsolutePath().normalize().getParent();
        Path target = folder.toAbsolutePath().normalize();
        boolean sameRoot = base.getRoot() != null && base.getRoot().equals(target.getRoot());
        return (sameRoot ? base.relativize(target) : target).toString().replace('\\', '/');
    }

    private void digests(LinkFile links) {
        int done = 0;
        for (ReleasedTeam.Agent agent : team.agents) {
            progress.update("hashing checkpoints", done++, team.agents.size());
            Path folder = checkpoints.get(agent.id);
            try (Stream<Path> files = Files.list(folder)) {
                if (files.noneMatch(file -> file.getFileName().toString().endsWith(".safetensors"))) {
                    throw new InputException(folder, "*.safetensors", "the weights of agent " + agent.id + " are missing",
                            "Fetch the whole repository, or import the links alone with --links-only");
                }
            } catch (IOException e) {
                throw new InputException(folder.toString(), "it cannot be read (" + e.getMessage() + ")",
                        "Check its permissions", e);
            }
            links.agents.put(agent.id, WeightDigest.ofCheckpoint(folder));
        }
        progress.update("hashing checkpoints", done, done);
    }

    // Links

    private LinkFile links() {
        LinkFile file = LinkImport.empty(team.id);
        file.training.put("source", "published links of " + team.repositories + ", task " + options.task());
        if (!options.replace().isEmpty()) {
            file.training.put("trained_with_other_checkpoints", "the published links were not trained with the checkpoints "
                    + "of " + String.join(", ", options.replace().keySet()));
        }
        file.training.put("imported_by", ToolVersion.NAME + " " + ToolVersion.VERSION);
        int total = team.agents.size() + team.handOffs.size();
        int done = 0;
        for (ReleasedTeam.Agent agent : team.agents) {
            progress.update("reading links", done++, total);
            requireType(folders.get(agent.id));
            Path source = innerFile(folders.get(agent.id));
            ReleasedLink link = read(source, agent.id, true);
            requireWidth(source, agent.id, link.weights().inWidth);
            file.links.add(LinkImport.encoded(link.weights(), true, agent.id, agent.id, link.dtype(), source));
        }
        Path manifest = release.repository(team.linkRepository()).resolve(OUTER_MANIFEST);
        JsonNode adapters = adapters(manifest);
        for (ReleasedTeam.Edge edge : team.handOffs) {
            progress.update("reading links", done++, total);
            JsonNode adapter = adapter(manifest, adapters, edge);
            Path source = ReleaseFolder.named(manifest, edge.key + ".filename", adapter.path("filename"));
            ReleasedLink link = read(source, edge.from + "->" + edge.to, false);
            requireDimension(manifest, edge.key + ".in_dim", adapter.path("in_dim"), link.weights().inWidth, source);
            requireDimension(manifest, edge.key + ".out_dim", adapter.path("out_dim"), link.weights().outWidth, source);
            requireWidth(source, edge.from, link.weights().inWidth);
            requireWidth(source, edge.to, link.weights().outWidth);
            file.links.add(LinkImport.encoded(link.weights(), false, edge.from, edge.to, link.dtype(), source));
        }
        progress.update("reading links", total, total);
        return file;
    }

    private static ReleasedLink read(Path source, String id, boolean inner) {
        ReleasedLink link = ReleasedLink.read(source, id);
        if (link.inner() != inner) {
            throw new InputException(source, null, "it is an " + (inner ? "outer" : "inner") + " link", FETCH_WHOLE);
        }
        return link;
    }

    /** The state of an agent has one width; where its config cannot be read, the first link that says it. */
    private void requireWidth(Path source, String agent, int width) {
        Integer known = widths.putIfAbsent(agent, width);
        if (known != null && known != width) {
            Path replaced = options.replace().get(agent);
            throw new InputException(source, null, "the link has the width " + width + " where agent " + agent + " has "
                    + known, replaced == null ? FETCH_WHOLE : "Replace it by a checkpoint of hidden size " + width
                    + " instead of " + replaced);
        }
    }

    private static void requireDimension(Path manifest, String field, JsonNode stated, int found, Path source) {
        if (!stated.isMissingNode() && !(stated.isIntegralNumber() && stated.asLong() == found)) {
            throw new InputException(manifest, field, "it is " + stated + ", but " + source.getFileName() + " has " + found,
                    FETCH_WHOLE);
        }
    }

    private static void requireType(Path folder) {
        Path file = folder.resolve(TYPE_FILE);
        if (Files.exists(file)) {
            JsonNode type = ReleaseFolder.json(file).path("adapter_type");
            if (!type.isMissingNode() && !ReleasedLink.isType(type.asText(), true)) {
                throw new InputException(file, "adapter_type", "it is " + type, "Only " + ReleasedLink.INNER_TYPE
                        + " was released and can be imported");
            }
        }
    }

    private Path innerFile(Path folder) {
        Path manifest = folder.resolve(INNER_MANIFEST);
        if (Files.exists(manifest)) {
            JsonNode tasks = ReleaseFolder.json(manifest).path("tasks");
            JsonNode named = tasks.path(options.task()).path("adapter.pt");
            if (!named.isMissingNode()) {
                return ReleaseFolder.named(manifest, "tasks." + options.task() + ".adapter.pt", named);
            }
        }
        Path ofTask = folder.resolve("adapter(" + options.task() + ").pt");
        Path single = folder.resolve("adapter.pt");
        if (!Files.exists(ofTask) && !Files.exists(single)) {
            throw new InputException(folder, "adapter(" + options.task() + ").pt", "the folder has neither this inner link "
                    + "nor adapter.pt", FETCH_WHOLE);
        }
        return Files.exists(ofTask) ? ofTask : single;
    }

    private JsonNode adapters(Path manifest) {
        JsonNode root = ReleaseFolder.json(manifest);
        JsonNode paradigm = root.path("paradigm");
        JsonNode scope = root.has("tasks") ? root.get("tasks").path(options.task()) : root;
        if (scope.isMissingNode()) {
            throw new InputException(manifest, "tasks." + options.task(), "the task is missing", FETCH_WHOLE);
        }
        if (!scope.path("adapters").isArray()) {
            throw new InputException(manifest, (root.has("tasks") ? "tasks." + options.task() + "." : "") + "adapters",
                    "it is not a list of links" + (paradigm.isTextual() ? " (paradigm " + paradigm.asText() + ")" : ""),
                    FETCH_WHOLE);
        }
        return scope.get("adapters");
    }

    private static JsonNode adapter(Path manifest, JsonNode adapters, ReleasedTeam.Edge edge) {
        JsonNode found = null;
        for (JsonNode adapter : adapters) {
            if (adapter.path("legacy_key").asText().equals(edge.key)) {
                if (found != null) {
                    throw new InputException(manifest, edge.key, "it occurs twice", FETCH_WHOLE);
                }
                found = adapter;
            }
        }
        if (found == null) {
            throw new InputException(manifest, "adapters", "no link has the key " + edge.key + " (" + edge.from + " to "
                    + edge.to + ")", FETCH_WHOLE);
        }
        JsonNode type = found.path("adapter_type");
        if (!type.isMissingNode() && !ReleasedLink.isType(type.asText(), false)) {
            throw new InputException(manifest, edge.key + ".adapter_type", "it is " + type, "Only "
                    + ReleasedLink.OUTER_TYPE + " was released and can be imported");
        }
        return found;
    }
}
