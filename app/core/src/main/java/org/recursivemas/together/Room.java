package org.recursivemas.together;

/** A room as one browser is in it: as its host ({@link HostRoom}) or as a guest ({@link GuestRoom}). */
public interface Room {
    RoomState state();

    /** Has to be called about every quarter of a second. */
    void tick();

    /** Stops the run under way, for all. */
    void stop();

    /** The page ends: the others hear it at once. Nothing is waited for and nothing can be done with the room afterwards. */
    void goodbye();

    /** Leaves the room; a host ends it. */
    void leave();
}
