package org.recursivemas.engine;

/** A monotonic clock. */
@FunctionalInterface
public interface Clock {
    /** Milliseconds since an arbitrary start, with fractions. */
    double millis();
}
