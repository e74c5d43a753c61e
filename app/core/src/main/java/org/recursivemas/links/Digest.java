package org.recursivemas.links;

/** A checksum that is computed piece by piece. */
public interface Digest {
    /** Takes {@code count} bytes in, from {@code from} on. */
    Digest update(byte[] bytes, int from, int count);

    /** The checksum in lower-case hexadecimal; ends the computation. */
    String hex();
}
