package org.recursivemas.measure;

import java.util.List;
import org.recursivemas.data.ModeReport;
import org.recursivemas.playground.RunRequest;
import org.recursivemas.team.Mode;

/**
 * One way of answering with its depth and latent steps.
 *
 * @param mode one of {@link Mode}
 * @param rounds 1 to 5; 1 of a single agent
 * @param latentSteps 0 to 80; 0 where nothing is handed over in latent form
 */
public record Setting(String mode, int rounds, int latentSteps) {
    public static final int MAX_ROUNDS = 5;
    public static final int MAX_LATENT_STEPS = 80;

    /** @throws IllegalArgumentException when a value is out of range or does not belong to the mode */
    public Setting {
        if (!Mode.LATENT.equals(mode) && !Mode.TEXT.equals(mode) && !Mode.SINGLE.equals(mode)) {
            throw new IllegalArgumentException("unknown way \"" + mode + "\"; known are latent, text and single");
        }
        if (rounds < 1 || rounds > MAX_ROUNDS) {
            throw new IllegalArgumentException("the depth must be 1 to " + MAX_ROUNDS + ", is " + rounds);
        }
        if (latentSteps < 0 || latentSteps > MAX_LATENT_STEPS) {
            throw new IllegalArgumentException("latent steps must be 0 to " + MAX_LATENT_STEPS + ", are " + latentSteps);
        }
        if (Mode.SINGLE.equals(mode) && rounds != 1 || !Mode.LATENT.equals(mode) && latentSteps != 0) {
            throw new IllegalArgumentException(mode + " has no depth " + rounds + " with " + latentSteps + " latent steps");
        }
    }

    public static Setting latent(int rounds, int latentSteps) {
        return new Setting(Mode.LATENT, rounds, latentSteps);
    }

    public static Setting text(int rounds) {
        return new Setting(Mode.TEXT, rounds, 0);
    }

    public static Setting single() {
        return new Setting(Mode.SINGLE, 1, 0);
    }

    /** What a report's mode was run with. */
    public static Setting of(ModeReport report) {
        return new Setting(report.mode, report.rounds, report.latentSteps);
    }

    /** E.g. {@code latent/2/16}. */
    public String key() {
        return mode + "/" + rounds + "/" + latentSteps;
    }

    /** Reads a {@link #key}. @throws IllegalArgumentException when it is none */
    public static Setting parse(String key) {
        String[] parts = key.split("/", -1);
        if (parts.length != 3) {
            throw new IllegalArgumentException("\"" + key + "\" is not WAY/DEPTH/STEPS");
        }
        try {
            return new Setting(parts[0], Integer.parseInt(parts[1]), Integer.parseInt(parts[2]));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("\"" + key + "\" is not WAY/DEPTH/STEPS", e);
        }
    }

    /**
     * The run that does it. Swapped links belong to latent ways only, retrieval to those with hand-offs.
     *
     * @param expected null when it is not known
     */
    public RunRequest request(String problem, String expected, Conditions all) {
        RunRequest run = new RunRequest(problem, expected, rounds, latentSteps, all.temperature(), all.seed(), List.of(mode),
                all.systems()).sampling(all.topP(), all.answers()).retrieving(Mode.SINGLE.equals(mode) ? 0 : all.retrieval());
        return Mode.LATENT.equals(mode) ? run.withLinks(all.links()) : run;
    }
}
