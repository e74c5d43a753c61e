package org.recursivemas.data;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.List;
import org.teavm.flavour.json.JsonPersistable;

/** One way of answering the problem, measured with the same meter as the others. */
@JsonPersistable
public class ModeReport {
    /** {@code "latent"}, {@code "text"} (recursive text hand-off with the same rounds) or {@code "single"}. */
    @JsonProperty public String mode;
    /** Rounds that were run. */
    @JsonProperty public int rounds;
    /** Rounds that were allowed, where the run could stop early; else 0. */
    @JsonProperty("most_rounds") public int mostRounds;
    /** How alike two rounds' messages must be for the later one to be the last: above 0, at most 1; 0 when all rounds run. */
    @JsonProperty("stop_early") public double stopEarly;
    /** How alike the messages to the deciding agent were to those of the round before, from round 2 on, where it was asked. */
    @JsonProperty public double[] agreements = {};
    /** Most messages that a hand-off brought, the most relevant of all rounds; 0 when it brought the newest only. */
    @JsonProperty public int retrieval;
    @JsonProperty("latent_steps") public int latentSteps;
    /** The last agent's whole text; of several, the first that gave the chosen answer. */
    @JsonProperty public String text;
    /** What stands after the team's answer marker; empty when the marker is missing; of several, the most frequent. */
    @JsonProperty public String answer;
    /** Every answer when several were asked for, in the order in which they were decoded; empty otherwise. */
    @JsonProperty public List<AnswerReport> answers = new ArrayList<>();
    /** Whether {@link #answer} equals the expected answer; null when none is known. */
    @JsonProperty public Boolean correct;
    /** {@code "stop"}, {@code "length"} or {@code "cancelled"}. */
    @JsonProperty public String finish;
    @JsonProperty("decoded_tokens") public int decodedTokens;
    @JsonProperty("latent_steps_total") public int latentStepsTotal;
    @JsonProperty("prompt_positions") public int promptPositions;
    /** Everything pushed through a model. */
    @JsonProperty public int positions;
    @JsonProperty public double millis;
    /** Device time of the links; negative when the device cannot tell. */
    @JsonProperty("link_millis") public double linkMillis;
    @JsonProperty public List<StageReport> stages = new ArrayList<>();
    /** What the latents looked like; null when nobody asked to see, and in modes without latents. */
    @JsonProperty public InsideReport inside;
}
