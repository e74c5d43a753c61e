package org.recursivemas.team;

/** Leaves a run that a person stopped; never seen outside this package. */
public final class Cancelled extends RuntimeException {
    Cancelled() {
        super("the run was stopped");
    }
}
