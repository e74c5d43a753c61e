package org.recursivemas.playground;

/** A {@link Failure}, thrown. */
public final class FailureException extends RuntimeException {
    private final Failure failure;

    FailureException(Failure failure) {
        super(failure.message);
        this.failure = failure;
    }

    public Failure failure() {
        return failure;
    }
}
