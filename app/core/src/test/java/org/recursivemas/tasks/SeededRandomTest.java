package org.recursivemas.tasks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Random;
import org.junit.jupiter.api.Test;

class SeededRandomTest {
    @Test
    void drawsAsThePlatformsGenerator() {
        int[] bounds = {1, 2, 3, 7, 8, 25, 60, 99, 1000, 1 << 20, 1_500_000_000, Integer.MAX_VALUE};
        for (long seed : new long[] {0, 1, -1, 42, 0x123456789ABCDEFL, Long.MIN_VALUE}) {
            Random expected = new Random(seed);
            SeededRandom actual = new SeededRandom(seed);
            for (int i = 0; i < 2000; i++) {
                int bound = bounds[i % bounds.length];
                assertEquals(expected.nextInt(bound), actual.nextInt(bound), "draw " + i + " of seed " + seed);
            }
        }
    }

    @Test
    void emptyRangeIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> new SeededRandom(1).nextInt(0));
    }
}
