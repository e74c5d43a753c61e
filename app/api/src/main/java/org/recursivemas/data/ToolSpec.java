package org.recursivemas.data;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import org.teavm.flavour.json.JsonPersistable;

/** A tool that the deciding agent may call in its last text: it writes the input between the tool's tags. */
@JsonPersistable
@JsonInclude(JsonInclude.Include.NON_NULL)
public class ToolSpec {
    /** Name of the tags, e.g. {@code "calc"}: the agent writes {@code <calc>input</calc>}. */
    @JsonProperty public String name;
    /** {@code "calculator"} or {@code "search"}. */
    @JsonProperty public String kind;
    /** Path of the corpus that a search looks through, relative to the team file; only for a search. */
    @JsonProperty public String corpus;
    /** Most characters of a result; longer ones are cut. 0 (left out): 200. */
    @JsonProperty("result_chars") public int resultChars;
}
