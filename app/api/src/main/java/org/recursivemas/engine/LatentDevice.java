package org.recursivemas.engine;

import org.recursivemas.data.LinkEntry;

/** What a run needs besides the models: links, and a side view of latents that does not disturb the latent path. */
public interface LatentDevice {
    /**
     * Loads a link. Its input comes from {@code source}, its output is readable by {@code target} (the same model for an
     * inner link).
     *
     * @throws EngineException when a width does not match a model, naming the link and both widths
     */
    Link link(LinkEntry entry, LanguageModel source, LanguageModel target);

    /**
     * Loads an outer link whose reader runs somewhere else: its output stays with {@code source}, to be read with
     * {@link #read}, and no model reads it here.
     *
     * @throws EngineException when the input's width does not match the model, naming the link and both widths
     */
    Link outgoing(LinkEntry entry, LanguageModel source);

    /** A new, empty probe. */
    HiddenStateProbe probe();

    /** Copies to the Java heap, [rows][width]. Waits for the GPU: never used on the latent path. */
    float[][] read(Latents latents);

    /** Vectors [rows][width] for {@code reader}, for tests, imports and ablations. */
    Latents write(float[][] values, LanguageModel reader);

    /**
     * A new block for {@code reader}: each row of {@code directions} [rows][width] times the L2 norm of the same row of
     * {@code sizes} [rows, any width]. Engines on a GPU do it there, without waiting.
     */
    default Latents withNormsOf(Latents sizes, float[][] directions, LanguageModel reader) {
        float[][] read = read(sizes);
        float[][] scaled = new float[directions.length][];
        for (int row = 0; row < scaled.length; row++) {
            double squares = 0;
            for (float value : read[row]) {
                squares += (double) value * value;
            }
            float norm = (float) Math.sqrt(squares);
            scaled[row] = new float[directions[row].length];
            for (int i = 0; i < scaled[row].length; i++) {
                scaled[row][i] = directions[row][i] * norm;
            }
        }
        return write(scaled, reader);
    }

    /**
     * Mean cosine of each row of {@code one} with the same row of {@code other}, both [rows, width], at least 1 row: 1 for two
     * rows of zeros, 0 for one. Unspecified, and no error, when a row is not finite. Waits; engines on a GPU read this one number back.
     */
    default double meanCosine(Latents one, Latents other) {
        float[][] a = read(one);
        float[][] b = read(other);
        double sum = 0;
        for (int row = 0; row < a.length; row++) {
            double dot = 0;
            double squaresA = 0;
            double squaresB = 0;
            for (int i = 0; i < a[row].length; i++) {
                dot += (double) a[row][i] * b[row][i];
                squaresA += (double) a[row][i] * a[row][i];
                squaresB += (double) b[row][i] * b[row][i];
            }
            double lengths = Math.sqrt(squaresA) * Math.sqrt(squaresB);
            sum += lengths > 0 ? dot / lengths : squaresA + squaresB == 0 ? 1 : 0;
        }
        return sum / a.length;
    }

    /** Waits until all queued work is done (no buffer is mapped for it). */
    void sync();

    /**
     * Milliseconds that links took on the device since the last call. Waits for the GPU, so it is called only after the first
     * token has been decoded. Negative when the device cannot tell (no timestamp queries).
     */
    double takeLinkMillis();
}
