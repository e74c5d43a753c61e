package org.recursivemas.pipeline.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.recursivemas.pipeline.links.TeachingRules;
import org.recursivemas.pipeline.training.TrainingOptions.Loop;
import org.recursivemas.pipeline.twin.ModelFolder;
import org.recursivemas.team.PlannedAgent;

/** The loss of a batch and its gradients. */
final class Objective {
    private final TrainedTeam team;
    private final TeachingRules rules;
    private final Loop loop;
    private final boolean trainInner;

    /**
     * What came of one part of a batch.
     *
     * @param loss sum over target tokens
     * @param tokens target tokens
     * @param gradients of the loss sum, by link id and tensor name
     */
    record Part(double loss, long tokens, Map<String, Map<String, float[]>> gradients) {
    }

    Objective(TrainedTeam team, TeachingRules rules, Loop loop, boolean trainInner) {
        this.team = team;
        this.rules = rules;
        this.loop = loop;
        this.trainInner = trainInner;
    }

    /** Whether a link is trained. */
    boolean trains(LinkParameters link) {
        return loop == Loop.INNER ? link.inner() : !link.inner() || trainInner;
    }

    /** Loss and gradients of some problems; {@code collector} is open. */
    Part gradients(LinkSet links, List<Map<String, String>> tasks, TeamPass.Settings settings,
            GradientCollector collector) {
        try (NDManager manager = TorchEngine.get().newManager()) {
            LinkArrays arrays = new LinkArrays(links, this::trains, manager);
            long[] tokens = new long[1];
            NDArray loss = loss(arrays, tasks, settings, tokens, manager);
            collector.backward(loss);
            return new Part(loss.getFloat(), tokens[0], arrays.gradients());
        }
    }

    /** Loss of some problems without gradients. */
    Part loss(LinkSet links, List<Map<String, String>> tasks, TeamPass.Settings settings) {
        try (NDManager manager = TorchEngine.get().newManager()) {
            long[] tokens = new long[1];
            NDArray loss = loss(new LinkArrays(links, link -> false, manager), tasks, settings, tokens, manager);
            return new Part(loss.getFloat(), tokens[0], Map.of());
        }
    }

    private NDArray loss(LinkArrays arrays, List<Map<String, String>> tasks, TeamPass.Settings settings, long[] tokens,
            NDManager manager) {
        if (loop == Loop.INNER) {
            return innerLoss(arrays, tasks, settings, tokens, manager);
        }
        PlannedAgent decider = team.plan().decider();
        int[][] targets = tasks.stream().map(task -> written(decider, task)).toArray(int[][]::new);
        tokens[0] = Arrays.stream(targets).mapToLong(target -> target.length).sum();
        TeamPass.Spoken spoken = loop == Loop.OUTER ? null : (agent, rows) -> tasks.stream().map(task -> closed(agent,
                rules.target(team.plan(), agent, task), rows)).toArray(int[][]::new);
        PromptBatch batch = TeamPass.decision(team, arrays, settings, questions(tasks), targets, spoken, manager);
        return TeamPass.crossEntropy(team, batch, manager);
    }

    private static List<String> questions(List<Map<String, String>> tasks) {
        return tasks.stream().map(task -> task.get("question")).toList();
    }

    /** What the deciding agent should write, its end included. */
    private int[] written(PlannedAgent decider, Map<String, String> task) {
        int[] text = team.tokens(decider, rules.target(team.plan(), decider, task));
        int[] target = Arrays.copyOf(text, text.length + 1);
        target[text.length] = rules.end(decider.id(), team.folder(decider));
        return target;
    }

    /** A text as a message of {@code rows} tokens. */
    private int[] closed(PlannedAgent agent, String text, int rows) {
        ModelFolder folder = team.folder(agent);
        return TeachingRules.close(team.tokens(agent, text), rules.end(agent.id(), folder), rules.filler(agent.id(),
                folder), rows);
    }

    /**
     * 1 - cosine with the embedding of the next token, plus how far the lengths are apart relative to the embedding's,
     * over all rows of all senders' messages.
     */
    private NDArray innerLoss(LinkArrays arrays, List<Map<String, String>> tasks, TeamPass.Settings settings,
            long[] tokens, NDManager manager) {
        TeacherForcing teacher = new TeacherForcing(team, rules.withRows(settings.latentSteps()));
        NDArray sum = null;
        for (PlannedAgent agent : team.plan().agents()) {
            if (team.plan().outgoing(agent, true).isEmpty()) {
                continue;
            }
            FrozenModel model = team.model(agent);
            try (NDManager scratch = manager.newSubManager()) {
                TeacherForcing.Lesson lesson = teacher.lesson(agent, settings.rounds(), tasks, scratch);
                NDArray linked = arrays.apply(agent.id(), lesson.hidden());
                int n = lesson.next().length;
                NDArray wanted = model.embed(TorchEngine.array(scratch, lesson.next(), n)); // [n, d]
                NDArray dot = linked.mul(wanted).sum(new int[] {1});
                NDArray length = linked.square().sum(new int[] {1}).add(1e-12f).sqrt();
                NDArray wantedLength = wanted.square().sum(new int[] {1}).add(1e-12f).sqrt();
                NDArray cosine = dot.div(length.mul(wantedLength));
                NDArray ratio = length.div(wantedLength);
                NDArray loss = cosine.neg().add(1).add(ratio.sub(1).abs()).sum();
                tokens[0] += n;
                NDArray total = sum == null ? loss : loss.add(sum);
                total.attach(manager);
                sum = total;
            }
        }
        return sum;
    }
}
