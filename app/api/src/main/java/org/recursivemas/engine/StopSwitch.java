package org.recursivemas.engine;

/** A control that is cancelled by a call, once and for all. */
public final class StopSwitch implements RunControl {
    private boolean stopped;
    private Runnable action;

    public void stop() {
        if (!stopped) {
            stopped = true;
            if (action != null) {
                action.run();
            }
        }
    }

    @Override
    public boolean cancelled() {
        return stopped;
    }

    @Override
    public void whenCancelled(Runnable newAction) {
        action = newAction;
        if (stopped && newAction != null) {
            newAction.run();
        }
    }
}
