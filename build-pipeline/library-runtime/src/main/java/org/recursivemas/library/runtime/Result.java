package org.recursivemas.library.runtime;

/** The 16-byte cell that receives a function's result. Starts as None. */
final class Result {
    private final int address;

    Result(int address) {
        this.address = address;
        Memory.putInt(address, TypeIndex.NONE);
        Memory.putInt(address + 4, 0);
        Memory.putLong(address + 8, 0);
    }

    int address() {
        return address;
    }

    void integer(int value) {
        Memory.putInt(address, TypeIndex.INT);
        Memory.putLong(address + 8, value);
    }

    void bool(boolean value) {
        Memory.putInt(address, TypeIndex.BOOL);
        Memory.putLong(address + 8, value ? 1 : 0);
    }

    /** Hands the caller one reference. */
    void object(Obj value) {
        Memory.putInt(address, value.typeIndex());
        Memory.putLong(address + 8, value.handle());
    }

    /** Hands the caller a new reference to an object that somebody else keeps. */
    void shared(Obj value) {
        value.retain();
        object(value);
    }
}
