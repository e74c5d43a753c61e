package org.recursivemas.ui;

import java.util.ArrayDeque;
import java.util.Deque;
import org.recursivemas.ui.fake.Later;

/** Does what was put off when the test says so. */
final class ManualLater implements Later {
    private final Deque<Runnable> waiting = new ArrayDeque<>();

    @Override
    public void run(int millis, Runnable what) {
        waiting.add(what);
    }

    /** Does everything, and what that puts off in turn. */
    void drain() {
        while (!waiting.isEmpty()) {
            waiting.remove().run();
        }
    }

    /** Does things until the condition holds; fails when nothing is left to do. */
    void until(java.util.function.BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            if (waiting.isEmpty()) {
                throw new AssertionError("nothing left to do, and the condition does not hold");
            }
            waiting.remove().run();
        }
    }
}
