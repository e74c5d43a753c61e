package org.recursivemas.ui;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.Test;
import org.recursivemas.data.ModeReport;

class SavingsTest {
    private static ModeReport report(String mode, int tokens, int positions, double millis) {
        ModeReport report = new ModeReport();
        report.mode = mode;
        report.decodedTokens = tokens;
        report.positions = positions;
        report.millis = millis;
        report.finish = "stop";
        return report;
    }

    private static Savings savings(int tokens, int positions, double millis) {
        return new Savings(report("latent", tokens, positions, millis), report("text", 171, 500, 3000));
    }

    @Test
    void fewerTokensAndLessTimeAreSaved() {
        Savings savings = savings(38, 400, 1400);
        assertEquals("78 % fewer decoded tokens (38, not 171)", savings.decodedTokens().toString());
        assertEquals("20 % fewer positions (400, not 500)", savings.positions().toString());
        assertEquals("2.1 times faster (1.40 s, not 3.00 s)", savings.time().toString());
    }

    @Test
    void whatCostsMoreIsSaidAsPlainly() {
        Savings savings = savings(190, 560, 4500);
        assertEquals("11 % more decoded tokens (190, not 171)", savings.decodedTokens().toString());
        assertEquals("12 % more positions (560, not 500)", savings.positions().toString());
        assertEquals("1.5 times slower (4.50 s, not 3.00 s)", savings.time().toString());
        assertEquals("4.0 times as many positions (2000, not 500)", savings(1, 2000, 1).positions().toString());
    }

    @Test
    void equalIsNeitherSavingNorCost() {
        Savings savings = savings(171, 500, 3060);
        assertEquals("as many decoded tokens (171)", savings.decodedTokens().toString());
        assertEquals("as fast (3.06 s, not 3.00 s)", savings.time().toString());
    }

    @Test
    void roundingNeitherInventsNorHidesADifference() {
        ModeReport baseline = report("text", 1000, 1000, 1);
        assertEquals("> 99 % fewer", new Savings(report("latent", 1, 1, 1), baseline).decodedTokens().headline());
        assertEquals("< 1 % fewer", new Savings(report("latent", 999, 1, 1), baseline).decodedTokens().headline());
        assertEquals("100 % fewer", new Savings(report("latent", 0, 1, 1), baseline).decodedTokens().headline());
        assertEquals("more decoded tokens (3, not 0)",
                new Savings(report("latent", 3, 1, 1), report("text", 0, 1, 1)).decodedTokens().toString());
    }

    @Test
    void timeWithoutAClockIsNotCompared() {
        assertEquals("time not measured", savings(1, 1, 0).time().headline());
    }

    @Test
    void aSavingNamesWhetherTheAnswersAreRight() {
        Savings savings = savings(1, 1, 1);
        assertNull(savings.correctness());
        savings.reports().get(0).correct = false;
        savings.reports().get(1).correct = true;
        assertEquals("Latent is wrong, text is correct.", savings.correctness());
        savings.reports().get(1).correct = false;
        assertEquals("Both answers are wrong.", savings.correctness());
    }

    @Test
    void onlyFinishedModesAreCompared() {
        PlaygroundState state = new PlaygroundState();
        state.run("latent").start();
        state.run("latent").end(report("latent", 38, 400, 1400));
        assertEquals(0, Savings.of(state).size());
        state.run("single").start();
        state.run("single").end(report("single", 30, 60, 500));
        assertEquals(1, Savings.of(state).size());
        assertEquals("single", Savings.of(state).get(0).baselineMode());
        state.run("text").start();
        ModeReport cancelled = report("text", 5, 60, 500);
        cancelled.finish = "cancelled";
        state.run("text").end(cancelled);
        assertEquals(1, Savings.of(state).size());
    }
}
