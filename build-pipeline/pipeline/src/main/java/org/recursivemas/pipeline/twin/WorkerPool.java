package org.recursivemas.pipeline.twin;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.IntFunction;
import java.util.function.Supplier;

/**
 * Works on numbered items in parallel, each thread with a worker of its own (models are not shared between threads),
 * and hands out the results in the order of the items, so that sums over them do not depend on the number of threads.
 *
 * @param <W> a worker
 */
public final class WorkerPool<W> implements AutoCloseable {
    /** Takes results in the order of the items. */
    @FunctionalInterface
    public interface Taker<R> {
        /** @return false to stop: items that have not begun are then left out */
        boolean take(int item, R result);
    }

    private final int threads;
    private final ExecutorService executor;
    private final Supplier<W> makeWorker;
    private final Queue<W> idle = new ConcurrentLinkedQueue<>();

    /** @param threads at least 1 */
    public WorkerPool(int threads, Supplier<W> makeWorker) {
        this.threads = threads;
        this.makeWorker = makeWorker;
        executor = Executors.newFixedThreadPool(threads, task -> {
            Thread thread = new Thread(task, "worker");
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Workers, at most. */
    public int threads() {
        return threads;
    }

    /**
     * Works on items 0 to {@code count} - 1. An exception of {@code work} ends it and is thrown here.
     */
    public <R> void run(int count, BiFunction<W, Integer, R> work, Taker<R> taker) {
        IntFunction<Future<R>> submit = item -> executor.submit(() -> {
            W worker = idle.poll();
            if (worker == null) {
                worker = makeWorker.get();
            }
            try {
                return work.apply(worker, item);
            } finally {
                idle.add(worker);
            }
        });
        Deque<Future<R>> running = new ArrayDeque<>();
        int next = 0;
        boolean more = true;
        try {
            for (int item = 0; item < count && more; item++) {
                while (next < count && running.size() < 2 * threads + 2) {
                    running.add(submit.apply(next++));
                }
                more = taker.take(item, result(running.remove()));
            }
        } finally {
            running.forEach(future -> future.cancel(false));
        }
    }

    private static <R> R result(Future<R> future) {
        try {
            return future.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            if (e.getCause() instanceof Error failure) {
                throw failure;
            }
            throw new IllegalStateException("workers throw no checked exceptions", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for a worker", e);
        }
    }

    /** Waits for items under way: what workers use (a native tokenizer, say) may be released afterwards. */
    @Override
    public void close() {
        executor.shutdown();
        boolean interrupted = false;
        while (true) {
            try {
                if (executor.awaitTermination(1, TimeUnit.MINUTES)) {
                    break;
                }
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
