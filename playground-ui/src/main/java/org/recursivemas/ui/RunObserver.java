package org.recursivemas.ui;

import org.recursivemas.data.RunReport;
import org.recursivemas.data.Team;

/** Hears how runs end, after the page's state has been brought up to date. */
public interface RunObserver {
    /** A team has been opened. */
    default void onTeam(Team team) {
    }

    /** What a run reported. @param whole false when it was stopped or failed: the report then holds what had ended */
    default void onReport(RunReport report, boolean whole) {
    }

    /** A load or run failed. @param message for people */
    default void onFailure(String message) {
    }

    /** Nothing is loading or running any more. */
    default void onIdle() {
    }
}
