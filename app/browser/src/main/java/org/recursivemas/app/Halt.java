package org.recursivemas.app;

import org.teavm.interop.Async;
import org.teavm.interop.AsyncCallback;

/** Where a run that goes stage by stage waits for a person. */
final class Halt {
    private AsyncCallback<Boolean> waiting;

    /** Waits until it may go on; green threads only. @return whether it shall not halt again */
    @Async
    native boolean await();

    private void await(AsyncCallback<Boolean> callback) {
        waiting = callback;
    }

    /** Lets what waits go on; does nothing when nothing waits. */
    void proceed(boolean toTheEnd) {
        AsyncCallback<Boolean> callback = waiting;
        if (callback != null) {
            waiting = null;
            callback.complete(toTheEnd);
        }
    }
}
