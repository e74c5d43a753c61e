package org.recursivemas.bridge;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A prompt laid out in positions: stretches of token ids and of latent rows, cut anywhere. */
final class Prompt<L> {
    private final List<Part<L>> parts = new ArrayList<>();
    private int positions;

    /** A stretch of positions: either token ids or rows of latents. */
    static final class Part<L> {
        /** Token ids, or null. */
        final int[] ids;
        /** Latents, or null. */
        final L latents;
        /** First row of {@link #latents}. */
        final int firstRow;
        /** Positions of this stretch. */
        final int length;

        private Part(int[] ids, L latents, int firstRow, int length) {
            this.ids = ids;
            this.latents = latents;
            this.firstRow = firstRow;
            this.length = length;
        }
    }

    /** Token ids; neighbouring stretches of ids become one. */
    void add(int[] ids) {
        if (ids.length == 0) {
            return;
        }
        positions += ids.length;
        Part<L> last = parts.isEmpty() ? null : parts.get(parts.size() - 1);
        if (last == null || last.ids == null) {
            parts.add(new Part<>(ids.clone(), null, 0, ids.length));
            return;
        }
        int[] joined = Arrays.copyOf(last.ids, last.ids.length + ids.length);
        System.arraycopy(ids, 0, joined, last.ids.length, ids.length);
        parts.set(parts.size() - 1, new Part<>(joined, null, 0, joined.length));
    }

    /** {@code rows} rows of latents. */
    void add(L latents, int rows) {
        if (rows > 0) {
            positions += rows;
            parts.add(new Part<>(null, latents, 0, rows));
        }
    }

    int positions() {
        return positions;
    }

    /** The stretches of positions {@code from} (inclusive) to {@code to} (exclusive). */
    List<Part<L>> slice(int from, int to) {
        List<Part<L>> slice = new ArrayList<>();
        int start = 0;
        for (Part<L> part : parts) {
            int first = Math.max(from, start) - start;
            int last = Math.min(to, start + part.length) - start;
            if (first < last) {
                slice.add(part.ids != null
                        ? new Part<>(Arrays.copyOfRange(part.ids, first, last), null, 0, last - first)
                        : new Part<>(null, part.latents, part.firstRow + first, last - first));
            }
            start += part.length;
        }
        return slice;
    }
}
