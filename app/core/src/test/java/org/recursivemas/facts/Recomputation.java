package org.recursivemas.facts;

import java.util.ArrayList;
import java.util.List;
import org.recursivemas.links.LinkMath;
import org.recursivemas.toy.ToyNetwork;
import org.recursivemas.toy.ToyTeam;
import org.recursivemas.toy.ToyTokenizer;

/**
 * The chain team computed once more, straight from the method's formulas: no cache, no graph, no prompt templates;
 * every step runs the whole sequence again, and the prompts are written out by hand. Agents may
 * have numbers of steps of their own, above 0.
 */
final class Recomputation {
    /** H of every rollout in the order in which they happen, [m][d] each. */
    final List<float[][]> hidden = new ArrayList<>();
    /** Message after every rollout, [m][d of the reader] each. */
    final List<float[][]> messages = new ArrayList<>();
    /** Positions of every rollout's prompt, and of the final prompt at the end. */
    final List<Integer> promptPositions = new ArrayList<>();

    private final ToyTeam toy;
    private final int ofRun;

    Recomputation(ToyTeam toy, String question, int rounds, int m) {
        this.toy = toy;
        ofRun = m;
        float[][] feedback = null;
        for (int round = 1; round <= rounds; round++) {
            float[][] plan = round == 1
                    ? stage("planner", "critic", "<|start|>I am planner<|middle|>u:Plan: " + question + "<|middle|>r:")
                    : stage("planner", "critic", "<|start|>I am planner<|middle|>u:Plan again: " + question + " xa",
                            feedback, "b!<|middle|>r:");
            float[][] mended = stage("critic", "solver", "<|start|>I am critic<|middle|>u:" + question + " xa", plan,
                    "b mend<|middle|>r:");
            Object[] solver = {"<|start|>I am solver<|middle|>u:Given ", mended, " solve " + question + "<|middle|>r:"};
            if (round < rounds) {
                feedback = stage("solver", "planner", solver);
            } else {
                promptPositions.add(embed(toy.models.get("solver").network(), solver).size());
            }
        }
    }

    private float[][] stage(String agent, String reader, Object... pieces) {
        ToyNetwork f = toy.models.get(agent).network();
        List<float[]> x = embed(f, pieces);
        promptPositions.add(x.size());
        Integer own = toy.team.agents.stream().filter(a -> a.id.equals(agent)).findFirst().orElseThrow().latentSteps;
        int m = own == null ? ofRun : own;
        float[][] h = new float[m][];
        for (int step = 0; step < m; step++) {
            h[step] = f.last(x.toArray(new float[0][]));
            x.add(LinkMath.apply(toy.weights.get(agent), h[step]));
        }
        hidden.add(h);
        float[][] message = LinkMath.apply(toy.weights.get(agent + "->" + reader),
                LinkMath.apply(toy.weights.get(agent), h));
        messages.add(message);
        return message;
    }

    private static List<float[]> embed(ToyNetwork f, Object... pieces) {
        List<float[]> x = new ArrayList<>();
        for (Object piece : pieces) {
            if (piece instanceof String) {
                for (int token : ToyTokenizer.tokenize((String) piece)) {
                    x.add(f.embedding(token));
                }
            } else {
                x.addAll(List.of((float[][]) piece));
            }
        }
        return x;
    }
}
