package org.recursivemas.data;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.teavm.flavour.json.JsonPersistable;

/** One call of a tool in a text. */
@JsonPersistable
public class ToolCallReport {
    /** Name of the tool's tags. */
    @JsonProperty public String tool;
    /** What the agent wrote between them. */
    @JsonProperty public String input;
    /** Where a search looked: path of the corpus in the team file, or address of a wiki; null for other tools. */
    @JsonProperty public String source;
    /** What the run put into the text: the result, cut to its longest length, or {@code "error: "} and what was wrong. */
    @JsonProperty public String result;
    /** True when the result is an error. */
    @JsonProperty public boolean failed;
    /** Wall time of the tool itself. */
    @JsonProperty public double millis;
}
