package org.recursivemas.pipeline.imports;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import org.recursivemas.data.ChatFormat;
import org.recursivemas.data.HandOff;
import org.recursivemas.pipeline.InputException;

/**
 * What a published team is made of, by the names of its repositories. The wording of the prompts is this project's own;
 * their parts, order and slots are those of the published ones.
 */
final class ReleasedTeam {
    /** Roles and hand-offs that only the published program can run. */
    static final String WITH_TOOLS = "Deliberation";

    /** Id of the team file. */
    @JsonProperty String id;
    /** What the names of all its repositories start with. */
    @JsonProperty String repositories;
    /** {@code paradigm} in the manifest of the outer links. */
    @JsonProperty String paradigm;
    @JsonProperty String title;
    @JsonProperty String description;
    @JsonProperty List<Agent> agents;
    @JsonProperty("hand_offs") List<Edge> handOffs;
    /** Settings by task; the links of some teams differ by task. */
    @JsonProperty Map<String, Task> tasks;

    /** An agent. */
    static final class Agent {
        @JsonProperty String id;
        /** Its role in the names of repositories and link files. */
        @JsonProperty String role;
        /** What the name of its repository ends with. */
        @JsonProperty String model;
        @JsonProperty String title;
    }

    /** A hand-off and the key of its link in the manifest. */
    static final class Edge extends HandOff {
        @JsonProperty String key;
    }

    /** Settings of a task. */
    static final class Task {
        @JsonProperty int rounds;
        @JsonProperty("latent_steps") int latentSteps;
        @JsonProperty("max_tokens") int maxTokens;
        /** Where the published prompts ask for the answer, as a team file says it. */
        @JsonProperty("answer_marker") String answerMarker;
        /** By agent id. */
        @JsonProperty Map<String, Prompts> prompts;
    }

    /** Messages of an agent; what is null is not given. */
    static final class Prompts {
        @JsonProperty String system;
        @JsonProperty String user;
        @JsonProperty("user_feedback") String userFeedback;
        @JsonProperty("user_alone") String userAlone;
        @JsonProperty ChatFormat chat;
    }

    /** All that is known. */
    static final class Catalogue {
        /** Owner of the repositories. */
        @JsonProperty String hub;
        /** By hidden size, a checkpoint that can run here and may stand in for one that cannot. */
        @JsonProperty Map<String, String> substitutes;
        /** System message of every agent. */
        @JsonProperty String system;
        /** Chat formats by name. */
        @JsonProperty Map<String, ChatFormat> chats;
        @JsonProperty List<ReleasedTeam> teams;
    }

    private ReleasedTeam() {
    }

    /** What the name of an agent's repository starts with. */
    String repository(Agent agent) {
        return repositories + "-" + agent.role;
    }

    /** Name of the repository of the outer links. */
    String linkRepository() {
        return repositories + "-Outerlinks";
    }

    /** The settings of a task. */
    Task task(String name) {
        Task task = tasks.get(name);
        if (task == null) {
            throw new InputException("task " + name, "the team " + id + " has the tasks " + tasks.keySet(),
                    "Name one of them", null);
        }
        return task;
    }

    /** The agent of an id. */
    Agent agent(String name, String field) {
        return agents.stream().filter(agent -> agent.id.equals(name)).findFirst().orElseThrow(() -> new InputException(
                field, "the team " + id + " has no agent \"" + name + "\"", "Its agents are " + agents.stream()
                .map(agent -> agent.id).toList(), null));
    }

    /** The team of an id. */
    static ReleasedTeam of(String id, String field) {
        List<ReleasedTeam> teams = catalogue().teams;
        return teams.stream().filter(team -> team.id.equals(id)).findFirst().orElseThrow(() -> new InputException(field,
                "there is no such published team here", "Name one of " + teams.stream().map(team -> team.id).toList(),
                null));
    }

    static Catalogue catalogue() {
        try (InputStream in = ReleasedTeam.class.getResourceAsStream("released-teams.json")) {
            return new ObjectMapper().readValue(in, Catalogue.class);
        } catch (IOException e) {
            throw new UncheckedIOException("a resource of this program", e);
        }
    }
}
