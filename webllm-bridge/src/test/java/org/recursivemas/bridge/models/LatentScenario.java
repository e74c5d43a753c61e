package org.recursivemas.bridge.models;

import java.util.ArrayList;
import java.util.List;
import org.recursivemas.bridge.page.RandomLinks;
import org.recursivemas.engine.DecodingOptions;
import org.recursivemas.engine.Generation;
import org.recursivemas.engine.HiddenStateProbe;
import org.recursivemas.engine.LanguageModel;
import org.recursivemas.engine.LatentDevice;
import org.recursivemas.engine.Latents;
import org.recursivemas.engine.Link;
import org.recursivemas.engine.PromptPiece;
import org.recursivemas.engine.RunControl;
import org.recursivemas.engine.TokenListener;

/**
 * Two models of different widths think and hand over latents, once around: what a run does, in small. The same code
 * runs on WebLLM in the page and on the plain-Java twin.
 */
public final class LatentScenario {
    private static final int STEPS = 6;

    private final LanguageModel small;
    private final LanguageModel wide;
    private final LatentDevice device;
    private final Link smallInner;
    private final Link smallToWide;
    private final Link wideInner;
    private final Link wideToSmall;

    public LatentScenario(LanguageModel small, LanguageModel wide, LatentDevice device) {
        this.small = small;
        this.wide = wide;
        this.device = device;
        int s = small.hiddenSize();
        int w = wide.hiddenSize();
        smallInner = device.link(RandomLinks.link(s, s, s, false, true, 1).encode("inner", "s", "s"), small, small);
        smallToWide = device.link(RandomLinks.link(s, 2 * w, w, true, true, 2).encode("outer", "s", "w"), small, wide);
        wideInner = device.link(RandomLinks.link(w, 0, w, true, true, 3).encode("inner", "w", "w"), wide, wide);
        wideToSmall = device.link(RandomLinks.link(w, 100, s, true, false, 4).encode("outer", "w", "s"), wide, small);
    }

    /** Hidden states [2, d] of a prompt's last position and of the step that takes it as its input. */
    public static float[][] hidden(LanguageModel model, LatentDevice device) {
        model.reset();
        try (Latents first = model.prefill(List.of(PromptPiece.text("A prompt of more than sixteen bytes")));
                Latents next = model.step(first)) {
            return new float[][] {device.read(first)[0], device.read(next)[0]};
        }
    }

    /** What a run left: hidden states and messages by name, norms, and the text. */
    public static final class Outcome {
        public final List<String> names = new ArrayList<>();
        public final List<float[][]> blocks = new ArrayList<>();
        public float[] norms;
        public Generation generation;

        private void add(String name, float[][] block) {
            names.add(name);
            blocks.add(block);
        }
    }

    /**
     * @param read whether to copy every block out; without, the run reads nothing before its first token
     */
    public Outcome run(boolean read, TokenListener listener) {
        Outcome outcome = new Outcome();
        List<Latents> open = new ArrayList<>();
        try (HiddenStateProbe probe = device.probe()) {
            small.reset();
            Latents message = rollOut(outcome, read, open, probe, "small", small, smallInner, smallToWide,
                    List.of(PromptPiece.text("<|im_start|>user\nTom has 34 apples and buys 3 times as many."),
                            PromptPiece.text(" How many?<|im_end|>\n")));
            wide.reset();
            message = rollOut(outcome, read, open, probe, "wide", wide, wideInner, wideToSmall,
                    List.of(PromptPiece.text("<|im_start|>user\n"), PromptPiece.latents(message),
                            PromptPiece.text(" Check it.<|im_end|>\n")));
            small.reset();
            message = rollOut(outcome, read, open, probe, "small again", small, smallInner, smallToWide,
                    List.of(PromptPiece.text("Before:"), PromptPiece.latents(message),
                            PromptPiece.text(" Now again.")));
            wide.reset();
            outcome.generation = wide.generate(List.of(PromptPiece.text("<|im_start|>user\nThe plan is "),
                    PromptPiece.latents(message), PromptPiece.text("<|im_end|>\n<|im_start|>assistant\n")),
                    DecodingOptions.greedy(12), listener, RunControl.NEVER);
            HiddenStateProbe.RowStatistics[] statistics = probe.read();
            outcome.norms = new float[3 * STEPS];
            for (int i = 0; i < outcome.norms.length; i++) {
                HiddenStateProbe.RowStatistics rows = statistics[i / STEPS];
                if (!rows.finite()) {
                    throw new AssertionError("hidden states are not finite");
                }
                outcome.norms[i] = rows.norms()[i % STEPS];
            }
            return outcome;
        } finally {
            open.forEach(Latents::close);
        }
    }

    private Latents rollOut(Outcome outcome, boolean read, List<Latents> open, HiddenStateProbe probe, String name,
            LanguageModel model, Link inner, Link outer, List<PromptPiece> prompt) {
        List<Latents> hidden = new ArrayList<>();
        List<Latents> inputs = new ArrayList<>();
        Latents h = model.prefill(prompt);
        for (int step = 0; step < STEPS; step++) {
            hidden.add(h);
            Latents input = inner.apply(h);
            inputs.add(input);
            if (step < STEPS - 1) {
                h = model.step(input);
            }
        }
        Latents rolled = model.stack(hidden); // [steps, d]
        Latents stacked = model.stack(inputs);
        probe.record(rolled);
        Latents message = outer.apply(stacked);
        if (read) {
            outcome.add(name + " hidden", device.read(rolled));
            outcome.add(name + " message", device.read(message));
        }
        hidden.forEach(Latents::close);
        inputs.forEach(Latents::close);
        rolled.close();
        stacked.close();
        open.add(message);
        return message;
    }
}
