package org.recursivemas.facts;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.recursivemas.data.FormatException;
import org.recursivemas.data.ModeReport;
import org.recursivemas.data.StageReport;
import org.recursivemas.engine.EngineException;
import org.recursivemas.engine.RunControl;
import org.recursivemas.playground.RunRequest;
import org.recursivemas.team.Mode;
import org.recursivemas.team.TeamListener;
import org.recursivemas.toy.ToyLog;
import org.recursivemas.toy.ToyTeam;

/** The latent mode, pinned by numbers. */
public final class LatentFacts {
    private LatentFacts() {
    }

    static void addTo(Map<String, Fact> facts) {
        facts.put("everyHiddenStateAndMessageIsWhatTheFormulasSay",
                LatentFacts::everyHiddenStateAndMessageIsWhatTheFormulasSay);
        facts.put("agentsMayHaveStepsOfTheirOwn", LatentFacts::agentsMayHaveStepsOfTheirOwn);
        facts.put("rolloutIsOnePrefillAndOneStepLess", LatentFacts::rolloutIsOnePrefillAndOneStepLess);
        facts.put("innerLinkIsNotAppliedAgainForTheMessage", LatentFacts::innerLinkIsNotAppliedAgainForTheMessage);
        facts.put("promptsHaveFeedbackFromRoundTwoOnly", LatentFacts::promptsHaveFeedbackFromRoundTwoOnly);
        facts.put("onlyTheDecidingAgentOfTheLastRoundDecodes", LatentFacts::onlyTheDecidingAgentOfTheLastRoundDecodes);
        facts.put("zeroLatentStepsCollapseTheSlots", LatentFacts::zeroLatentStepsCollapseTheSlots);
        facts.put("mixtureFeedsSeveralSlotsAndSeveralReaders", LatentFacts::mixtureFeedsSeveralSlotsAndSeveralReaders);
        facts.put("nothingIsReadBeforeTheFirstDecodedToken", LatentFacts::nothingIsReadBeforeTheFirstDecodedToken);
        facts.put("allLatentsAreClosed", LatentFacts::allLatentsAreClosed);
        facts.put("stateThatIsNotFiniteEndsTheRunBeforeAnyText",
                LatentFacts::stateThatIsNotFiniteEndsTheRunBeforeAnyText);
        facts.put("messageThatIsNotFiniteEndsTheRunAndNamesTheLink",
                LatentFacts::messageThatIsNotFiniteEndsTheRunAndNamesTheLink);
        facts.put("anyFailureLeavesNoLinkTimeToTheNextRun", LatentFacts::anyFailureLeavesNoLinkTimeToTheNextRun);
        facts.put("stopTakesEffectBetweenPositions", LatentFacts::stopTakesEffectBetweenPositions);
        facts.put("stopWhileDecodingKeepsNoAnswer", LatentFacts::stopWhileDecodingKeepsNoAnswer);
        facts.put("meterCountsEveryPosition", LatentFacts::meterCountsEveryPosition);
        facts.put("normsOfAllCollectedStatesAreReported", LatentFacts::normsOfAllCollectedStatesAreReported);
        facts.put("rolloutThatDoesNotFitTheContextIsRefused", LatentFacts::rolloutThatDoesNotFitTheContextIsRefused);
        facts.put("systemMessagesOfTheRequestReplaceTheTeams", LatentFacts::systemMessagesOfTheRequestReplaceTheTeams);
        facts.put("sameRunTwiceGivesTheSame", LatentFacts::sameRunTwiceGivesTheSame);
    }

    static ModeReport run(ToyTeam toy, int rounds, int steps) {
        return toy.load().answer(Mode.LATENT, ToyTeam.request(rounds, steps), TeamListener.NONE, RunControl.NEVER);
    }

    static void everyHiddenStateAndMessageIsWhatTheFormulasSay() {
        for (int rounds = 1; rounds <= 3; rounds++) {
            for (int steps : new int[] {1, 2, 5}) {
                ToyTeam toy = new ToyTeam(ToyTeam.chain());
                ModeReport report = run(toy, rounds, steps);
                Recomputation expected = new Recomputation(toy, "2 plus 2?", rounds, steps);
                String where = rounds + " rounds, " + steps + " steps: ";
                Check.equal(3 * rounds - 1, expected.hidden.size(), where + "rollouts");
                // every rollout of the chain has one reader: H and its message, in turn
                Check.equal(2 * expected.hidden.size(), toy.log.recorded.size(), where + "recorded blocks");
                for (int i = 0; i < expected.hidden.size(); i++) {
                    Check.close(expected.hidden.get(i), toy.log.recorded.get(2 * i), 1e-5, where + "H of rollout " + i);
                    Check.close(expected.messages.get(i), toy.log.recorded.get(2 * i + 1), 1e-5,
                            where + "watched message " + i);
                }
                List<float[][]> slots = new ArrayList<>();
                toy.log.prompts.forEach(prompt -> slots.addAll(prompt.latents()));
                Check.equal(expected.messages.size(), slots.size(), where + "filled slots");
                for (int i = 0; i < slots.size(); i++) {
                    Check.close(expected.messages.get(i), slots.get(i), 1e-5, where + "message " + i);
                }
                List<Integer> positions = new ArrayList<>();
                report.stages.forEach(stage -> positions.add(stage.promptPositions));
                Check.equal(expected.promptPositions, positions, where + "prompt positions");
            }
        }
    }

    static void agentsMayHaveStepsOfTheirOwn() {
        ToyTeam toy = new ToyTeam(ToyTeam.chain());
        toy.team.agents.get(0).latentSteps = 2;
        toy.team.agents.get(2).latentSteps = 5;
        ModeReport report = run(toy, 2, 3);
        Recomputation expected = new Recomputation(toy, "2 plus 2?", 2, 3);
        List<Integer> steps = new ArrayList<>();
        for (int i = 0; i < expected.hidden.size(); i++) {
            Check.close(expected.hidden.get(i), toy.log.recorded.get(2 * i), 1e-5, "H of rollout " + i);
            Check.close(expected.messages.get(i), toy.log.recorded.get(2 * i + 1), 1e-5, "message " + i);
        }
        report.stages.forEach(stage -> steps.add(stage.latentSteps));
        Check.equal(List.of(2, 3, 5, 2, 3, 0), steps, "steps by stage");
        Check.equal(3, report.latentSteps, "the run's steps");
        Check.equal(5, report.stages.get(3).latentRowsIn, "rows of the solver's feedback");
        toy.team.agents.get(0).latentSteps = 0;
        toy.log.calls.clear();
        ModeReport silent = run(toy, 1, 3);
        Check.equal(0, toy.log.count("planner prefill"), "rollouts of an agent with 0 steps");
        Check.equal(0, silent.stages.get(1).latentRowsIn, "rows from it");
        ModeReport control = run(toy, 2, 0);
        Check.equal(0, control.latentStepsTotal, "a run of 0 steps is one in which nobody rolls out");
        for (int wrong : new int[] {-1, 81}) {
            toy.team.agents.get(1).latentSteps = wrong;
            Check.fails(FormatException.class, toy::load, "agents[1].latent_steps", "" + wrong, "0 to 80");
        }
    }

    static void rolloutIsOnePrefillAndOneStepLess() {
        ToyTeam toy = new ToyTeam(ToyTeam.chain());
        run(toy, 1, 4);
        Check.equal(1, toy.log.count("planner prefill"), "prefills of the planner");
        Check.equal(3, toy.log.count("planner step"), "steps of the planner");
        Check.equal(0, toy.log.count("solver prefill"), "rollouts of the deciding agent in the only round");
        Check.equal(4, toy.log.recorded.get(0).length, "collected states");
    }

    static void innerLinkIsNotAppliedAgainForTheMessage() {
        ToyTeam toy = new ToyTeam(ToyTeam.chain());
        run(toy, 1, 4);
        Check.equal(4, toy.log.count("link planner 1"), "rows through the inner link, one by one");
        Check.equal(0, toy.log.count("link planner 4"), "the inner link over all rows once more");
        Check.equal(1, toy.log.count("link planner->critic 4"), "the outer link over all rows at once");
    }

    static void promptsHaveFeedbackFromRoundTwoOnly() {
        ToyTeam toy = new ToyTeam(ToyTeam.chain());
        run(toy, 3, 4);
        List<ToyLog.Prompt> planner = toy.log.promptsOf("planner");
        Check.equal(3, planner.size(), "visits of the planner");
        Check.equal("<|start|>I am planner<|middle|>u:Plan: 2 plus 2?<|middle|>r:", planner.get(0).text(), "round 1");
        String later = "<|start|>I am planner<|middle|>u:Plan again: 2 plus 2? xa[4]b!<|middle|>r:";
        Check.equal(later, planner.get(1).text(), "round 2");
        Check.equal(later, planner.get(2).text(), "round 3");
        for (ToyLog.Prompt prompt : toy.log.promptsOf("critic")) {
            Check.equal("<|start|>I am critic<|middle|>u:2 plus 2? xa[4]b mend<|middle|>r:", prompt.text(), "critic");
        }
        for (ToyLog.Prompt prompt : toy.log.promptsOf("solver")) {
            Check.equal("<|start|>I am solver<|middle|>u:Given [4] solve 2 plus 2?<|middle|>r:", prompt.text(),
                    "solver");
        }
    }

    static void onlyTheDecidingAgentOfTheLastRoundDecodes() {
        ToyTeam toy = new ToyTeam(ToyTeam.chain());
        ModeReport report = run(toy, 3, 2);
        Check.equal(1, toy.log.count("solver generate"), "decodes of the solver");
        Check.equal(0, toy.log.count("planner generate") + toy.log.count("critic generate"), "decodes of the others");
        Check.equal(2, toy.log.count("solver prefill"), "rollouts of the solver");
        StringBuilder visits = new StringBuilder();
        report.stages.forEach(
                s -> visits.append(s.round).append(s.agent.charAt(0)).append(s.kind.charAt(0)).append(' '));
        Check.equal("1pr 1cr 1sr 2pr 2cr 2sr 3pr 3cr 3sa ", visits.toString(), "stages");
    }

    static void zeroLatentStepsCollapseTheSlots() {
        ToyTeam toy = new ToyTeam(ToyTeam.chain());
        ModeReport report = run(toy, 2, 0);
        Check.equal(1, toy.log.prompts.size(), "prompts");
        ToyLog.Prompt prompt = toy.log.prompts.get(0);
        Check.equal("<|start|>I am solver<|middle|>u:Given | solve 2 plus 2?<|middle|>r:", prompt.text(),
                "final prompt");
        Check.equal(0, toy.log.recorded.size(), "collected states");
        Check.equal(0, report.latentStepsTotal, "latent steps");
        Check.equal(6, report.stages.size(), "stages");
        Check.equal(0, report.stages.get(0).positions, "positions of an empty rollout");
    }

    static void mixtureFeedsSeveralSlotsAndSeveralReaders() {
        ToyTeam toy = new ToyTeam(ToyTeam.mixture());
        run(toy, 2, 3);
        Check.equal("<|start|>I am sum<|middle|>u:from [3] and [3]: 2 plus 2?<|middle|>r:",
                toy.log.promptsOf("sum").get(0).text(), "summarizer");
        Check.equal("<|start|>I am right<|middle|>u:R [3] 2 plus 2?<|middle|>r:",
                toy.log.promptsOf("right").get(1).text(),
                "expert in round 2");
        Check.equal(1, toy.log.count("sum prefill"), "rollouts of the summarizer");
        Check.equal(3, toy.log.count("link sum 1"), "rows through its inner link");
        Check.equal(1, toy.log.count("link sum->left 3"), "outer links to the first expert");
        Check.equal(1, toy.log.count("link sum->right 3"), "outer links to the second expert");
        Check.equal(5, toy.log.promptsOf("left").get(1).latents().get(0)[0].length,
                "width that the first expert reads");
        Check.equal(0, toy.log.open, "open latents");
    }

    static void nothingIsReadBeforeTheFirstDecodedToken() {
        ToyTeam toy = new ToyTeam(ToyTeam.chain());
        run(toy, 3, 4);
        int token = toy.log.calls.indexOf("solver token");
        Check.that(token > 0, "nothing was decoded");
        for (String reading : new String[] {"probe read", "read", "link millis"}) {
            int at = toy.log.calls.indexOf(reading);
            Check.that(at < 0 || at > token, reading + " at " + at + " before the first token at " + token);
        }
        Check.equal(1, toy.log.count("probe read"), "readings of the probe");
        Check.equal(8, toy.log.count("sync"), "one wait for each of the 8 rollouts, so that stages are timed truly");
    }

    static void allLatentsAreClosed() {
        ToyTeam toy = new ToyTeam(ToyTeam.chain());
        run(toy, 3, 4);
        Check.equal(0, toy.log.open, "open after a run");
        for (int stopAfter = 0; stopAfter < 30; stopAfter++) {
            ToyTeam stopped = new ToyTeam(ToyTeam.chain());
            stopped.load().answer(Mode.LATENT, ToyTeam.request(3, 3), TeamListener.NONE, after(stopAfter));
            Check.equal(0, stopped.log.open, "open after a run that was stopped at question " + stopAfter);
        }
        ToyTeam cramped = new ToyTeam(ToyTeam.chain(), 42);
        Check.fails(EngineException.class, () -> run(cramped, 2, 4));
        Check.that(!cramped.log.calls.isEmpty(), "the run failed before it began");
        Check.equal(0, cramped.log.open, "open after a failure");
    }

    /** Says stop at the question after the first {@code questions}. */
    private static RunControl after(int questions) {
        int[] left = {questions};
        return () -> left[0]-- <= 0;
    }

    static void stateThatIsNotFiniteEndsTheRunBeforeAnyText() {
        ToyTeam toy = new ToyTeam(ToyTeam.chain());
        toy.models.get("critic").breakAt(2);
        List<String> texts = new ArrayList<>();
        Check.fails(EngineException.class, () -> toy.load().answer(Mode.LATENT, ToyTeam.request(2, 4),
                new TeamListener() {
            @Override
            public void onText(String mode, String textSoFar, int decodedTokens) {
                texts.add(textSoFar);
            }
        }, RunControl.NEVER), "agent critic", "round 1", "latent step 3 of 4", "not finite");
        Check.equal(List.of(), texts, "texts that were handed out");
        Check.equal(1, toy.log.count("solver token"), "tokens decoded before the check");
        Check.equal(0, toy.log.open, "open latents");
        Check.that(toy.log.calls.contains("link millis"), "the links' time was left to the next run");
    }

    static void messageThatIsNotFiniteEndsTheRunAndNamesTheLink() {
        ToyTeam toy = new ToyTeam(ToyTeam.chain());
        toy.device.breakLink("critic->solver");
        List<String> texts = new ArrayList<>();
        List<StageReport> stages = new ArrayList<>();
        // one round: the only reader of that link decodes, so no collected state is touched
        Check.fails(EngineException.class, () -> toy.load().answer(Mode.LATENT, ToyTeam.request(1, 4),
                new TeamListener() {
            @Override
            public void onStageEnd(String mode, StageReport stage) {
                stages.add(stage);
            }

            @Override
            public void onText(String mode, String textSoFar, int decodedTokens) {
                texts.add(textSoFar);
            }
        }, RunControl.NEVER), "link critic -> solver", "round 1", "row 4 of the message", "not finite");
        Check.equal(List.of(), texts, "texts that were handed out");
        Check.equal(0, toy.log.open, "open latents");
        Check.that(stages.get(0).finite, "the planner's stage");
        Check.that(!stages.get(1).finite, "the stage that sent the broken message is marked");
        for (double norm : stages.get(1).hiddenNorms) {
            Check.that(norm > 0, "the norms stay those of the hidden states");
        }
        Check.equal(4, stages.get(1).hiddenNorms.length, "norms of the critic");
    }

    static void anyFailureLeavesNoLinkTimeToTheNextRun() {
        ToyTeam toy = new ToyTeam(ToyTeam.chain());
        Check.fails(IllegalStateException.class, () -> toy.load().answer(Mode.LATENT, ToyTeam.request(1, 4),
                new TeamListener() {
            @Override
            public void onStageEnd(String mode, StageReport stage) {
                throw new IllegalStateException("the view failed");
            }
        }, RunControl.NEVER), "the view failed");
        Check.equal(0.0, toy.device.takeLinkMillis(), "link time left over");
        Check.equal(0, toy.log.open, "open latents");
    }

    static void stopTakesEffectBetweenPositions() {
        ToyTeam toy = new ToyTeam(ToyTeam.chain());
        // asked: before the planner's stage, then before each of its steps
        ModeReport report = toy.load().answer(Mode.LATENT, ToyTeam.request(2, 10), TeamListener.NONE, after(4));
        Check.equal("cancelled", report.finish, "finish");
        Check.equal(3, toy.log.count("planner step"), "steps before the stop");
        Check.equal("", report.answer, "answer");
        Check.equal(null, report.correct, "correct");
    }

    static void stopWhileDecodingKeepsNoAnswer() {
        ToyTeam toy = new ToyTeam(ToyTeam.chain());
        toy.models.get("solver").says("Answer: 4 and");
        boolean[] stop = {false};
        ModeReport report = toy.load().answer(Mode.LATENT, ToyTeam.request(1, 2), new TeamListener() {
            @Override
            public void onText(String mode, String textSoFar, int decodedTokens) {
                stop[0] = decodedTokens == 3;
            }
        }, () -> stop[0]);
        Check.equal("cancelled", report.finish, "finish");
        Check.equal("Ans", report.text, "text so far");
        Check.equal("", report.answer, "answer");
        Check.equal(null, report.correct, "correct");
    }

    static void meterCountsEveryPosition() {
        ToyTeam toy = new ToyTeam(ToyTeam.chain());
        toy.models.get("solver").says("ok");
        ModeReport report = run(toy, 2, 4);
        int prompts = 0;
        int positions = 0;
        for (StageReport stage : report.stages) {
            prompts += stage.promptPositions;
            positions += stage.positions;
            boolean answer = stage.kind.equals("answer");
            Check.equal(answer ? 0 : 4, stage.latentSteps, "latent steps of " + stage.agent);
            Check.equal(answer ? 3 : 0, stage.decodedTokens, "decoded tokens of " + stage.agent);
            Check.equal(stage.promptPositions + (answer ? 2 : 3), stage.positions, "positions of " + stage.agent);
            boolean first = stage.agent.equals("planner") && stage.round == 1;
            Check.equal(first ? 0 : 4, stage.latentRowsIn, "latents in the prompt of " + stage.agent);
            Check.that(stage.millis > 0, "a stage takes time");
        }
        Check.equal(prompts, report.promptPositions, "prompt positions");
        Check.equal(positions, report.positions, "positions");
        Check.equal(20, report.latentStepsTotal, "latent steps of 5 rollouts");
        Check.equal(3, report.decodedTokens, "decoded tokens, the end token included");
        // 5 rollouts x 4 rows x (inner + outer) x 0.5 ms
        Check.equal(20.0, report.linkMillis, "link milliseconds");
        Check.equal("stop", report.finish, "finish");
    }

    static void normsOfAllCollectedStatesAreReported() {
        ToyTeam toy = new ToyTeam(ToyTeam.chain());
        ModeReport report = run(toy, 2, 3);
        Recomputation expected = new Recomputation(toy, "2 plus 2?", 2, 3);
        for (int i = 0; i < expected.hidden.size(); i++) {
            StageReport stage = report.stages.get(i);
            Check.that(stage.finite, "stage " + i + " is finite");
            Check.equal(3, stage.hiddenNorms.length, "norms of stage " + i);
            for (int row = 0; row < 3; row++) {
                double square = 0;
                for (float value : expected.hidden.get(i)[row]) {
                    square += value * value;
                }
                Check.that(Math.abs(Math.sqrt(square) - stage.hiddenNorms[row]) < 1e-4, "norm of state " + row
                        + " of stage " + i);
            }
        }
        Check.equal(0, report.stages.get(5).hiddenNorms.length, "norms of the answer");
    }

    static void rolloutThatDoesNotFitTheContextIsRefused() {
        ToyTeam toy = new ToyTeam(ToyTeam.chain(), 60);
        Check.fails(EngineException.class, () -> run(toy, 1, 60), "model planner", "context window of 60",
                "59 latent steps");
    }

    static void systemMessagesOfTheRequestReplaceTheTeams() {
        ToyTeam toy = new ToyTeam(ToyTeam.chain());
        RunRequest request = new RunRequest("q", null, 1, 1, 0, 0, List.of("latent"),
                Map.of("critic", "Be {plan} kind"));
        ModeReport report = toy.load().answer(Mode.LATENT, request, TeamListener.NONE, RunControl.NEVER);
        Check.equal("<|start|>Be {plan} kind<|middle|>u:q xa[1]b mend<|middle|>r:",
                toy.log.promptsOf("critic").get(0).text(),
                "critic's prompt");
        Check.equal(null, report.correct, "correct without an expected answer");
    }

    static void sameRunTwiceGivesTheSame() {
        ToyTeam toy = new ToyTeam(ToyTeam.chain());
        String first = run(toy, 2, 5).text;
        Check.equal(first, run(toy, 2, 5).text, "text");
        Check.that(!first.isEmpty(), "the toy writes something");
    }
}
