package org.recursivemas.data;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.List;
import org.teavm.flavour.json.JsonPersistable;

/** A team file (team.json): agents, who hands to whom, and the settings it was trained for. Paths are relative to the file. */
@JsonPersistable
public class Team {
    public static final String FORMAT = "recursivemas.team";
    public static final int VERSION = 1;

    /** {@link #FORMAT}. */
    @JsonProperty public String format;
    /** {@link #VERSION}. */
    @JsonProperty public int version;
    @JsonProperty public String id;
    @JsonProperty public String title;
    @JsonProperty public String description;
    /** In the order in which a round visits them. The agents without a forward hand-off decode (the last one, in a chain). */
    @JsonProperty public List<AgentSpec> agents = new ArrayList<>();
    @JsonProperty("hand_offs") public List<HandOff> handOffs = new ArrayList<>();
    /** Path of recursivelink.json; null for a team that hands over text only. */
    @JsonProperty public String links;
    /** Default number of rounds n, 1 to 5. */
    @JsonProperty public int rounds;
    /** Default latent steps m, 0 to 80. */
    @JsonProperty("latent_steps") public int latentSteps;
    /** Default number of messages that a hand-off brings, the most relevant of all rounds, 1 to 8; 0: the newest only. */
    @JsonProperty public int retrieval;
    /** Text after which the answer stands in the last agent's output, e.g. {@code "Answer:"}; null when the output is the answer. */
    @JsonProperty("answer_marker") public String answerMarker;
    /** What the deciding agent may call in its last text; empty for a team without tools. */
    @JsonProperty public List<ToolSpec> tools = new ArrayList<>();
    /** Problems to try. */
    @JsonProperty public List<String> examples = new ArrayList<>();
}
