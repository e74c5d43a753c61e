package org.recursivemas.data;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.teavm.flavour.json.JsonPersistable;

/** A recursivelink.json: the trained links of one team. */
@JsonPersistable
@JsonInclude(JsonInclude.Include.NON_NULL)
public class LinkFile {
    public static final String FORMAT = "recursivemas.links";
    public static final int VERSION = 1;

    /** {@link #FORMAT}. */
    @JsonProperty public String format;
    /** {@link #VERSION}. */
    @JsonProperty public int version;
    /** Id of the team the links were trained for. */
    @JsonProperty public String team;
    /** Ids of further teams of the same agents that these links were made for as well; left out: none. */
    @JsonProperty("also_for") public List<String> alsoFor;
    /** SHA-256 (hex) of each agent's source checkpoint file, by agent id. */
    @JsonProperty public Map<String, String> agents = new LinkedHashMap<>();
    /**
     * Name of the safetensors file beside this one that holds the tensors' values; left out: they are in this file.
     */
    @JsonProperty("weights_file") public String weightsFile;
    @JsonProperty public List<LinkEntry> links = new ArrayList<>();
    /** How the links were made: method, data, steps, seed, measured accuracy; free text by key. */
    @JsonProperty public Map<String, String> training = new LinkedHashMap<>();

    /** Whether the links were made for a team of this id. */
    public boolean isFor(String teamId) {
        return teamId.equals(team) || alsoFor != null && alsoFor.contains(teamId);
    }
}
