package org.recursivemas.ui;

import java.util.ArrayList;
import java.util.List;
import org.recursivemas.data.ModeReport;

/**
 * What one mode cost against another, from the same three numbers of both reports: decoded tokens, positions, wall
 * time. Says so as plainly when it cost more.
 */
public final class Savings {
    /** Times within this factor of each other are called equal: a run's clock is not finer. */
    private static final double SAME_TIME = 1.05;

    private final ModeReport tested;
    private final ModeReport baseline;

    /**
     * @param tested the mode that is judged
     * @param baseline what it is judged against
     */
    public Savings(ModeReport tested, ModeReport baseline) {
        this.tested = tested;
        this.baseline = baseline;
    }

    public String testedMode() {
        return tested.mode;
    }

    public String baselineMode() {
        return baseline.mode;
    }

    /** The two reports compared, the judged one first. */
    public List<ModeReport> reports() {
        return List.of(tested, baseline);
    }

    /** One number of both modes, compared. */
    public static final class Part {
        private final String headline;
        private final String detail;

        Part(String headline, String detail) {
            this.headline = headline;
            this.detail = detail;
        }

        /** E.g. {@code "78 % fewer"}, {@code "2.1 times slower"}. */
        public String headline() {
            return headline;
        }

        /** E.g. {@code "decoded tokens (38, not 171)"}. */
        public String detail() {
            return detail;
        }

        @Override
        public String toString() {
            return headline + " " + detail;
        }
    }

    /** E.g. {@code 78 % fewer decoded tokens (38, not 171)}. */
    public Part decodedTokens() {
        return amount(tested.decodedTokens, baseline.decodedTokens, Texts.UNIT_DECODED_TOKENS);
    }

    /** E.g. {@code 12 % more positions (560, not 500)}. */
    public Part positions() {
        return amount(tested.positions, baseline.positions, Texts.UNIT_POSITIONS);
    }

    /** E.g. {@code 2.1 times faster (1.4 s, not 3.0 s)}. */
    public Part time() {
        String times = Texts.insteadOf(Numbers.seconds(tested.millis) + " s", Numbers.seconds(baseline.millis) + " s");
        if (!(tested.millis > 0) || !(baseline.millis > 0)) {
            return new Part(Texts.TIME_UNKNOWN, times);
        }
        double ratio = baseline.millis / tested.millis;
        if (ratio > SAME_TIME) {
            return new Part(Texts.timesFaster(factor(ratio)), times);
        }
        if (ratio < 1 / SAME_TIME) {
            return new Part(Texts.timesSlower(factor(1 / ratio)), times);
        }
        return new Part(Texts.AS_FAST, times);
    }

    /** Decoded tokens, time, positions. */
    public List<Part> parts() {
        return List.of(decodedTokens(), time(), positions());
    }

    /** The answers' worth, when it is known for both: a saving with a wrong answer is none. Else null. */
    public String correctness() {
        if (tested.correct == null || baseline.correct == null) {
            return null;
        }
        return Texts.bothAnswers(tested.mode, tested.correct, baseline.mode, baseline.correct);
    }

    /** Latent against text and against the single agent, as far as both ran to their end. */
    public static List<Savings> of(PlaygroundState state) {
        List<Savings> all = new ArrayList<>();
        ModeRun latent = state.run(PlaygroundState.LATENT);
        for (String baseline : List.of(PlaygroundState.TEXT, PlaygroundState.SINGLE)) {
            ModeRun other = state.run(baseline);
            if (latent.isComparable() && other.isComparable()) {
                all.add(new Savings(latent.report(), other.report()));
            }
        }
        return all;
    }

    private static String factor(double ratio) {
        return Numbers.fixed(ratio, ratio < 9.95 ? 1 : 0);
    }

    private static Part amount(int tested, int baseline, String unit) {
        String detail = unit + " " + Texts.insteadOf(Numbers.count(tested), Numbers.count(baseline));
        if (tested == baseline) {
            return new Part(Texts.AS_MANY, unit + " (" + Numbers.count(tested) + ")");
        }
        if (baseline == 0) {
            return new Part(Texts.MORE, detail);
        }
        if (tested >= 2L * baseline) {
            return new Part(Texts.timesAsMany(factor((double) tested / baseline)), detail);
        }
        double percent = 100.0 * Math.abs(baseline - tested) / baseline;
        // Never "100 % fewer" of something that is still there, never "0 %" of a difference.
        String share = percent < 1 ? "< 1" : percent > 99 && percent < 100 ? "> 99" : Numbers.fixed(percent, 0);
        return new Part(share + " % " + (tested < baseline ? Texts.FEWER : Texts.MORE), detail);
    }
}
