package org.recursivemas.library.link;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A WebAssembly binary as a list of sections. Only what linking needs is understood. */
final class WasmModule {
    static final int CUSTOM = 0;
    static final int IMPORT = 2;
    static final int MEMORY = 5;
    static final int EXPORT = 7;
    static final int DATA = 11;
    static final int DATA_COUNT = 12;

    private static final byte[] PREAMBLE = {0, 'a', 's', 'm', 1, 0, 0, 0};

    /** A section: its id and what stands between its length and its end. */
    static final class Section {
        final int id;
        final byte[] body;

        Section(int id, byte[] body) {
            this.id = id;
            this.body = body;
        }
    }

    private final List<Section> sections = new ArrayList<>();

    /** @throws LinkException when the bytes are not a whole module */
    static WasmModule parse(byte[] bytes) {
        if (bytes.length < PREAMBLE.length) {
            throw new LinkException("not a WebAssembly module: " + bytes.length + " bytes");
        }
        for (int i = 0; i < PREAMBLE.length; ++i) {
            if (bytes[i] != PREAMBLE[i]) {
                throw new LinkException("not a WebAssembly module: byte " + i + " of the preamble is " + bytes[i]);
            }
        }
        WasmModule module = new WasmModule();
        Reader reader = new Reader(bytes, PREAMBLE.length);
        while (!reader.atEnd()) {
            int id = reader.byte8();
            module.sections.add(new Section(id, reader.bytes(reader.unsigned(), "section " + id)));
        }
        return module;
    }

    /** The first section with this id, or null. */
    Section find(int id) {
        for (Section section : sections) {
            if (section.id == id) {
                return section;
            }
        }
        return null;
    }

    Section need(int id, String name) {
        Section section = find(id);
        if (section == null) {
            throw new LinkException("the runtime module has no " + name + " section");
        }
        return section;
    }

    /** What follows the name in the custom section of this name, or null. */
    byte[] custom(String name) {
        for (Section section : sections) {
            if (section.id == CUSTOM) {
                Reader reader = new Reader(section.body, 0);
                String found = new String(reader.bytes(reader.unsigned(), "custom section"), StandardCharsets.UTF_8);
                if (found.equals(name)) {
                    return reader.rest();
                }
            }
        }
        return null;
    }

    void replace(Section old, byte[] body) {
        sections.set(sections.indexOf(old), new Section(old.id, body));
    }

    void removeCustom() {
        sections.removeIf(section -> section.id == CUSTOM);
    }

    byte[] toBytes() {
        Writer writer = new Writer();
        writer.bytes(PREAMBLE);
        for (Section section : sections) {
            writer.byte8(section.id);
            writer.unsigned(section.body.length);
            writer.bytes(section.body);
        }
        return writer.toBytes();
    }

    /** Reads bytes and LEB128 numbers. */
    static final class Reader {
        private final byte[] bytes;
        private int at;

        Reader(byte[] bytes, int at) {
            this.bytes = bytes;
            this.at = at;
        }

        boolean atEnd() {
            return at == bytes.length;
        }

        int byte8() {
            if (at >= bytes.length) {
                throw new LinkException("the WebAssembly module ends at byte " + at + " in the middle of something");
            }
            return bytes[at++] & 0xff;
        }

        int unsigned() {
            long value = 0;
            for (int shift = 0; shift < 35; shift += 7) {
                int next = byte8();
                value |= (long) (next & 0x7f) << shift;
                if (next < 0x80) {
                    if (value > Integer.MAX_VALUE) {
                        break;
                    }
                    return (int) value;
                }
            }
            throw new LinkException("a number before byte " + at + " of the WebAssembly module is too large");
        }

        byte[] bytes(int length, String what) {
            if (length > bytes.length - at) {
                throw new LinkException(what + " has " + length + " bytes, but only " + (bytes.length - at)
                        + " follow in the WebAssembly module");
            }
            byte[] result = new byte[length];
            System.arraycopy(bytes, at, result, 0, length);
            at += length;
            return result;
        }

        byte[] rest() {
            return bytes(bytes.length - at, "rest");
        }
    }

    /** Writes bytes and LEB128 numbers. */
    static final class Writer {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        void byte8(int value) {
            out.write(value);
        }

        void unsigned(int value) {
            int left = value;
            while (left >>> 7 != 0) {
                out.write(left & 0x7f | 0x80);
                left >>>= 7;
            }
            out.write(left);
        }

        void signed(int value) {
            int left = value;
            while (left < -64 || left > 63) {
                out.write(left & 0x7f | 0x80);
                left >>= 7;
            }
            out.write(left & 0x7f);
        }

        void bytes(byte[] bytes) {
            out.write(bytes, 0, bytes.length);
        }

        byte[] toBytes() {
            return out.toByteArray();
        }
    }
}
