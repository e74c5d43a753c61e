package org.recursivemas.browser;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import org.recursivemas.data.ModeReport;

/** One problem answered in one way: a line of a speed benchmark's file. */
@JsonPropertyOrder(alphabetic = false)
class SpeedRow {
    /** Number of the problem in its task file, from 0. */
    @JsonProperty public int problem;
    /** {@code "latent"}, {@code "text"} or {@code "single"}. */
    @JsonProperty public String mode;
    /** Depth that was asked for, 1 to 5. */
    @JsonProperty public int rounds;
    /** Latent steps a message, 0 to 80; 0 in other modes than latent. */
    @JsonProperty("latent_steps") public int latentSteps;
    /** Whether the answer was right. */
    @JsonProperty public boolean correct;
    /** Tokens that all agents together wrote. */
    @JsonProperty("decoded_tokens") public int decodedTokens;
    /** Positions pushed through a model: prompts, messages, latent steps, tokens. */
    @JsonProperty public int positions;
    /** Wall time of the run in milliseconds, models loaded. */
    @JsonProperty public double millis;

    /** For the reader of files. */
    SpeedRow() {
    }

    SpeedRow(int problem, Way way, ModeReport report) {
        this.problem = problem;
        mode = way.mode();
        rounds = way.rounds();
        latentSteps = way.latentSteps();
        correct = Boolean.TRUE.equals(report.correct);
        decodedTokens = report.decodedTokens;
        positions = report.positions;
        millis = report.millis;
    }

    Way way() {
        return new Way(mode, rounds, latentSteps);
    }

    /**
     * A way of answering.
     *
     * @param mode {@code "latent"}, {@code "text"} or {@code "single"}
     * @param rounds 1 to 5
     * @param latentSteps 0 to 80
     */
    record Way(String mode, int rounds, int latentSteps) {
        @Override
        public String toString() {
            return switch (mode) {
                case "latent" -> "latent, m = " + latentSteps;
                case "single" -> "single agent";
                default -> mode;
            };
        }
    }
}
