package org.recursivemas.engine;

/** Lets a person stop a run. Asked between positions; a run that is stopped ends with {@link Generation.Finish#CANCELLED}. */
@FunctionalInterface
public interface RunControl {
    RunControl NEVER = () -> false;

    boolean cancelled();

    /**
     * Has {@code action} called as soon as it is cancelled, at once when it is already: for work that waits and cannot
     * ask. A control that never calls it is asked only when the work goes on by itself.
     *
     * @return takes the action back; to be called when the work waits no more
     */
    default Runnable whenCancelled(Runnable action) {
        return () -> { };
    }
}
