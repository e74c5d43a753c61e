package org.recursivemas.engine;

/** Lets a person stop a run. Asked between positions; a run that is stopped ends with {@link Generation.Finish#CANCELLED}. */
@FunctionalInterface
public interface RunControl {
    RunControl NEVER = () -> false;

    boolean cancelled();
}
