package org.recursivemas.pipeline.recipe;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.recursivemas.data.AgentSpec;
import org.recursivemas.data.Team;
import org.recursivemas.pipeline.Fingerprint;
import org.recursivemas.pipeline.InputException;
import org.recursivemas.pipeline.Progress;
import org.recursivemas.pipeline.ToolVersion;
import org.recursivemas.pipeline.convert.StagedFolder;
import org.recursivemas.pipeline.hub.HubFetch;
import org.recursivemas.pipeline.hub.HuggingFace;
import org.recursivemas.pipeline.imports.PublishedTeam;
import org.recursivemas.pipeline.imports.TeamImport;

/**
 * The stages that make team file and links of a published team: its links are fetched first and checked with the
 * configurations of its models, so that what cannot run is refused before gigabytes are fetched.
 */
final class PublishedStages {
    private static final String LINKS = "links";

    private final Recipe recipe;
    private final Recipe.Published given;
    private final Build.Options options;
    private final Supplier<HuggingFace> hub;
    private final KnownDigests digests;
    private final Progress progress;
    private final PublishedTeam team;
    private final Team outline;
    /** With the repositories' links, each in a folder of its name. */
    private Path repositories;
    private final Path prompts;
    /** By agent id, the checkpoints that are not the published ones. */
    private final Map<String, Path> replace = new LinkedHashMap<>();
    private final Fingerprint key = new Fingerprint();
    private Path output;

    PublishedStages(Recipe recipe, Build.Options options, Supplier<HuggingFace> hub, KnownDigests digests,
            Progress progress) {
        this.recipe = recipe;
        this.given = recipe.published();
        this.options = options;
        this.hub = hub;
        this.digests = digests;
        this.progress = progress;
        team = PublishedTeam.of(given.team(), field("team") + " " + given.team());
        outline = team.outline(given.usedTask());
        if (given.folder() != null) {
            repositories = Build.path(options.recipe(), "published_team.folder", given.folder());
        }
        prompts = given.prompts() == null ? null : Build.path(options.recipe(), "published_team.prompts",
                given.prompts());
        if (given.revisions() != null) {
            given.revisions().keySet().stream().filter(id -> !id.equals(LINKS)).forEach(id -> require(
                    outline.agents.stream().anyMatch(agent -> agent.id.equals(id)), "revisions." + id));
        }
    }

    private String field(String name) {
        return InputException.place(options.recipe(), "published_team." + name);
    }

    private void require(boolean known, String name) {
        if (!known) {
            throw new InputException(field(name), "the team has no such agent", "Its agents are "
                    + outline.agents.stream().map(agent -> agent.id).toList() + "; links are those between agents", null);
        }
    }

    /** The team as far as it is known before it is fetched. */
    Team outline() {
        return outline;
    }

    /** Where the published checkpoint of an agent comes from. */
    Recipe.Source source(String agent) {
        return given.folder() != null ? new Recipe.Source(team.repository(repositories, agent).toString(), null, null)
                : new Recipe.Source(null, repository(team.repository(agent)), revision(agent));
    }

    private String repository(String name) {
        return (given.hub() == null ? PublishedTeam.HUB : given.hub()) + "/" + name;
    }

    private String revision(String id) {
        String own = given.revisions() == null ? null : given.revisions().get(id);
        return own != null ? own : given.revision() != null ? given.revision() : "main";
    }

    /** The folder that will hold team file and links; known when {@link #planImport} was called. */
    Path output() {
        return output;
    }

    private TeamImport.Options options(Path target, Map<String, Path> own) {
        return new TeamImport.Options(repositories, target, outline.id, given.usedTask(), given.rounds(),
                given.latentSteps(), prompts, given.answerMarker(), own, replace, false, true, true);
    }

    /**
     * Plans to fetch the links and to check them.
     *
     * @param fetched what is in a folder when it is a commit's, else null
     */
    void planLinks(List<Stage> stages, BiFunction<Path, String, HubFetch.Source> fetched) {
        if (given.folder() != null) {
            for (AgentSpec agent : outline.agents) {
                digests.add(key, team.repository(repositories, agent.id));
            }
            digests.add(key, team.linkRepository(repositories));
        } else {
            planFetch(stages, fetched);
        }
        stages.add(new Stage("check", "whether all agents of " + outline.id + " can run here", repositories, -1,
                () -> Files.exists(output), () -> TeamImport.check(options(output, Map.of()), progress)));
    }

    private void planFetch(List<Stage> stages, BiFunction<Path, String, HubFetch.Source> fetched) {
        Map<String, String> commits = new LinkedHashMap<>();
        for (AgentSpec agent : outline.agents) {
            commits.put(team.repository(agent.id), revision(agent.id));
        }
        commits.put(team.linkRepository(), revision(LINKS));
        commits.replaceAll((name, revision) -> revision.matches("[0-9a-f]{40}") ? revision
                : hub.get().revision(repository(name), revision).commit());
        commits.forEach((name, commit) -> key.add(repository(name)).add(commit));
        repositories = options.work().resolve("sources").resolve(outline.id + "-links-" + new Fingerprint().add(
                repository("")).add(commits.toString()).hex().substring(0, 12));
        stages.add(new Stage("fetch links", "of " + outline.id + " at " + new ArrayList<>(commits.values()), repositories, -1,
                () -> commits.entrySet().stream().allMatch(entry -> fetched.apply(repositories.resolve(entry.getKey()),
                        entry.getValue()) != null),
                () -> commits.forEach((name, commit) -> HubFetch.model(hub.get(), repository(name), commit,
                        PublishedTeam.LINK_FILES, repositories.resolve(name), true, options.parallel(), progress))));
    }

    /**
     * Plans to import.
     *
     * @param models hash of the checkpoints
     * @param folders by agent id, where the checkpoints will be
     * @param older removes what other inputs made
     */
    void planImport(List<Stage> stages, String models, Map<String, Path> folders, Consumer<Path> older) {
        key.add(ToolVersion.VERSION).add(given.toString()).add(models);
        if (prompts != null) {
            digests.add(key, prompts);
        }
        Map<String, Path> own = new LinkedHashMap<>(folders);
        folders.forEach((agent, folder) -> {
            if (replaced(agent)) {
                replace.put(agent, folder);
                own.remove(agent);
            }
        });
        Path links = options.work().resolve("links");
        output = links.resolve("links-" + key.hex().substring(0, 16));
        stages.add(Stage.of("team and links", "import " + outline.id + ", task " + given.usedTask(), output, -1, () -> {
            older.accept(output);
            Path unfinished = links.resolve("importing");
            StagedFolder.delete(unfinished);
            TeamImport.run(options(unfinished, own), progress);
            Build.move(unfinished, output);
        }));
    }

    private boolean replaced(String agent) {
        return recipe.agents() != null && recipe.agents().get(agent) != null && recipe.agents().get(agent).source() != null;
    }
}
