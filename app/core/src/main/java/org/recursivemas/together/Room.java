package org.recursivemas.together;

/** A room as one browser is in it: as its host ({@link HostRoom}) or as a guest ({@link GuestRoom}). */
public interface Room {
    RoomState state();

    /** Has to be called about every quarter of a second. */
    void tick();

    /** Stops the run under way, for all. */
    void stop();

    /** Leaves the room; a host ends it. */
    void leave();
}
