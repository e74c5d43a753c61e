package org.recursivemas.ui.measure;

import org.recursivemas.data.RunReport;
import org.recursivemas.playground.RunRequest;
import org.recursivemas.ui.PlaygroundController;
import org.recursivemas.ui.PlaygroundState;
import org.recursivemas.ui.RunObserver;

/** Runs one request after the other for a job, with the page's own controller, so that the page shows them like any run. */
public final class Runner implements RunObserver {
    /** Several runs that belong together. */
    public interface Job {
        /** What Run says while the job goes on. */
        String title();

        /** The next run, or null at the end. */
        RunRequest next();

        /**
         * A run has ended. Calls {@code goOn} when the next may begin, now or later.
         *
         * @throws IllegalStateException for people, to end the job
         */
        void ended(RunReport report, Runnable goOn);

        /** The job is over. @param failure why it failed, or null. @param stopped whether it was stopped */
        void over(String failure, boolean stopped);
    }

    private final PlaygroundController controller;
    private final PlaygroundState state;
    private Job job;
    private RunReport report;
    private String failure;
    private boolean running;
    private boolean stopping;

    Runner(PlaygroundController controller, PlaygroundState state) {
        this.controller = controller;
        this.state = state;
        controller.observe(this);
    }

    /** The job at work, or null. */
    public Job job() {
        return job;
    }

    /** Why no job can begin now, for people, or null. */
    public String blocked() {
        if (job != null) {
            return job.title();
        }
        if (state.unavailable() != null) {
            return state.unavailable();
        }
        return state.activity() == PlaygroundState.Activity.IDLE ? null : MeasureTexts.BUSY;
    }

    /** Begins a job. Only when {@link #blocked} is null. */
    public void start(Job next) {
        if (blocked() != null) {
            throw new IllegalStateException(blocked());
        }
        job = next;
        stopping = false;
        controller.occupy(next.title());
        step();
    }

    /** Stops the job after, or in the middle of, its present run; what is finished stays. */
    public void stop() {
        if (job != null) {
            stopping = true;
            controller.stop();
        }
    }

    public boolean stopping() {
        return stopping;
    }

    private void step() {
        RunRequest request;
        try {
            request = stopping ? null : job.next();
        } catch (RuntimeException e) {
            finish(e.getMessage(), false);
            return;
        }
        if (request == null) {
            finish(null, stopping);
            return;
        }
        report = null;
        failure = null;
        running = true;
        controller.run(request);
    }

    private void finish(String why, boolean stopped) {
        Job done = job;
        job = null;
        running = false;
        stopping = false;
        controller.occupy(null);
        done.over(why, stopped);
    }

    @Override
    public void onReport(RunReport told, boolean whole) {
        if (running) {
            report = whole ? told : null;
            stopping |= !whole;
        }
    }

    @Override
    public void onFailure(String message) {
        if (running) {
            failure = message;
        }
    }

    @Override
    public void onIdle() {
        if (!running) {
            return;
        }
        running = false;
        if (failure != null) {
            finish(failure, false);
        } else if (report == null) {
            finish(null, true);
        } else {
            try {
                job.ended(report, this::step);
            } catch (IllegalStateException e) {
                finish(e.getMessage(), false);
            }
        }
    }

    /** Ends the job for a reason that came up between two runs. */
    void fail(String why) {
        if (job != null && !running) {
            finish(why, false);
        }
    }
}
