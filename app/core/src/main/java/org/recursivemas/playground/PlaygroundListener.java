package org.recursivemas.playground;

import org.recursivemas.data.Team;

/** What the views are told. */
public interface PlaygroundListener extends EngineListener {
    /** A team file has been read. */
    void onTeam(Team team);
}
