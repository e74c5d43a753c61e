package org.recursivemas.ui;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class NumbersTest {
    @Test
    void countsAreGroupedFromFiveDigitsOn() {
        assertEquals("0", Numbers.count(0));
        assertEquals("9999", Numbers.count(9999));
        assertEquals("10\u2009000", Numbers.count(10000));
        assertEquals("123\u2009456\u2009789", Numbers.count(123456789));
        assertEquals("\u22125", Numbers.count(-5));
        assertEquals("\u221212\u2009345", Numbers.count(-12345));
    }

    @Test
    void decimalsAreRoundedHalfUp() {
        assertEquals("1.25", Numbers.fixed(1.25, 2));
        assertEquals("1.3", Numbers.fixed(1.25, 1));
        assertEquals("2", Numbers.fixed(1.5, 0));
        assertEquals("0.05", Numbers.fixed(0.05, 2));
        assertEquals("\u22121.50", Numbers.fixed(-1.5, 2));
        assertEquals("0.00", Numbers.fixed(-0.001, 2));
        assertEquals("14.000001", Numbers.fixed(14.000001, 6));
        assertEquals("not a number", Numbers.fixed(Double.NaN, 2));
        assertEquals("infinite", Numbers.fixed(Double.POSITIVE_INFINITY, 2));
    }

    @Test
    void secondsKeepTheDigitsThatMatter() {
        assertEquals("0.004", Numbers.seconds(4));
        assertEquals("0.09", Numbers.seconds(90));
        assertEquals("1.23", Numbers.seconds(1234));
        assertEquals("12.3", Numbers.seconds(12340));
        assertEquals("123", Numbers.seconds(123400));
    }

    @Test
    void millisecondsBelowTenKeepOneDecimal() {
        assertEquals("1.5", Numbers.millis(1.5));
        assertEquals("13", Numbers.millis(12.5));
    }

    @Test
    void progressSaysHundredOnlyWhenDone() {
        assertEquals(0, Numbers.percent(0));
        assertEquals(99, Numbers.percent(0.9999));
        assertEquals(100, Numbers.percent(1));
    }

    @Test
    void theMeanOfNothingIsNoNumber() {
        assertEquals(14.5, Numbers.mean(new double[] {14, 15}));
        assertTrue(Double.isNaN(Numbers.mean(new double[0])));
    }

    @Test
    void peopleReadTheMarkOfTheirLanguageAndProgramsAPoint() {
        Numbers.use(",");
        try {
            assertEquals("\u22121,50", Numbers.fixed(-1.5, 2));
            assertEquals("17,6 MB", Numbers.bytes(17_600_000));
            assertEquals("0,42", Numbers.seconds(420));
            assertEquals("-1.50", Numbers.plain(-1.5, 2));
        } finally {
            Numbers.use(".");
        }
    }
}
