package org.recursivemas.data;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.teavm.flavour.json.JsonPersistable;

/** How alike the hidden states of one agent are: every step with every other, of all rounds. */
@JsonPersistable
public class InsideGrid {
    @JsonProperty public String agent;
    /** Rounds in which the agent rolled out, from the first on. */
    @JsonProperty public int rounds;
    /** Steps taken of each round; so there are {@code rounds * steps} rows. */
    @JsonProperty public int steps;
    /** Every how manyth step is taken, from the first on. */
    @JsonProperty public int stride;
    /** Cosines [rows * rows], row by row in the order of rounds, then of steps, to three decimals. */
    @JsonProperty public double[] cosines = {};
}
