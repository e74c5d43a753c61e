package org.recursivemas.facts;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.recursivemas.data.ModeReport;
import org.recursivemas.data.RunReport;
import org.recursivemas.engine.RunControl;
import org.recursivemas.measure.Replay;
import org.recursivemas.measure.ReportDiff;
import org.recursivemas.playground.RunRequest;
import org.recursivemas.team.Mode;
import org.recursivemas.team.TeamListener;
import org.recursivemas.toy.ToyTeam;

/** Latent runs that end when two rounds' messages are alike. */
public final class StopFacts {
    /** Further away from a cosine than engines and the recomputation are from each other. */
    private static final double MARGIN = 1e-6;

    private StopFacts() {
    }

    static void addTo(Map<String, Fact> facts) {
        facts.put("runEndsWithTheFirstRoundThatIsAlike", StopFacts::runEndsWithTheFirstRoundThatIsAlike);
        facts.put("runThatStopsEarlyIsTheShorterRun", StopFacts::runThatStopsEarlyIsTheShorterRun);
        facts.put("allMessagesToTheDecidingAgentCount", StopFacts::allMessagesToTheDecidingAgentCount);
        facts.put("oneNumberARoundIsRead", StopFacts::oneNumberARoundIsRead);
        facts.put("copiesOfMessagesAreClosed", StopFacts::copiesOfMessagesAreClosed);
        facts.put("otherWaysRunAllRounds", StopFacts::otherWaysRunAllRounds);
        facts.put("runThatStoppedEarlyIsRepeatedWithItsSetting", StopFacts::runThatStoppedEarlyIsRepeatedWithItsSetting);
        facts.put("thresholdsOutOfRangeAreRefused", StopFacts::thresholdsOutOfRangeAreRefused);
    }

    private static ModeReport run(ToyTeam toy, int rounds, int steps, double threshold) {
        return toy.load().answer(Mode.LATENT, ToyTeam.request(rounds, steps).stoppingEarly(threshold), TeamListener.NONE,
                RunControl.NEVER);
    }

    /** Mean cosines of the messages to the chain's solver with those of the round before, rounds 2 to {@code rounds}. */
    private static double[] expected(int rounds, int steps) {
        List<float[][]> messages = new Recomputation(new ToyTeam(ToyTeam.chain()), "2 plus 2?", rounds, steps).messages;
        double[] cosines = new double[rounds - 1];
        for (int round = 2; round <= rounds; round++) {
            cosines[round - 2] = cosine(messages.get(3 * (round - 2) + 1), messages.get(3 * (round - 1) + 1));
        }
        return cosines;
    }

    private static double cosine(float[][] one, float[][] other) {
        double sum = 0;
        for (int row = 0; row < one.length; row++) {
            double dot = 0;
            double squares = 0;
            double others = 0;
            for (int i = 0; i < one[row].length; i++) {
                dot += (double) one[row][i] * other[row][i];
                squares += (double) one[row][i] * one[row][i];
                others += (double) other[row][i] * other[row][i];
            }
            sum += dot / Math.sqrt(squares * others);
        }
        return sum / one.length;
    }

    private static void same(double expected, double actual, String what) {
        Check.that(Math.abs(expected - actual) <= 1e-5, what + ": " + actual + " instead of " + expected);
    }

    static void runEndsWithTheFirstRoundThatIsAlike() {
        double[] cosines = expected(5, 3);
        for (double threshold : new double[] {0.01, cosines[0] - MARGIN, Math.min(1, cosines[0] + MARGIN), cosines[1] - MARGIN,
            1}) {
            int last = 5;
            for (int round = 4; round >= 2; round--) {
                last = cosines[round - 2] >= threshold ? round : last;
            }
            ModeReport report = run(new ToyTeam(ToyTeam.chain()), 5, 3, threshold);
            String where = "from " + threshold + ": ";
            Check.equal(last, report.rounds, where + "rounds");
            Check.equal(5, report.mostRounds, where + "most rounds");
            Check.equal(threshold, report.stopEarly, where + "threshold");
            Check.equal(Math.min(last, 4) - 1, report.agreements.length, where + "compared rounds");
            for (int i = 0; i < report.agreements.length; i++) {
                same(cosines[i], report.agreements[i], where + "round " + (i + 2));
            }
        }
    }

    static void runThatStopsEarlyIsTheShorterRun() {
        ModeReport early = run(new ToyTeam(ToyTeam.chain()), 5, 3, 0.01);
        ModeReport two = run(new ToyTeam(ToyTeam.chain()), 2, 3, 0);
        Check.equal(2, early.rounds, "rounds");
        Check.equal(two.text, early.text, "text");
        Check.equal(stages(two), stages(early), "stages");
        Check.equal(two.positions, early.positions, "positions");
        Check.equal(0, two.mostRounds, "most rounds of a run of a given depth");
        Check.equal(0, two.agreements.length, "comparisons that nobody wanted");
    }

    private static List<String> stages(ModeReport report) {
        List<String> stages = new ArrayList<>();
        report.stages.forEach(stage -> stages.add(stage.agent + " " + stage.round + " " + stage.kind + " " + stage.positions));
        return stages;
    }

    static void allMessagesToTheDecidingAgentCount() {
        ToyTeam toy = new ToyTeam(ToyTeam.mixture());
        ModeReport report = run(toy, 3, 2, 1);
        List<float[][]> recorded = toy.log.recorded;   // H and message of left and right; H and two messages of sum
        double left = cosine(recorded.get(1), recorded.get(8));
        double right = cosine(recorded.get(3), recorded.get(10));
        same((left + right) / 2, report.agreements[0], "mean of both experts");
        Check.that(Math.abs(left - right) > 1e-3, "the experts' cosines do not tell them apart");
    }

    static void oneNumberARoundIsRead() {
        ToyTeam toy = new ToyTeam(ToyTeam.mixture());
        run(toy, 4, 2, 1);
        Check.equal(2, toy.log.count("mean cosine"), "comparisons in four rounds");
        Check.equal(0, toy.log.count("read"), "reads of latents");
        ToyTeam plain = new ToyTeam(ToyTeam.mixture());
        run(plain, 4, 2, 0);
        Check.equal(0, plain.log.count("mean cosine"), "comparisons without the option");
    }

    static void copiesOfMessagesAreClosed() {
        for (double threshold : new double[] {0.01, 1}) {
            for (int stopAfter = 0; stopAfter < 30; stopAfter++) {
                int[] left = {stopAfter};
                ToyTeam toy = new ToyTeam(ToyTeam.mixture());
                toy.load().answer(Mode.LATENT, ToyTeam.request(4, 3).stoppingEarly(threshold), TeamListener.NONE,
                        () -> left[0]-- <= 0);
                Check.equal(0, toy.log.open, "open after question " + stopAfter + " with " + threshold);
            }
        }
        ToyTeam inside = new ToyTeam(ToyTeam.chain());
        inside.load().answer(Mode.LATENT, ToyTeam.request(4, 3).stoppingEarly(0.01).seeingInside(true), TeamListener.NONE,
                RunControl.NEVER);
        Check.equal(0, inside.log.open, "open after a run that was looked into");
    }

    static void otherWaysRunAllRounds() {
        RunRequest request = ToyTeam.request(3, 3, "text").stoppingEarly(0.01);
        ModeReport text = new ToyTeam(ToyTeam.chain()).load().answer(Mode.TEXT, request, TeamListener.NONE, RunControl.NEVER);
        Check.equal("3 0 0.0", text.rounds + " " + text.mostRounds + " " + text.stopEarly, "text");
        ModeReport empty = run(new ToyTeam(ToyTeam.chain()), 3, 0, 0.01);
        Check.equal("3 3 0", empty.rounds + " " + empty.mostRounds + " " + empty.agreements.length, "empty messages");
    }

    static void runThatStoppedEarlyIsRepeatedWithItsSetting() {
        RunReport report = new RunReport();
        new ToyTeam(ToyTeam.chain()).load().run(ToyTeam.request(5, 3, "latent", "text").stoppingEarly(0.01), report,
                TeamListener.NONE, RunControl.NEVER);
        List<RunRequest> requests = Replay.requests(report, ToyTeam.chain());
        Check.equal("5 0.01", requests.get(0).rounds() + " " + requests.get(0).stopEarly(), "latent");
        Check.equal("5 0.0", requests.get(1).rounds() + " " + requests.get(1).stopEarly(), "text");
        RunReport again = new RunReport();
        new ToyTeam(ToyTeam.chain()).load().run(requests.get(0), again, TeamListener.NONE, RunControl.NEVER);
        report.modes.remove(1);
        Check.equal(List.of(), ReportDiff.of(report, again).differences(), "differences");
    }

    static void thresholdsOutOfRangeAreRefused() {
        for (double wrong : new double[] {-0.1, 1.1, Double.NaN}) {
            Check.fails(IllegalArgumentException.class, () -> ToyTeam.request(2, 2).stoppingEarly(wrong), "stop early");
        }
    }
}
