package org.recursivemas.pipeline.training;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.LinkedHashMap;
import java.util.Map;
import org.recursivemas.pipeline.InputException;
import org.recursivemas.pipeline.links.TeachingRules;
import org.recursivemas.team.TeamPlan;

/**
 * What to train, on what, and how.
 *
 * @param teamFile the team file
 * @param models folder with the agents' models by agent id; null for the paths in the team file
 * @param rules what each agent should say
 * @param loop what is trained towards
 * @param trainInner whether the outer loop trains inner links too
 * @param truncation most latent steps in a row that a gradient passes; 0 for all
 * @param rounds most rounds of a step; each step draws 1 to this
 * @param fewestSteps least latent steps of a step
 * @param mostSteps most latent steps of a step
 * @param steps optimiser steps, 0 or more
 * @param batch problems a step
 * @param microBatch problems at a time; 0 for as many as the memory allows
 * @param memory bytes that may be used
 * @param rate highest learning rate
 * @param warmUp steps in which the rate rises
 * @param clip largest norm of all gradients together
 * @param decay weight decay
 * @param seed of all draws
 * @param threads worker threads
 * @param checkEvery steps between measurements on held-out problems
 * @param checkpointEvery steps between checkpoints
 * @param output the link file; metrics, plot, card and checkpoint stand beside it
 */
public record TrainingOptions(Path teamFile, Path models, TeachingRules rules, Loop loop, boolean trainInner,
        int truncation, int rounds, int fewestSteps, int mostSteps, int steps, int batch, int microBatch, long memory,
        double rate, int warmUp, double clip, double decay, long seed, int threads, int checkEvery, int checkpointEvery,
        Path output) {
    private static final double MEMORY_SHARE = 0.6;

    /** What is trained towards. */
    public enum Loop {
        /** Outer links, by the deciding agent's text after real rollouts. */
        OUTER,
        /** Outer links, by the deciding agent's text after passes in which the senders are made to say their targets. */
        TEACHER_FORCED,
        /** Inner links, by the sender's embedding of the token that should come next. */
        INNER
    }

    /** The learning rate where none is given. */
    public static double usualRate(LinkStart.Kind start, Loop loop) {
        return start == LinkStart.Kind.RANDOM || loop == Loop.INNER ? 5e-4 : 2e-5;
    }

    /** Least and most latent steps where none are given: 5/8 to 9/8 of the team's. */
    public static List<Integer> usualSteps(int latentSteps) {
        int usual = Math.max(1, latentSteps);
        return List.of(Math.max(1, usual * 5 / 8), Math.min(TeamPlan.MAX_LATENT_STEPS, Math.max(1, usual * 9 / 8)));
    }

    /** Bytes that training may use: {@code gigabytes}, or where it is null 60 % of the machine's. */
    public static long memoryBytes(Double gigabytes) {
        if (gigabytes != null) {
            return (long) (gigabytes * 1e9);
        }
        long machine = ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean
                bean ? bean.getTotalMemorySize() : Runtime.getRuntime().maxMemory();
        return (long) (machine * MEMORY_SHARE);
    }

    /** Refuses what cannot be trained. */
    public TrainingOptions {
        require("--rounds", rounds >= 1 && rounds <= TeamPlan.MAX_ROUNDS, rounds, "Use 1 to " + TeamPlan.MAX_ROUNDS);
        require("--latent-steps", fewestSteps >= 1 && fewestSteps <= mostSteps
                && mostSteps <= TeamPlan.MAX_LATENT_STEPS, fewestSteps + " to " + mostSteps, "Use a range within 1 to "
                + TeamPlan.MAX_LATENT_STEPS);
        require("--truncate", truncation >= 0, truncation, "Use 0 (never) or more");
        require("--steps", steps >= 0, steps, "Use 0 or more");
        require("--batch", batch >= 1, batch, "Use at least 1");
        require("--micro-batch", microBatch >= 0, microBatch, "Use 1 or more");
        require("--memory", memory >= 1 << 20, memory + " bytes", "Use at least 1 MB");
        require("--rate", rate > 0 && rate < 1, rate, "Use a small positive number, e.g. 3e-5");
        require("--warm-up", warmUp >= 0, warmUp, "Use 0 or more");
        require("--clip", clip > 0, clip, "Use a positive number");
        require("--weight-decay", decay >= 0 && decay < 1, decay, "Use 0 or a small positive number");
        require("--threads", threads >= 1, threads, "Use at least 1");
        require("--check-every", checkEvery >= 1, checkEvery, "Use at least 1");
        require("--checkpoint-every", checkpointEvery >= 1, checkpointEvery, "Use at least 1");
    }

    private static void require(String option, boolean good, Object value, String remedy) {
        if (!good) {
            throw new InputException(option, "it is " + value, remedy, null);
        }
    }

    /** The learning rate of a step, counted from 0: a linear rise, then half a cosine down to 0. */
    double rateAt(int step) {
        double rise = warmUp == 0 ? 1 : (step + 1.0) / warmUp;
        return rate * Math.min(rise, 0.5 + 0.5 * StrictMath.cos(Math.PI * (step + 1.0) / (steps + 1.0)));
    }

    /** A file beside the link file: its name without {@code .json}, then {@code ending}. */
    Path beside(String ending) {
        String name = output.getFileName().toString();
        String stem = name.endsWith(".json") ? name.substring(0, name.length() - ".json".length()) : name;
        return output.toAbsolutePath().resolveSibling(stem + ending);
    }

    /** What decides the course of training, for checkpoints and the link file. */
    Map<String, String> facts() {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("loop", switch (loop) {
            case OUTER -> "outer, real rollouts";
            case TEACHER_FORCED -> "outer, teacher-forced";
            case INNER -> "inner";
        });
        facts.put("trained", loop == Loop.INNER ? "inner links" : trainInner ? "inner and outer links" : "outer links");
        facts.put("truncation", truncation == 0 ? "none" : Integer.toString(truncation));
        facts.put("rounds", "1 to " + rounds);
        facts.put("latent steps", fewestSteps + " to " + mostSteps);
        facts.put("steps", Integer.toString(steps));
        facts.put("batch", Integer.toString(batch));
        facts.put("optimiser", "AdamW " + rate + ", betas " + List.of(AdamW.BETA1, AdamW.BETA2) + ", warm-up " + warmUp
                + ", cosine decay, clip " + clip + ", weight decay " + decay);
        facts.put("seed", Long.toString(seed));
        facts.put("messages", String.join(", ", rules.facts()));
        return facts;
    }
}
