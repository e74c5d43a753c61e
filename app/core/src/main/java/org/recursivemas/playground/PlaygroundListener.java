package org.recursivemas.playground;

import org.recursivemas.data.Team;

/** What the views are told. */
public interface PlaygroundListener extends EngineListener {
    /** A team file has been read. */
    void onTeam(Team team);

    /** A load or run is over, and its end has been told: the next one can begin. */
    default void onIdle() {
    }
}
