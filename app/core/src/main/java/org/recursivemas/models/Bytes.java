package org.recursivemas.models;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Small contents as a whole. */
final class Bytes {
    private Bytes() {
    }

    static byte[] all(ModelStore.Content content) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] chunk = content.read(); chunk != null; chunk = content.read()) {
            all.write(chunk, 0, chunk.length);
        }
        return all.toByteArray();
    }

    static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
