package org.recursivemas.playground;

/** One end of the way between page and worker. Messages arrive in the order in which they were sent. */
public interface EnginePort {
    void post(Messages.Message message);

    /** Ends the worker at once. Nothing arrives any more. */
    void close();

    /** Makes the way, with a fresh worker at its other end. */
    @FunctionalInterface
    interface Opener {
        /** @throws RuntimeException when there can be no worker here */
        EnginePort open(Receiver receiver);
    }

    /** Hears the other end. Called from the browser's callbacks: must return at once. */
    interface Receiver {
        void received(Messages.Message message);

        /** The worker did not start, or has ended by an error; nothing follows. */
        void lost(Failure failure);
    }
}
