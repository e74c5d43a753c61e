package org.recursivemas.app;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.recursivemas.data.Team;
import org.recursivemas.playground.Playground;
import org.recursivemas.playground.RunRequest;
import org.recursivemas.tools.WikiAddress;
import org.teavm.flavour.json.JsonPersistable;

/** A run as a program asks for it; what it leaves out is the team's, or the plain default. */
@JsonPersistable
public class RunOptions {
    /** Null: a fresh problem of that seed, with its answer. */
    @JsonProperty public String problem;
    @JsonProperty public String expected;
    /** Null: the team's. */
    @JsonProperty public Integer rounds;
    /** Null: the team's. */
    @JsonProperty("latent_steps") public Integer latentSteps;
    @JsonProperty public double temperature;
    @JsonProperty public int seed;
    /** Null: {@link RunRequest#TOP_P}. */
    @JsonProperty("top_p") public Double topP;
    /** Answers from one set of rollouts. Null: 1. */
    @JsonProperty public Integer answers;
    /** Null: only latent. */
    @JsonProperty public List<String> modes;
    /** System messages that replace the team's, by agent id. */
    @JsonProperty public Map<String, String> systems = new LinkedHashMap<>();

    /** What stands in links' places; {@link RunRequest#withLinks}. */
    @JsonProperty public Map<String, String> links = new LinkedHashMap<>();
    /** {@link RunRequest#seeingInside}. */
    @JsonProperty("see_inside") public boolean seeInside;

    /** The wiki that search tools ask, as {@link WikiAddress#api} reads it. Null: the team's corpus. */
    @JsonProperty public String search;

    /** {@link RunRequest#stoppingEarly}; 0 for all rounds. */
    @JsonProperty("stop_early") public double stopEarly;

    /** {@link RunRequest#retrieving}; 0 for the newest messages. Null: the team's. */
    @JsonProperty public Integer retrieval;

    RunRequest toRequest(Team team, Playground playground) {
        String text = problem;
        String answer = expected;
        if (text == null) {
            Playground.Problem fresh = playground.newProblem(seed);
            text = fresh.text();
            answer = fresh.answer();
        }
        return new RunRequest(text, answer, rounds == null ? team.rounds : rounds,
                latentSteps == null ? team.latentSteps : latentSteps, temperature, seed,
                modes == null ? List.of("latent") : modes, systems == null ? Map.of() : systems)
                .withLinks(links == null ? Map.of() : links).seeingInside(seeInside)
                .sampling(topP == null ? RunRequest.TOP_P : topP, answers == null ? 1 : answers)
                .searching(search == null ? null : WikiAddress.api(search)).stoppingEarly(stopEarly)
                .retrieving(retrieval == null ? team.retrieval : retrieval);
    }
}
