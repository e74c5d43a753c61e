package org.recursivemas.pipeline.tasks;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;

/**
 * One line of a task file.
 *
 * @param question the problem as every agent sees it
 * @param plan the right list of operations: target of planner and critic
 * @param draft a possibly wrong list, as a planner might hand it over
 * @param solution worked steps and answer: target of the solver
 * @param feedback what a solver may have written in the round before, from a right or a wrong plan
 * @param answer the answer alone
 */
@JsonPropertyOrder({"question", "plan", "draft", "solution", "feedback", "answer"})
public record TaskRecord(
        @JsonProperty("question") String question,
        @JsonProperty("plan") String plan,
        @JsonProperty("draft") String draft,
        @JsonProperty("solution") String solution,
        @JsonProperty("feedback") String feedback,
        @JsonProperty("answer") String answer) {
}
