package org.recursivemas.data;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.teavm.flavour.json.JsonPersistable;

/** A message that a hand-off could bring in a run with retrieval, and whether it did. */
@JsonPersistable
public class CandidateReport {
    /** Slot of the reader's prompt. */
    @JsonProperty public String slot;
    /** Agent id of the sender. */
    @JsonProperty public String from;
    /** Round in which it was made, 1-based. */
    @JsonProperty public int round;
    /** How relevant it is to the reader, -1 to 1: cosine of its mean input vector with that of the reader's own prompt. */
    @JsonProperty public double score;
    /** Whether it stood in the slot. */
    @JsonProperty public boolean chosen;
}
