package org.recursivemas.facts;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.recursivemas.data.CandidateReport;
import org.recursivemas.data.ModeReport;
import org.recursivemas.data.RunReport;
import org.recursivemas.data.StageReport;
import org.recursivemas.data.Team;
import org.recursivemas.engine.EngineException;
import org.recursivemas.engine.RunControl;
import org.recursivemas.measure.Replay;
import org.recursivemas.measure.ReportDiff;
import org.recursivemas.playground.RunRequest;
import org.recursivemas.team.Mode;
import org.recursivemas.team.TeamListener;
import org.recursivemas.team.TeamPlan;
import org.recursivemas.toy.ToyLog;
import org.recursivemas.toy.ToyModel;
import org.recursivemas.toy.ToyTeam;
import org.recursivemas.toy.ToyTokenizer;

/** Hand-offs that bring the most relevant messages of all rounds. */
public final class RetrievalFacts {
    private static final double TIE = 1e-4;

    private RetrievalFacts() {
    }

    static void addTo(Map<String, Fact> facts) {
        facts.put("mostRelevantMessagesStandInTheSlot", RetrievalFacts::mostRelevantMessagesStandInTheSlot);
        facts.put("mostRelevantTextsStandInTheSlot", RetrievalFacts::mostRelevantTextsStandInTheSlot);
        facts.put("equallyRelevantMessagesAreTakenNewestFirst", RetrievalFacts::equallyRelevantMessagesAreTakenNewestFirst);
        facts.put("otherSlotsKeepTheirMessages", RetrievalFacts::otherSlotsKeepTheirMessages);
        facts.put("firstRoundIsTheSameWithRetrieval", RetrievalFacts::firstRoundIsTheSameWithRetrieval);
        facts.put("scoresAreReadOnceASlot", RetrievalFacts::scoresAreReadOnceASlot);
        facts.put("keptMessagesAreClosed", RetrievalFacts::keptMessagesAreClosed);
        facts.put("slotThatIsTooFullIsNamed", RetrievalFacts::slotThatIsTooFullIsNamed);
        facts.put("brokenMessageEndsARunWithRetrieval", RetrievalFacts::brokenMessageEndsARunWithRetrieval);
        facts.put("emptyMessagesHaveNoCandidates", RetrievalFacts::emptyMessagesHaveNoCandidates);
        facts.put("runWithRetrievalIsRepeatedWithIt", RetrievalFacts::runWithRetrievalIsRepeatedWithIt);
        facts.put("retrievalOutOfRangeIsRefused", RetrievalFacts::retrievalOutOfRangeIsRefused);
    }

    private static ModeReport run(ToyTeam toy, String mode, int rounds, int steps, int retrieval) {
        return toy.load().answer(mode, ToyTeam.request(rounds, steps, mode).retrieving(retrieval), TeamListener.NONE,
                RunControl.NEVER);
    }

    private static double cosine(double[] one, double[] other) {
        double dot = 0;
        double squares = 0;
        double others = 0;
        for (int i = 0; i < one.length; i++) {
            dot += one[i] * other[i];
            squares += one[i] * one[i];
            others += other[i] * other[i];
        }
        return squares * others == 0 ? 0 : dot / Math.sqrt(squares * others);
    }

    private static double[] mean(float[][] rows, int width) {
        double[] mean = new double[width];
        for (float[] row : rows) {
            for (int i = 0; i < mean.length; i++) {
                mean[i] += row[i] / (double) rows.length;
            }
        }
        return mean;
    }

    private static double[] mean(ToyModel model, String text) {
        int[] tokens = ToyTokenizer.tokenize(text);
        float[][] rows = new float[tokens.length][];
        for (int i = 0; i < tokens.length; i++) {
            rows[i] = model.network().embedding(tokens[i]);
        }
        return mean(rows, model.hiddenSize());
    }

    /** Rounds chosen of candidates whose scores are given oldest first: sorted, newer first where as good as equal. */
    private static List<Integer> best(double[] scores, int most) {
        List<Integer> left = new ArrayList<>();
        for (int i = 0; i < scores.length; i++) {
            left.add(i);
        }
        List<Integer> rounds = new ArrayList<>();
        while (rounds.size() < most && !left.isEmpty()) {
            double top = left.stream().mapToDouble(i -> scores[i]).max().orElseThrow();
            int next = left.stream().filter(i -> scores[i] >= top - TIE).mapToInt(i -> i).max().orElseThrow();
            left.remove(Integer.valueOf(next));
            rounds.add(next + 1);
        }
        rounds.sort(null);
        return rounds;
    }

    private static List<Integer> chosen(StageReport stage) {
        List<Integer> rounds = new ArrayList<>();
        for (CandidateReport candidate : stage.candidates) {
            if (candidate.chosen) {
                rounds.add(candidate.round);
            }
        }
        return rounds;
    }

    private static StageReport stage(ModeReport report, String agent, int round) {
        return report.stages.stream().filter(s -> s.agent.equals(agent) && s.round == round).findFirst().orElseThrow();
    }

    static void mostRelevantMessagesStandInTheSlot() {
        boolean older = false;
        for (int most = 1; most <= 4; most++) {
            ToyTeam toy = new ToyTeam(ToyTeam.chain());
            ModeReport report = run(toy, Mode.LATENT, 5, 3, most);
            Check.equal(most, report.retrieval, "retrieval");
            // Recorded are H and message of planner, critic and solver in turn; prompts are logged in the same order.
            List<float[][]> made = new ArrayList<>();
            for (int round = 1; round <= 5; round++) {
                made.add(toy.log.recorded.get(6 * (round - 1) + 1));   // planner -> critic
                StageReport stage = stage(report, "critic", round);
                double[] own = mean(toy.models.get("critic"), "<|start|>I am critic<|middle|>u:2 plus 2? xab mend<|middle|>r:");
                double[] scores = new double[round];
                for (int i = 0; i < round; i++) {
                    scores[i] = cosine(own, mean(made.get(i), 5));
                    CandidateReport candidate = stage.candidates.get(i);
                    Check.equal("plan planner " + (i + 1), candidate.slot + " " + candidate.from + " " + candidate.round,
                            "candidate");
                    Check.that(Math.abs(scores[i] - candidate.score) < 1e-6, "score " + candidate.score + ", not " + scores[i]);
                }
                List<Integer> best = best(scores, most);
                Check.equal(best, chosen(stage), most + " of round " + round);
                older |= best.get(0) < Math.max(1, round - most + 1);
                List<float[]> rows = new ArrayList<>();
                best.forEach(i -> rows.addAll(Arrays.asList(made.get(i - 1))));
                ToyLog.Prompt prompt = toy.log.prompts.get(3 * (round - 1) + 1);
                float[][] stood = (float[][]) prompt.pieces.get(1);
                Check.equal(3, prompt.pieces.size(), "pieces");
                Check.that(Arrays.deepEquals(rows.toArray(new float[0][]), stood), "rows in the slot, round " + round);
                Check.equal(3 * best.size(), stage.latentRowsIn, "rows in");
                int text = ToyTokenizer.tokenize((String) prompt.pieces.get(0)).length
                        + ToyTokenizer.tokenize((String) prompt.pieces.get(2)).length;
                Check.equal(text + 3 * best.size(), stage.promptPositions, "positions");
                Check.equal(text + 3 * best.size() + 2, stage.positions, "positions with steps");
            }
            // Feedback that is still under way is no candidate.
            Check.equal(3, stage(report, "planner", 4).candidates.size(), "feedback for round 4");
        }
        Check.that(older, "an older message was never preferred, so this shows nothing");
    }

    static void mostRelevantTextsStandInTheSlot() {
        ToyTeam toy = new ToyTeam(ToyTeam.chain());
        toy.models.get("planner").says("plan: e", "2 plus 2?", "zzzz");
        ModeReport report = run(toy, Mode.TEXT, 3, 0, 2);
        StageReport last = stage(report, "critic", 3);
        ToyModel critic = toy.models.get("critic");
        double[] own = mean(critic, "<|start|>I am critic<|middle|>u:2 plus 2? xab mend<|middle|>r:");
        List<String> written = List.of(stage(report, "planner", 1).text, stage(report, "planner", 2).text,
                stage(report, "planner", 3).text);
        double[] scores = new double[3];
        for (int i = 0; i < 3; i++) {
            scores[i] = cosine(own, mean(critic, written.get(i)));
            Check.that(Math.abs(scores[i] - last.candidates.get(i).score) < 1e-6, "score of " + written.get(i));
        }
        List<Integer> best = best(scores, 2);
        Check.equal(best, chosen(last), "chosen");
        String filled = written.get(best.get(0) - 1) + "\n\n" + written.get(best.get(1) - 1);
        Check.equal("<|start|>I am critic<|middle|>u:2 plus 2? xa" + filled + "b mend<|middle|>r:",
                toy.log.prompts.get(7).pieces.get(0), "prompt");
        Check.equal(0, last.latentRowsIn, "rows in");
        Check.equal(2, report.retrieval, "retrieval");
    }

    static void equallyRelevantMessagesAreTakenNewestFirst() {
        ToyTeam toy = new ToyTeam(ToyTeam.chain());
        toy.models.get("planner").says("same");
        for (int most = 1; most <= 2; most++) {
            StageReport last = stage(run(toy, Mode.TEXT, 3, 0, most), "critic", 3);
            Check.equal(last.candidates.get(0).score, last.candidates.get(2).score, "scores of one text");
            Check.equal(most == 1 ? List.of(3) : List.of(2, 3), chosen(last), "chosen of " + most);
        }
    }

    static void otherSlotsKeepTheirMessages() {
        ToyTeam toy = new ToyTeam(ToyTeam.mixture());
        ModeReport report = run(toy, Mode.LATENT, 3, 2, 2);
        StageReport last = stage(report, "sum", 3);
        Check.equal(6, last.candidates.size(), "candidates of both slots");
        for (String slot : List.of("left", "right")) {
            List<CandidateReport> own = last.candidates.stream().filter(c -> c.slot.equals(slot)).toList();
            Check.equal(List.of(1, 2, 3), own.stream().map(c -> c.round).toList(), slot);
            Check.that(own.stream().allMatch(c -> c.from.equals(slot)), "senders of " + slot);
            Check.equal(2L, own.stream().filter(c -> c.chosen).count(), "chosen of " + slot);
        }
        ToyLog.Prompt prompt = toy.log.prompts.get(toy.log.prompts.size() - 1);
        Check.equal(List.of(5, 8), List.of(prompt.pieces.size(), last.latentRowsIn), "pieces and rows");
    }

    static void firstRoundIsTheSameWithRetrieval() {
        for (String mode : List.of(Mode.LATENT, Mode.TEXT)) {
            ModeReport plain = run(new ToyTeam(ToyTeam.mixture()), mode, 1, 3, 0);
            ModeReport with = run(new ToyTeam(ToyTeam.mixture()), mode, 1, 3, 4);
            Check.equal(plain.text + plain.positions, with.text + with.positions, mode);
            Check.equal(0, plain.stages.get(2).candidates.size(), "candidates without retrieval");
            Check.equal(2, with.stages.get(2).candidates.size(), "candidates with it");
        }
        ModeReport single = run(new ToyTeam(ToyTeam.chain()), Mode.SINGLE, 1, 0, 2);
        Check.equal(0, single.retrieval, "nothing is handed over to a single agent");
    }

    static void scoresAreReadOnceASlot() {
        ToyTeam toy = new ToyTeam(ToyTeam.mixture());
        run(toy, Mode.LATENT, 2, 2, 1);
        Check.equal(2, toy.log.count("sum relevance 1"), "slots of the summarizer, round 1");
        Check.equal(2, toy.log.count("sum relevance 2"), "slots of the summarizer, round 2");
        Check.equal(1, toy.log.count("left relevance 1"), "feedback");
        Check.equal(0, toy.log.count("read"), "reads of latents");
        ToyTeam plain = new ToyTeam(ToyTeam.mixture());
        run(plain, Mode.LATENT, 2, 2, 0);
        Check.that(plain.log.calls.stream().noneMatch(call -> call.contains("relevance")), "scores without retrieval");
    }

    static void keptMessagesAreClosed() {
        for (boolean inside : new boolean[] {false, true}) {
            for (int stopAfter = 0; stopAfter < 34; stopAfter++) {
                int[] left = {stopAfter};
                ToyTeam toy = new ToyTeam(ToyTeam.mixture());
                toy.load().answer(Mode.LATENT, ToyTeam.request(4, 3).retrieving(2).stoppingEarly(1).seeingInside(inside),
                        TeamListener.NONE, () -> left[0]-- <= 0);
                Check.equal(0, toy.log.open, "open after question " + stopAfter + ", inside " + inside);
            }
        }
        ToyTeam whole = new ToyTeam(ToyTeam.chain());
        run(whole, Mode.LATENT, 5, 3, 3);
        Check.equal(0, whole.log.open, "open after a whole run");
    }

    static void slotThatIsTooFullIsNamed() {
        ModeReport one = run(new ToyTeam(ToyTeam.chain()), Mode.LATENT, 3, 4, 1);
        int window = one.stages.stream().mapToInt(stage -> stage.promptPositions + Math.max(0, stage.latentSteps - 1)).max()
                .orElseThrow();
        Check.equal(3, run(new ToyTeam(ToyTeam.chain(), window), Mode.LATENT, 3, 4, 1).rounds, "one message fits");
        ToyTeam toy = new ToyTeam(ToyTeam.chain(), window);
        EngineException failure = Check.fails(EngineException.class, () -> run(toy, Mode.LATENT, 3, 4, 3), "context window of "
                + window, "messages, and the prompt takes", "Retrieve fewer messages (now 3)");
        Check.that(failure.getMessage().contains("slot {plan}") || failure.getMessage().contains("slot {feedback}"),
                failure.getMessage());
        Check.equal(0, toy.log.open, "open afterwards");
        int texts = run(new ToyTeam(ToyTeam.chain()), Mode.TEXT, 3, 0, 1).stages.stream()
                .mapToInt(stage -> stage.promptPositions).max().orElseThrow();
        Check.fails(EngineException.class, () -> run(new ToyTeam(ToyTeam.chain(), texts), Mode.TEXT, 3, 0, 3), "slot {",
                "Retrieve fewer messages (now 3)");
    }

    static void brokenMessageEndsARunWithRetrieval() {
        ToyTeam toy = new ToyTeam(ToyTeam.chain());
        toy.device.breakLink("planner->critic");
        Check.fails(EngineException.class, () -> run(toy, Mode.LATENT, 2, 3, 1), "planner -> critic, round 1");
        Check.equal(0, toy.log.open, "open afterwards");
    }

    static void emptyMessagesHaveNoCandidates() {
        ModeReport report = run(new ToyTeam(ToyTeam.chain()), Mode.LATENT, 3, 0, 2);
        Check.that(report.stages.stream().allMatch(stage -> stage.candidates.isEmpty()), "candidates");
        Check.equal(run(new ToyTeam(ToyTeam.chain()), Mode.LATENT, 3, 0, 0).text, report.text, "text");
    }

    static void runWithRetrievalIsRepeatedWithIt() {
        RunReport report = new RunReport();
        new ToyTeam(ToyTeam.chain()).load().run(ToyTeam.request(3, 3, "latent", "text", "single").retrieving(2), report,
                TeamListener.NONE, RunControl.NEVER);
        List<RunRequest> requests = Replay.requests(report, ToyTeam.chain());
        Check.equal(List.of(2, 2, 0), requests.stream().map(RunRequest::retrieval).toList(), "retrieval");
        RunReport again = new RunReport();
        for (RunRequest request : requests) {
            RunReport next = new RunReport();
            new ToyTeam(ToyTeam.chain()).load().run(request, next, TeamListener.NONE, RunControl.NEVER);
            again = again.modes.isEmpty() ? next : Replay.merge(again, next);
        }
        Check.equal(List.of(), ReportDiff.of(report, again).differences(), "differences");
        CandidateReport other = stage(again.modes.get(0), "critic", 3).candidates.get(0);
        other.chosen = !other.chosen;
        Check.equal(1, ReportDiff.of(report, again).differences().size(), "another choice is told");
    }

    static void retrievalOutOfRangeIsRefused() {
        for (int wrong : new int[] {-1, 9}) {
            Check.fails(IllegalArgumentException.class, () -> ToyTeam.request(2, 2).retrieving(wrong), "retrieval");
            Team team = ToyTeam.chain();
            team.retrieval = wrong;
            Check.fails(RuntimeException.class, () -> TeamPlan.of(team, "team.json"), "retrieval");
        }
    }
}
