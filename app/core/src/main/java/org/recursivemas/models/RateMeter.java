package org.recursivemas.models;

import java.util.ArrayDeque;
import java.util.Deque;

/** How fast bytes come in, over the last seconds. */
final class RateMeter {
    private static final double WINDOW_MILLIS = 5000;
    private static final double LEAST_MILLIS = 300;

    private record Sample(double millis, long bytes) {
    }

    private final Deque<Sample> samples = new ArrayDeque<>();

    /** @param bytes all that came in so far, in this download */
    void add(double millis, long bytes) {
        while (samples.size() > 1 && millis - samples.peekFirst().millis() > WINDOW_MILLIS) {
            samples.removeFirst();
        }
        samples.addLast(new Sample(millis, bytes));
    }

    /** Bytes a second, or 0 while that is not known. */
    double perSecond() {
        if (samples.size() < 2) {
            return 0;
        }
        double span = samples.peekLast().millis() - samples.peekFirst().millis();
        return span < LEAST_MILLIS ? 0 : (samples.peekLast().bytes() - samples.peekFirst().bytes()) / span * 1000;
    }
}
