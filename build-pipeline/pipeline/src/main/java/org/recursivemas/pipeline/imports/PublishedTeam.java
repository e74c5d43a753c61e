package org.recursivemas.pipeline.imports;

import java.nio.file.Path;
import java.util.List;
import org.recursivemas.data.AgentSpec;
import org.recursivemas.data.Team;

/** What is known of a published team before anything of it is there: agents, repositories, settings. */
public final class PublishedTeam {
    /** Owner of the repositories on the hub. */
    public static final String HUB = ReleasedTeam.catalogue().hub;
    /** What of an agent's repository, or of that of the outer links, {@link TeamImport} reads besides the checkpoint. */
    public static final List<String> LINK_FILES = List.of("config.json", "*.pt", "adapter_config.json", "innerlink_config.json",
            "outerlink_config.json", "outer_adapter_config*.json");

    private final ReleasedTeam team;

    private PublishedTeam(ReleasedTeam team) {
        this.team = team;
    }

    /**
     * The team of an id.
     *
     * @param field where the id was given, for errors
     */
    public static PublishedTeam of(String id, String field) {
        return new PublishedTeam(ReleasedTeam.of(id, field));
    }

    /** The team file as far as it is known: without models, chat formats and links. */
    public Team outline(String task) {
        ReleasedTeam.Task settings = team.task(task);
        Team outline = new Team();
        outline.id = team.id;
        outline.rounds = settings.rounds;
        outline.latentSteps = settings.latentSteps;
        outline.handOffs.addAll(team.handOffs);
        for (ReleasedTeam.Agent agent : team.agents) {
            AgentSpec spec = new AgentSpec();
            spec.id = agent.id;
            outline.agents.add(spec);
        }
        return outline;
    }

    /** Name of an agent's repository. */
    public String repository(String agent) {
        ReleasedTeam.Agent found = team.agent(agent, "agent");
        return team.repository(found) + "-" + found.model;
    }

    /** Name of the repository of the outer links. */
    public String linkRepository() {
        return team.linkRepository();
    }

    /** Where an agent's repository is in a folder that holds the team's. */
    public Path repository(Path folder, String agent) {
        return ReleaseFolder.open(folder).repository(team.repository(team.agent(agent, "agent")));
    }

    /** Where the repository of the outer links is in a folder that holds the team's. */
    public Path linkRepository(Path folder) {
        return ReleaseFolder.open(folder).repository(team.linkRepository());
    }
}
