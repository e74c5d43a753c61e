package org.recursivemas.library.runtime;

/** A Str or Bytes object: +24 address of the data, +28 their length. */
final class BytesObj extends Obj {
    private BytesObj(int typeIndex, int address, int length, boolean copy) {
        super(typeIndex, copy ? 16 + length + 1 : 16);
        int data = address;
        if (copy) {
            data = handle() + HEADER + 16;
            if (address != 0) {
                Native.memoryCopy(data, address, length);
            }
            Memory.putByte(data + length, 0);
        }
        Memory.putInt(handle() + 24, data);
        Memory.putInt(handle() + 28, length);
    }

    /** A copy of {@code length} bytes as a Str. */
    static BytesObj copyOfText(int address, int length) {
        return new BytesObj(TypeIndex.STR, address, length, true);
    }

    /** A copy of {@code length} bytes as Bytes. */
    static BytesObj copyOfBytes(int address, int length) {
        return new BytesObj(TypeIndex.BYTES, address, length, true);
    }

    /** A Str over bytes that stay where they are for the life of the module. */
    static BytesObj permanentText(int address, int length) {
        return new BytesObj(TypeIndex.STR, address, length, false);
    }

    static BytesObj text(String text) {
        BytesObj result = new BytesObj(TypeIndex.STR, 0, text.length(), true);
        Memory.putText(result.address(), text);
        return result;
    }

    int address() {
        return Memory.getInt(handle() + 24);
    }

    int length() {
        return Memory.getInt(handle() + 28);
    }
}
