package org.recursivemas.pipeline.evaluate;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.util.List;
import java.util.Map;

/**
 * What an evaluation measured.
 *
 * @param format {@link #FORMAT}
 * @param version {@link #VERSION}
 * @param tool name and version of the program
 * @param team id of the team
 * @param tasks name of the task file
 * @param skipped problems left out at the file's beginning
 * @param problems problems that every row was measured on
 * @param asked problems that should have been run; more than {@code problems} when it was interrupted
 * @param threads threads that shared the work: a row's seconds are those of one thread
 * @param seconds wall time of everything
 * @param artifacts SHA-256 (hex) of what took part: models by agent id, links, tasks; and how latents were encoded
 * @param rows one for each way of answering
 */
@JsonPropertyOrder({"format", "version", "tool", "team", "tasks", "skipped", "problems", "asked", "threads", "seconds",
    "artifacts", "rows"})
public record EvaluationReport(
        @JsonProperty("format") String format,
        @JsonProperty("version") int version,
        @JsonProperty("tool") String tool,
        @JsonProperty("team") String team,
        @JsonProperty("tasks") String tasks,
        @JsonProperty("skipped") int skipped,
        @JsonProperty("problems") int problems,
        @JsonProperty("asked") int asked,
        @JsonProperty("threads") int threads,
        @JsonProperty("seconds") double seconds,
        @JsonProperty("artifacts") Map<String, String> artifacts,
        @JsonProperty("rows") List<Row> rows) {
    public static final String FORMAT = "recursivemas.evaluation";
    public static final int VERSION = 1;

    /**
     * One way of answering, over all problems. Numbers per problem are means.
     *
     * @param mode {@code latent}, {@code text} or {@code single}
     * @param rounds depth of the recursion
     * @param latentSteps m; 0 outside latent mode
     * @param correct problems answered right
     * @param accuracy correct / problems
     * @param low lower end of Wilson's 95 % interval of the accuracy
     * @param high upper end
     * @param roundsRun rounds that were run per problem; fewer than {@code rounds} where runs may stop early
     * @param decodedTokens sampled tokens per problem, over all agents
     * @param latentStepsTotal latent steps per problem, over all agents
     * @param positions positions pushed through a model per problem
     * @param seconds per problem on one thread
     * @param failed problems that ended in an error (counted as wrong)
     * @param firstFailure what the first of them said; null when there was none
     */
    @JsonPropertyOrder({"mode", "rounds", "latent_steps", "correct", "accuracy", "low", "high", "rounds_run", "decoded_tokens",
        "latent_steps_total", "positions", "seconds", "failed", "first_failure"})
    public record Row(
            @JsonProperty("mode") String mode,
            @JsonProperty("rounds") int rounds,
            @JsonProperty("latent_steps") int latentSteps,
            @JsonProperty("correct") int correct,
            @JsonProperty("accuracy") double accuracy,
            @JsonProperty("low") double low,
            @JsonProperty("high") double high,
            @JsonProperty("rounds_run") double roundsRun,
            @JsonProperty("decoded_tokens") double decodedTokens,
            @JsonProperty("latent_steps_total") double latentStepsTotal,
            @JsonProperty("positions") double positions,
            @JsonProperty("seconds") double seconds,
            @JsonProperty("failed") int failed,
            @JsonProperty("first_failure") String firstFailure) {
    }

    /** True when the run was stopped before all problems were done. */
    public boolean interrupted() {
        return problems < asked;
    }
}
