package org.recursivemas.measure;

/**
 * A problem of a task set.
 *
 * @param question not blank
 * @param answer the expected answer, not blank
 */
public record Problem(String question, String answer) {
}
