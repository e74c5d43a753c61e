package org.recursivemas.engine;

import java.util.ArrayList;
import java.util.List;

/** A control that is cancelled by a call, once and for all. */
public final class StopSwitch implements RunControl {
    private boolean stopped;
    private final List<Runnable> actions = new ArrayList<>();

    public void stop() {
        if (!stopped) {
            stopped = true;
            new ArrayList<>(actions).forEach(Runnable::run);
        }
    }

    @Override
    public boolean cancelled() {
        return stopped;
    }

    @Override
    public Runnable whenCancelled(Runnable action) {
        actions.add(action);
        if (stopped) {
            action.run();
        }
        return () -> actions.remove(action);
    }
}
