package org.recursivemas.library.runtime;

import org.recursivemas.library.ImageBytes;
import org.teavm.interop.Address;

/** Loads and stores in linear memory, and texts there. */
final class Memory {
    private Memory() {
    }

    static int getInt(int address) {
        return Address.fromInt(address).getInt();
    }

    static void putInt(int address, int value) {
        Address.fromInt(address).putInt(value);
    }

    static int getByte(int address) {
        return Address.fromInt(address).getByte() & 0xff;
    }

    static void putByte(int address, int value) {
        Address.fromInt(address).putByte((byte) value);
    }

    static int getShort(int address) {
        return Address.fromInt(address).getShort() & 0xffff;
    }

    static long getLong(int address) {
        return Address.fromInt(address).getLong();
    }

    static void putLong(int address, long value) {
        Address.fromInt(address).putLong(value);
    }

    static float getFloat(int address) {
        return Address.fromInt(address).getFloat();
    }

    static void putFloat(int address, float value) {
        Address.fromInt(address).putFloat(value);
    }

    static double getDouble(int address) {
        return Address.fromInt(address).getDouble();
    }

    static void putDouble(int address, double value) {
        Address.fromInt(address).putDouble(value);
    }

    /** Length of the NUL-terminated text at {@code address}. */
    static int textLength(int address) {
        int end = address;
        while (getByte(end) != 0) {
            ++end;
        }
        return end - address;
    }

    /** The text of {@code length} ASCII bytes. */
    static String text(int address, int length) {
        char[] chars = new char[length];
        for (int i = 0; i < length; ++i) {
            chars[i] = (char) getByte(address + i);
        }
        return new String(chars);
    }

    /** Stores a text as bytes and a NUL; a character beyond ASCII becomes '?'. */
    static void putText(int address, String text) {
        int length = text.length();
        for (int i = 0; i < length; ++i) {
            char c = text.charAt(i);
            putByte(address + i, c < 128 ? c : '?');
        }
        putByte(address + length, 0);
    }

    /** The memory from {@code base} to the present end of the memory. */
    static ImageBytes bytesFrom(int base) {
        int length = Native.memorySize() * 65536 - base;
        return new ImageBytes() {
            @Override
            public int length() {
                return length;
            }

            @Override
            public int byteAt(int offset) {
                return getByte(base + offset);
            }

            @Override
            public int intAt(int offset) {
                return getInt(base + offset);
            }
        };
    }
}
