package org.recursivemas.data;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.List;
import org.teavm.flavour.json.JsonPersistable;

/** One visit to one agent. Milliseconds are wall time; counts are of positions pushed through the model. */
@JsonPersistable
public class StageReport {
    @JsonProperty public String agent;
    /** 1-based. */
    @JsonProperty public int round;
    /** {@code "rollout"}, {@code "text"} (writes a hand-off) or {@code "answer"} (writes the final text). */
    @JsonProperty public String kind;
    /** Positions of the prompt, latents in slots included. */
    @JsonProperty("prompt_positions") public int promptPositions;
    /** Rows of latent vectors that stood in the prompt's slots. */
    @JsonProperty("latent_rows_in") public int latentRowsIn;
    /** Latent steps m of the rollout, or 0. */
    @JsonProperty("latent_steps") public int latentSteps;
    @JsonProperty("decoded_tokens") public int decodedTokens;
    /** All positions: prompt + latent steps fed back + decoded tokens fed back. */
    @JsonProperty public int positions;
    @JsonProperty public double millis;
    /** L2 norm of each collected hidden state of a rollout; empty otherwise. */
    @JsonProperty("hidden_norms") public double[] hiddenNorms = {};
    /** False when a collected hidden state held NaN or infinity. */
    @JsonProperty public boolean finite = true;
    /** Text written by this stage, results of tools included; null in a rollout. */
    @JsonProperty public String text;
    /** Messages that could stand in the prompt's slots, slot by slot, oldest first; empty without retrieval. */
    @JsonProperty public List<CandidateReport> candidates = new ArrayList<>();
    /** Calls of tools in this text, in order. */
    @JsonProperty("tool_calls") public List<ToolCallReport> toolCalls = new ArrayList<>();
}
