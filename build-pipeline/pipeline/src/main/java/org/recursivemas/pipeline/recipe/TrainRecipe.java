package org.recursivemas.pipeline.recipe;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.recursivemas.data.Team;
import org.recursivemas.pipeline.InputException;
import org.recursivemas.pipeline.links.TeachingRules;
import org.recursivemas.pipeline.training.ClosedFormLinks;
import org.recursivemas.pipeline.training.LinkStart;
import org.recursivemas.pipeline.training.LinkTraining;
import org.recursivemas.pipeline.training.TrainingOptions;

/**
 * Links trained by gradients: the options of train-link, and as there where left out.
 *
 * @param tasks training problems
 * @param heldOut problems to measure on; left out: the last ones of {@code tasks}
 * @param start {@code closed-form}, {@code random}, or a link file
 * @param end the token that ends a message, or one for each agent id
 * @param filler the token that fills a message up, or one for each agent id
 * @param latentSteps one number or two, the least and the most
 * @param memory GB
 */
public record TrainRecipe(
        @JsonProperty("tasks") String tasks,
        @JsonProperty("problems") Integer problems,
        @JsonProperty("held_out") String heldOut,
        @JsonProperty("check_problems") Integer checkProblems,
        @JsonProperty("final_problems") Integer finalProblems,
        @JsonProperty("start") String start,
        @JsonProperty("form") ClosedFormLinks.Form form,
        @JsonProperty("fit_problems") Integer fitProblems,
        @JsonProperty("lambda") Double lambda,
        @JsonProperty("message_rows") Integer messageRows,
        @JsonProperty("outer_branches") Boolean outerBranches,
        @JsonProperty("targets") Map<String, String> targets,
        @JsonProperty("slots") Map<String, String> slots,
        @JsonProperty("end") @JsonDeserialize(using = TokenFields.class) Map<String, String> end,
        @JsonProperty("filler") @JsonDeserialize(using = TokenFields.class) Map<String, String> filler,
        @JsonProperty("loop") TrainingOptions.Loop loop,
        @JsonProperty("train_inner") Boolean trainInner,
        @JsonProperty("truncate") Integer truncate,
        @JsonProperty("rounds") Integer rounds,
        @JsonProperty("latent_steps") List<Integer> latentSteps,
        @JsonProperty("steps") Integer steps,
        @JsonProperty("batch") Integer batch,
        @JsonProperty("micro_batch") Integer microBatch,
        @JsonProperty("memory") Double memory,
        @JsonProperty("rate") Double rate,
        @JsonProperty("warm_up") Integer warmUp,
        @JsonProperty("clip") Double clip,
        @JsonProperty("weight_decay") Double weightDecay,
        @JsonProperty("seed") Long seed,
        @JsonProperty("check_every") Integer checkEvery,
        @JsonProperty("checkpoint_every") Integer checkpointEvery) {
    private static final String CLOSED_FORM = "closed-form";
    private static final String RANDOM = "random";

    /** Whether {@code start} names a file. */
    boolean startsFromFile() {
        return kind() == LinkStart.Kind.FILE;
    }

    private LinkStart.Kind kind() {
        return start == null || start.equals(CLOSED_FORM) ? LinkStart.Kind.CLOSED_FORM
                : start.equals(RANDOM) ? LinkStart.Kind.RANDOM : LinkStart.Kind.FILE;
    }

    private TrainingOptions.Loop usedLoop() {
        return or(loop, TrainingOptions.Loop.OUTER);
    }

    /**
     * How to train.
     *
     * @param recipe the recipe's file, for errors
     * @param teamFile with the folders of the checkpoints
     * @param output the link file
     */
    TrainingOptions options(Path recipe, Path teamFile, Team team, int threads, Path output) {
        List<Integer> range = or(latentSteps, TrainingOptions.usualSteps(team.latentSteps));
        if (range.isEmpty() || range.size() > 2) {
            throw new InputException(recipe, "links.train.latent_steps", "it has " + range.size() + " numbers",
                    "Give one number in brackets, or the least and the most, as [20, 36]");
        }
        int most = range.get(range.size() - 1);
        TeachingRules rules = new TeachingRules(or(targets, Map.of()), or(slots, Map.of()), or(end, Map.of()),
                or(filler, Map.of()), most);
        return new TrainingOptions(teamFile, null, rules, usedLoop(), or(trainInner, false), or(truncate, 0),
                or(rounds, team.rounds), range.get(0), most, or(steps, 400), or(batch, 32), or(microBatch, 0),
                TrainingOptions.memoryBytes(memory), or(rate, TrainingOptions.usualRate(kind(), usedLoop())),
                or(warmUp, 20), or(clip, 1.0), or(weightDecay, 0.0), or(seed, 1L), threads, or(checkEvery, 50),
                or(checkpointEvery, 25), output);
    }

    /** Where training starts. */
    LinkStart linkStart(Path file, TrainingOptions options) {
        return new LinkStart(kind(), file, or(lambda, 1e-4), or(form, ClosedFormLinks.Form.TOKENS), or(fitProblems, 1200),
                or(messageRows, options.mostSteps()), or(outerBranches, true) && options.loop() != TrainingOptions.Loop.INNER);
    }

    /** What to learn and to measure on. */
    LinkTraining.Data data(Path taskFile, Path heldOutFile) {
        return new LinkTraining.Data(taskFile, or(problems, 0), heldOutFile, or(checkProblems, 100),
                or(finalProblems, 300));
    }

    private static <T> T or(T given, T usual) {
        return given == null ? usual : given;
    }
}
