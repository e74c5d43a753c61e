package org.recursivemas.models;

import org.recursivemas.links.Digest;

/** MD5 (RFC 1321) in plain Java: the checksum that tensor-cache.json states. It finds damage, not forgery. */
public final class Md5 implements Digest {
    private static final int BLOCK = 64;
    private static final int[] SHIFTS = {7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21};
    /** floor(2^32 |sin(i + 1)|). */
    private static final int[] K = new int[64];

    static {
        for (int i = 0; i < K.length; i++) {
            K[i] = (int) (long) Math.floor(Math.abs(Math.sin(i + 1)) * 4_294_967_296.0);
        }
    }

    private int a = 0x67452301;
    private int b = 0xefcdab89;
    private int c = 0x98badcfe;
    private int d = 0x10325476;
    private final int[] words = new int[16];
    private final byte[] block = new byte[BLOCK];
    private int filled;
    private long length;

    @Override
    public Md5 update(byte[] bytes, int from, int count) {
        length += count;
        int at = from;
        int end = from + count;
        while (at < end) {
            if (filled == 0 && end - at >= BLOCK) {
                compress(bytes, at);
                at += BLOCK;
                continue;
            }
            int n = Math.min(BLOCK - filled, end - at);
            System.arraycopy(bytes, at, block, filled, n);
            filled += n;
            at += n;
            if (filled == BLOCK) {
                compress(block, 0);
                filled = 0;
            }
        }
        return this;
    }

    @Override
    public String hex() {
        long bits = length * 8;
        byte[] tail = new byte[1 + (BLOCK + 55 - filled) % BLOCK + 8];
        tail[0] = (byte) 0x80;
        for (int i = 0; i < 8; i++) {
            tail[tail.length - 8 + i] = (byte) (bits >>> 8 * i);
        }
        update(tail, 0, tail.length);
        StringBuilder hex = new StringBuilder();
        for (int word : new int[] {a, b, c, d}) {
            for (int i = 0; i < 4; i++) {
                int value = word >>> 8 * i & 255;
                hex.append("0123456789abcdef".charAt(value >>> 4)).append("0123456789abcdef".charAt(value & 15));
            }
        }
        return hex.toString();
    }

    private void compress(byte[] from, int start) {
        for (int i = 0; i < 16; i++) {
            int at = start + 4 * i;
            words[i] = from[at] & 255 | (from[at + 1] & 255) << 8 | (from[at + 2] & 255) << 16 | from[at + 3] << 24;
        }
        int w = a;
        int x = b;
        int y = c;
        int z = d;
        for (int i = 0; i < 64; i++) {
            int mixed;
            int word;
            if (i < 16) {
                mixed = x & y | ~x & z;
                word = i;
            } else if (i < 32) {
                mixed = z & x | ~z & y;
                word = 5 * i + 1 & 15;
            } else if (i < 48) {
                mixed = x ^ y ^ z;
                word = 3 * i + 5 & 15;
            } else {
                mixed = y ^ (x | ~z);
                word = 7 * i & 15;
            }
            int sum = w + mixed + K[i] + words[word];
            int shift = SHIFTS[i >> 4 << 2 | i & 3];
            w = z;
            z = y;
            y = x;
            x += sum << shift | sum >>> 32 - shift;
        }
        a += w;
        b += x;
        c += y;
        d += z;
    }
}
