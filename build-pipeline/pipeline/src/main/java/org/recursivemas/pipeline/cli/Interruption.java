package org.recursivemas.pipeline.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/** Ctrl-C asks work to end and gives it time to write what it has. */
final class Interruption {
    /** How long stopped work may take to write what it has. */
    private static final long GRACE_SECONDS = 120;

    private Interruption() {
    }

    /** Runs work that asks often whether it should end. */
    static <T> T run(Function<BooleanSupplier, T> work) {
        AtomicBoolean stopped = new AtomicBoolean();
        CountDownLatch finished = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stopAndWait(stopped, finished), "stop"));
        try {
            return work.apply(stopped::get);
        } finally {
            finished.countDown(); // the hook stays: from here on it finds nothing to wait for
        }
    }

    private static void stopAndWait(AtomicBoolean stopped, CountDownLatch finished) {
        stopped.set(true);
        try {
            finished.await(GRACE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
