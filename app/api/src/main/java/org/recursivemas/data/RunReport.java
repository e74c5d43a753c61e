package org.recursivemas.data;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.teavm.flavour.json.JsonPersistable;

/** Everything about one run, enough to repeat it. */
@JsonPersistable
public class RunReport {
    public static final String FORMAT = "recursivemas.run";
    public static final int VERSION = 1;

    @JsonProperty public String format = FORMAT;
    @JsonProperty public int version = VERSION;
    @JsonProperty public String team;
    @JsonProperty public String problem;
    /** The expected answer, or null when the problem was typed by a person. */
    @JsonProperty public String expected;
    @JsonProperty public double temperature;
    @JsonProperty public int seed;
    /** Nucleus of the sampling where the temperature is above 0: above 0, at most 1. */
    @JsonProperty("top_p") public double topP = 0.95;
    /** Answers that were decoded from one set of rollouts. */
    @JsonProperty public int answers = 1;
    /** The prompts in force, by agent id: system message. */
    @JsonProperty public Map<String, String> systems = new LinkedHashMap<>();
    /** Links that were not used as trained: {@code "planner"} (inner) or {@code "planner->critic"} to what stood for it. */
    @JsonProperty public Map<String, String> links = new LinkedHashMap<>();
    /** Address of the wiki that search tools asked; null when they looked through the team's corpus. */
    @JsonProperty public String search;
    @JsonProperty public List<ModeReport> modes = new ArrayList<>();
    /** SHA-256 of what took part, by name: WebLLM's script, model libraries, weights, links, team file. */
    @JsonProperty public Map<String, String> artifacts = new LinkedHashMap<>();
    /** Device and engine as they describe themselves. */
    @JsonProperty public Map<String, String> environment = new LinkedHashMap<>();
}
