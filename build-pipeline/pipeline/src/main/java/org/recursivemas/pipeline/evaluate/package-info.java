/** Runs a team and its baselines on a task file with the twin, and reports accuracy, tokens, positions and time. */
package org.recursivemas.pipeline.evaluate;
