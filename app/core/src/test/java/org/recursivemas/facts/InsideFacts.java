package org.recursivemas.facts;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.recursivemas.data.InsideBlock;
import org.recursivemas.data.InsideGrid;
import org.recursivemas.data.InsideReport;
import org.recursivemas.data.ModeReport;
import org.recursivemas.data.RunReport;
import org.recursivemas.engine.RunControl;
import org.recursivemas.engine.VocabularyLens;
import org.recursivemas.inside.Analysis;
import org.recursivemas.inside.Geometry;
import org.recursivemas.playground.RunRequest;
import org.recursivemas.team.LinkSwap;
import org.recursivemas.team.Mode;
import org.recursivemas.team.TeamListener;
import org.recursivemas.toy.ToyTeam;

/** What is shown of the latents, and what can stand in a link's place. */
final class InsideFacts {
    private InsideFacts() {
    }

    static void addTo(Map<String, Fact> facts) {
        facts.put("principalComponentsOfAKnownCloud", InsideFacts::principalComponentsOfAKnownCloud);
        facts.put("projectionOfEqualRowsIsOnePoint", InsideFacts::projectionOfEqualRowsIsOnePoint);
        facts.put("cosinesCompareStepsAndRounds", InsideFacts::cosinesCompareStepsAndRounds);
        facts.put("gridComparesEveryStepOfEveryRound", InsideFacts::gridComparesEveryStepOfEveryRound);
        facts.put("gridOfALongRunLeavesStepsOutEvenly", InsideFacts::gridOfALongRunLeavesStepsOutEvenly);
        facts.put("equalStepsAreCalledCollapsed", InsideFacts::equalStepsAreCalledCollapsed);
        facts.put("bestTokensComeInOrder", InsideFacts::bestTokensComeInOrder);
        facts.put("insideShowsWhatTheFormulasSay", InsideFacts::insideShowsWhatTheFormulasSay);
        facts.put("insideIsReadAfterTheAnswerOnly", InsideFacts::insideIsReadAfterTheAnswerOnly);
        facts.put("insideChangesNothingElse", InsideFacts::insideChangesNothingElse);
        facts.put("zeroLinkHandsOverZeros", InsideFacts::zeroLinkHandsOverZeros);
        facts.put("noiseIsAsLongAsTheMessageAndSeeded", InsideFacts::noiseIsAsLongAsTheMessageAndSeeded);
        facts.put("identityLinkHandsOnWhatItGets", InsideFacts::identityLinkHandsOnWhatItGets);
        facts.put("impossibleSwapsAreRefused", InsideFacts::impossibleSwapsAreRefused);
    }

    private static void near(double expected, double actual, String what) {
        Check.that(Math.abs(expected - actual) < 1e-5, what + ": expected " + expected + " but was " + actual);
    }

    private static ModeReport run(ToyTeam toy, RunRequest request) {
        return toy.load().answer(Mode.LATENT, request, TeamListener.NONE, RunControl.NEVER);
    }

    private static float[] row(double... values) {
        float[] row = new float[values.length];
        for (int i = 0; i < row.length; i++) {
            row[i] = (float) values[i];
        }
        return row;
    }

    static void principalComponentsOfAKnownCloud() {
        // Around (1, 2, 3): along u = (1, 2, 2) / 3 by -6, 0, 9, -3 and along v = (2, 1, -2) / 3 by 1, -1, 0, 0.
        double[] along = {-6, 0, 9, -3};
        double[] across = {1, -1, 0, 0};
        List<float[]> rows = new ArrayList<>();
        for (int i = 0; i < along.length; i++) {
            rows.add(row(1 + along[i] / 3 + 2 * across[i] / 3, 2 + 2 * along[i] / 3 + across[i] / 3,
                    3 + 2 * along[i] / 3 - 2 * across[i] / 3));
        }
        // Inner products of the two coordinates: [[126, -6], [-6, 2]] with eigenvalues 64 +- sqrt(62 * 62 + 36).
        double root = Math.sqrt(62 * 62 + 36);
        Geometry.Projection projection = Geometry.project(rows);
        near((64 + root) / 128, projection.explained[0], "share of the first axis");
        near((64 - root) / 128, projection.explained[1], "share of the second axis");
        for (int i = 0; i < along.length; i++) {
            for (int j = 0; j < i; j++) {
                double meant = Math.hypot(along[i] - along[j], across[i] - across[j]);
                double shown = Math.hypot(projection.x[i] - projection.x[j], projection.y[i] - projection.y[j]);
                near(meant, shown, "distance of rows " + i + " and " + j + " that lie in one plane");
            }
        }
        Check.that(projection.x[2] > 8.5, "the first axis points to the row farthest out: " + projection.x[2]);
    }

    static void projectionOfEqualRowsIsOnePoint() {
        Geometry.Projection projection = Geometry.project(List.of(row(1, 2), row(1, 2), row(1, 2)));
        for (int i = 0; i < 3; i++) {
            near(0, projection.x[i], "x");
            near(0, projection.y[i], "y");
        }
        near(0, projection.explained[0], "share");
    }

    static void cosinesCompareStepsAndRounds() {
        Analysis analysis = new Analysis();
        analysis.add("a", 1, InsideBlock.HIDDEN, "a", new float[][] {{3, 0}, {0, 4}, {0, 0}}, null);
        analysis.add("b", 2, InsideBlock.HIDDEN, "b", new float[][] {{1, 1}}, null);
        analysis.add("a", 2, InsideBlock.HIDDEN, "a", new float[][] {{1, 1}, {0, -1}, {5, 0}}, null);
        List<InsideBlock> blocks = analysis.finish(12).blocks;
        near(3, blocks.get(0).norms[0], "norm");
        near(0, blocks.get(0).stepCosines[0], "right angle");
        near(0, blocks.get(0).stepCosines[1], "cosine with 0");
        Check.equal(0, blocks.get(0).roundCosines.length, "nothing before the first round");
        Check.equal(0, blocks.get(1).roundCosines.length, "another agent is not compared");
        near(Math.sqrt(0.5), blocks.get(2).roundCosines[0], "45 degrees between the rounds");
        near(-1, blocks.get(2).roundCosines[1], "opposite");
        Check.equal(3, blocks.get(0).pathX.length, "projected rows");
    }

    static void gridComparesEveryStepOfEveryRound() {
        Analysis analysis = new Analysis();
        analysis.add("a", 1, InsideBlock.HIDDEN, "a", new float[][] {{3, 0}, {0, 4}}, null);
        analysis.add("a", 1, InsideBlock.LINKED, "a", new float[][] {{1, 0}, {1, 0}}, null);
        analysis.add("b", 1, InsideBlock.HIDDEN, "b", new float[][] {{1, 0}, {1, 1}}, null);
        analysis.add("a", 2, InsideBlock.HIDDEN, "a", new float[][] {{-1, 0}, {1, 1}}, null);
        List<InsideGrid> grids = analysis.finish(0).grids;
        Check.equal(2, grids.size(), "one for each agent");
        InsideGrid grid = grids.get(0);
        Check.equal("a 2 2 1", grid.agent + " " + grid.rounds + " " + grid.steps + " " + grid.stride, "shape");
        double half = 0.707;
        double[] meant = {1, 0, -1, half, 0, 1, 0, half, -1, 0, 1, -half, half, half, -half, 1};
        for (int i = 0; i < meant.length; i++) {
            near(meant[i], grid.cosines[i], "cosine " + i);
        }
    }

    static void gridOfALongRunLeavesStepsOutEvenly() {
        Analysis analysis = new Analysis();
        for (int round = 1; round <= 5; round++) {
            float[][] rows = new float[80][];
            for (int i = 0; i < rows.length; i++) {
                rows[i] = row((float) Math.cos(0.01 * i), (float) Math.sin(0.01 * i));
            }
            analysis.add("a", round, InsideBlock.HIDDEN, "a", rows, null);
        }
        InsideGrid grid = analysis.finish(0).grids.get(0);
        Check.equal("5 12 7", grid.rounds + " " + grid.steps + " " + grid.stride, "shape");
        Check.equal(60 * 60, grid.cosines.length, "cosines");
        near(Math.round(1000 * Math.cos(0.07 * 11)) / 1000.0, grid.cosines[11], "first step with the last one taken");
        near(1, grid.cosines[12], "first step of two rounds");
    }

    static void equalStepsAreCalledCollapsed() {
        Analysis analysis = new Analysis();
        analysis.add("a", 1, InsideBlock.HIDDEN, "a", new float[][] {{3, 1}, {6, 2.1f}, {9, 3}}, null);
        analysis.add("a", 2, InsideBlock.HIDDEN, "a", new float[][] {{3, 1}, {6, -2.1f}, {9, 3}}, null);
        analysis.add("a", 3, InsideBlock.HIDDEN, "a", new float[][] {{0, 0}, {0, 0}}, null);
        analysis.add("a", 4, InsideBlock.HIDDEN, "a", new float[][] {{1, 0}, {-1, 0}}, null);
        List<InsideBlock> blocks = analysis.finish(0).blocks;
        Check.that(blocks.get(0).collapsed, "three rows of one direction");
        Check.that(!blocks.get(1).collapsed, "one of them points elsewhere");
        Check.that(blocks.get(2).collapsed, "rows of zeros");
        Check.that(!blocks.get(3).collapsed, "opposite rows");
    }

    static void bestTokensComeInOrder() {
        VocabularyLens.Nearest best = VocabularyLens.Nearest.of(new float[] {1, 5, -2, 5, 7, 0}, 4);
        StringBuilder ids = new StringBuilder();
        for (int id : best.ids()) {
            ids.append(id).append(' ');
        }
        Check.equal("4 1 3 0 ", ids.toString(), "ids, ties by id");
        near(7, best.scores()[0], "score");
        Check.equal(2, VocabularyLens.Nearest.of(new float[] {1, 2}, 5).ids().length, "no more than there are");
    }

    static void insideShowsWhatTheFormulasSay() {
        ToyTeam toy = new ToyTeam(ToyTeam.chain());
        InsideReport inside = run(toy, ToyTeam.request(2, 4).seeingInside(true)).inside;
        Recomputation expected = new Recomputation(toy, "2 plus 2?", 2, 4);
        // planner, critic, solver, planner, critic: each with hidden states, linked states and one message
        Check.equal(15, inside.blocks.size(), "blocks");
        for (int i = 0; i < expected.hidden.size(); i++) {
            compare(expected.hidden.get(i), inside.blocks.get(3 * i), "H of rollout " + i);
            compare(expected.messages.get(i), inside.blocks.get(3 * i + 2), "message " + i);
            Check.equal(InsideBlock.LINKED, inside.blocks.get(3 * i + 1).kind, "kind");
        }
        Check.equal("critic", inside.blocks.get(2).reader, "reader of the planner's message");
        Check.equal(4, inside.blocks.get(9).roundCosines.length, "the planner's second round is compared");
        near(4 * 4 * (2 * (6 + 6 + 5) + (5 + 5 + 4) * 2 + 4 + 4 + 6), inside.keptBytes, "kept bytes");
    }

    private static void compare(float[][] rows, InsideBlock block, String what) {
        Check.equal(rows.length, block.norms.length, what + ": rows");
        for (int i = 0; i < rows.length; i++) {
            near(Geometry.norm(rows[i]), block.norms[i], what + ": norm of row " + i);
            if (i > 0) {
                near(Geometry.cosine(rows[i - 1], rows[i]), block.stepCosines[i - 1], what + ": cosine of row " + i);
            }
        }
    }

    static void insideIsReadAfterTheAnswerOnly() {
        ToyTeam toy = new ToyTeam(ToyTeam.chain());
        run(toy, ToyTeam.request(2, 3).seeingInside(true));
        int generate = toy.log.calls.indexOf("solver generate");
        Check.that(generate > 0, "the solver answered: " + toy.log.calls);
        Check.that(toy.log.calls.indexOf("read") > generate, "nothing was read before: " + toy.log.calls);
        Check.equal(15, toy.log.count("read"), "blocks read");
        ToyTeam blind = new ToyTeam(ToyTeam.chain());
        Check.that(run(blind, ToyTeam.request(2, 3)).inside == null, "nobody asked");
        Check.equal(0, blind.log.count("read"), "blocks read when nobody asked");
    }

    static void insideChangesNothingElse() {
        ModeReport seen = run(new ToyTeam(ToyTeam.mixture()), ToyTeam.request(2, 3).seeingInside(true));
        ModeReport blind = run(new ToyTeam(ToyTeam.mixture()), ToyTeam.request(2, 3));
        Check.equal(blind.text, seen.text, "text");
        Check.equal(blind.positions, seen.positions, "positions");
        ToyTeam toy = new ToyTeam(ToyTeam.mixture());
        run(toy, ToyTeam.request(2, 3).seeingInside(true));
        Check.equal(0, toy.log.open, "latents that nobody closed");
    }

    private static List<float[][]> slots(ToyTeam toy, String agent) {
        List<float[][]> slots = new ArrayList<>();
        toy.log.promptsOf(agent).forEach(prompt -> slots.addAll(prompt.latents()));
        return slots;
    }

    static void zeroLinkHandsOverZeros() {
        ToyTeam toy = new ToyTeam(ToyTeam.chain());
        RunRequest request = ToyTeam.request(1, 3).withLinks(Map.of("planner->critic", LinkSwap.ZERO));
        RunReport report = new RunReport();
        toy.load().run(request, report, TeamListener.NONE, RunControl.NEVER);
        Check.equal("{planner->critic=zero}", report.links.toString(), "swaps in the report");
        float[][] message = slots(toy, "critic").get(0);
        Check.equal(3, message.length, "rows");
        for (float[] row : message) {
            Check.that(Geometry.norm(row) == 0, "a row is not 0");
        }
        Check.that(Geometry.norm(slots(toy, "solver").get(0)[0]) > 0, "the other link is as trained");
    }

    static void noiseIsAsLongAsTheMessageAndSeeded() {
        float[][] trained = slots(ran(Map.of()), "critic").get(0);
        float[][] noise = slots(ran(Map.of("planner->critic", LinkSwap.NOISE)), "critic").get(0);
        float[][] again = slots(ran(Map.of("planner->critic", LinkSwap.NOISE)), "critic").get(0);
        Check.close(noise, again, 0, "the same seed gives the same noise");
        for (int i = 0; i < trained.length; i++) {
            near(Geometry.norm(trained[i]), Geometry.norm(noise[i]), "norm of row " + i);
            Check.that(Geometry.cosine(trained[i], noise[i]) < 0.99, "row " + i + " is the message");
        }
        Check.that(Math.abs(Geometry.cosine(noise[0], noise[1])) < 0.99, "each row has its own direction");
    }

    private static ToyTeam ran(Map<String, String> swaps) {
        ToyTeam toy = new ToyTeam(ToyTeam.chain());
        run(toy, ToyTeam.request(1, 3).withLinks(swaps));
        return toy;
    }

    static void identityLinkHandsOnWhatItGets() {
        ToyTeam toy = new ToyTeam(ToyTeam.chain());
        InsideReport inside = run(toy, ToyTeam.request(1, 3).seeingInside(true)
                .withLinks(Map.of("planner", LinkSwap.IDENTITY, "critic", LinkSwap.TRAINED))).inside;
        for (int i = 0; i < 3; i++) {
            near(inside.blocks.get(0).norms[i], inside.blocks.get(1).norms[i], "norm behind the identity");
        }
        Check.equal(0, toy.log.count("link planner 1"), "uses of the planner's inner link");
        Check.equal(3, toy.log.count("link critic 1"), "uses of the critic's inner link");
        Check.equal(0, toy.log.open, "latents that nobody closed");
    }

    static void impossibleSwapsAreRefused() {
        Check.fails(IllegalArgumentException.class, () -> ran(Map.of("planner->critic", LinkSwap.IDENTITY)),
                "planner->critic", "from width 6 to 5");
        Check.fails(IllegalArgumentException.class, () -> ran(Map.of("planner->solver", LinkSwap.ZERO)),
                "no link \"planner->solver\"", "planner->critic");
        Check.fails(IllegalArgumentException.class, () -> ran(Map.of("planner", "one")), "\"one\"", "noise");
    }
}
