package org.recursivemas.team;

/** Leaves a run, or a {@link TeamPart}'s stage, that a person stopped. */
public final class Cancelled extends RuntimeException {
    Cancelled() {
        super("the run was stopped");
    }
}
