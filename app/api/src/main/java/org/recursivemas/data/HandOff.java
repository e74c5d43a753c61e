package org.recursivemas.data;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.teavm.flavour.json.JsonPersistable;

/** One edge of the hand-off graph: the message of {@code from} stands in slot {@code slot} of {@code to}'s prompt. */
@JsonPersistable
public class HandOff {
    @JsonProperty public String from;
    @JsonProperty public String to;
    /** Name of the slot: the prompt of {@code to} contains <code>{slot}</code>. */
    @JsonProperty public String slot;
    /** True for an edge that crosses the round boundary: it delivers in the next round. */
    @JsonProperty public boolean feedback;
}
