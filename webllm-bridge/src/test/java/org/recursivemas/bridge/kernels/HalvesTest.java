package org.recursivemas.bridge.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class HalvesTest {
    @Test
    void everyHalfSurvives() {
        for (int half = 0; half <= 0xffff; half++) {
            float value = Halves.toFloat(half);
            if (Float.isNaN(value)) {
                assertTrue(Float.isNaN(Halves.toFloat(Halves.fromFloat(value))));
            } else {
                assertEquals(half, Halves.fromFloat(value), "half " + Integer.toHexString(half));
            }
        }
    }

    @Test
    void knownValues() {
        assertEquals(1f, Halves.toFloat(0x3c00));
        assertEquals(-2f, Halves.toFloat(0xc000));
        assertEquals(65504f, Halves.toFloat(0x7bff));
        assertEquals(Math.scalb(1f, -24), Halves.toFloat(1));
        assertEquals(Float.POSITIVE_INFINITY, Halves.toFloat(0x7c00));
        assertEquals(0x8000, Halves.fromFloat(-0f));
    }

    @Test
    void midpointsGoToTheEvenHalf() {
        for (int half = 0; half < 0x7bff; half++) {
            float middle = (Halves.toFloat(half) + Halves.toFloat(half + 1)) / 2;
            int even = half % 2 == 0 ? half : half + 1;
            assertEquals(even, Halves.fromFloat(middle), "above half " + half);
            assertEquals(half, Halves.fromFloat(Math.nextDown(middle)));
            assertEquals(half + 1, Halves.fromFloat(Math.nextUp(middle)));
        }
    }

    @Test
    void tooLargeBecomesInfinite() {
        assertEquals(0x7bff, Halves.fromFloat(Math.nextDown(65520f)));
        assertEquals(0x7c00, Halves.fromFloat(65520f));
        assertEquals(0xfc00, Halves.fromFloat(-1e10f));
        assertEquals(0x7c00, Halves.fromFloat(Float.POSITIVE_INFINITY));
    }
}
