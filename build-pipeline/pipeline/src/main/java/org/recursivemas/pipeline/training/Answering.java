package org.recursivemas.pipeline.training;

import ai.djl.ndarray.NDManager;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.recursivemas.pipeline.twin.WorkerPool;
import org.recursivemas.team.Answers;

/** How many problems a team with given links answers rightly, greedily and latently. */
final class Answering {
    private Answering() {
    }

    /**
     * Counts right answers.
     *
     * @param tasks problems with question and answer
     * @param batch problems at a time, at most
     * @param stop asked between batches
     * @return right answers, or -1 when it was stopped
     */
    static int right(TrainedTeam team, LinkSet links, TeamPass.Settings settings, List<Map<String, String>> tasks,
            int batch, WorkerPool<Object> pool, BooleanSupplier stop) {
        int[] right = new int[1];
        boolean[] stopped = new boolean[1];
        List<List<Map<String, String>>> batches = LinkTrainer.parts(tasks, atATime(tasks.size(), batch, pool));
        pool.run(batches.size(), (worker, item) -> stop.getAsBoolean() ? -1 : right(team, links, settings,
                batches.get(item)), (item, count) -> {
                    stopped[0] |= count < 0;
                    right[0] += Math.max(0, count);
                    return !stopped[0];
                });
        return stopped[0] ? -1 : right[0];
    }

    /** Problems at a time such that all workers have some. */
    static int atATime(int problems, int most, WorkerPool<Object> pool) {
        return Math.max(1, Math.min(most, (problems + pool.threads() - 1) / pool.threads()));
    }

    private static int right(TrainedTeam team, LinkSet links, TeamPass.Settings settings,
            List<Map<String, String>> tasks) {
        String marker = team.plan().answerMarker();
        int right = 0;
        try (NDManager manager = TorchEngine.get().newManager()) {
            LinkArrays arrays = new LinkArrays(links, link -> false, manager);
            PromptBatch prompts = TeamPass.decision(team, arrays, settings, tasks.stream().map(task ->
                    task.get("question")).toList(), null, null, manager);
            List<TeamPass.Written> written = TeamPass.write(team, prompts, manager);
            for (int i = 0; i < tasks.size(); i++) {
                String text = team.folder(prompts.agent()).tokenizer().decode(written.get(i).tokens());
                boolean whole = !written.get(i).cut() || Answers.wholeWhenCutOff(text, marker);
                right += whole && Answers.same(Answers.extract(text, marker), tasks.get(i).get("answer")) ? 1 : 0;
            }
        }
        return right;
    }
}
