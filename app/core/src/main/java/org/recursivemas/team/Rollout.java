package org.recursivemas.team;

import java.util.ArrayList;
import java.util.List;
import org.recursivemas.engine.LanguageModel;
import org.recursivemas.engine.Latents;
import org.recursivemas.engine.Link;
import org.recursivemas.engine.PromptPiece;
import org.recursivemas.engine.RunControl;

/**
 * What an agent thinks in one visit: m hidden states, each fed back through the inner link.
 *
 * <p>One prefill and m - 1 single positions: the first state belongs to the last prompt position, the m-th linked state
 * is part of the message but never fed back. States are collected after the final norm and before the inner link.
 */
public final class Rollout implements AutoCloseable {
    private final Latents hidden;
    private final Latents linked;
    private final int promptPositions;

    private final boolean closing;

    private Rollout(Latents hidden, Latents linked, int promptPositions, boolean closing) {
        this.hidden = hidden;
        this.linked = linked;
        this.promptPositions = promptPositions;
        this.closing = closing;
    }

    /**
     * Runs one rollout on an empty sequence. Waits for nothing but {@code control}.
     *
     * @param steps m, at least 1
     * @throws org.recursivemas.engine.EngineException when prompt and steps do not fit the context window
     */
    public static Rollout run(LanguageModel model, Link inner, List<PromptPiece> prompt, int steps,
            RunControl control) {
        return run(model, inner, prompt, steps, control, true);
    }

    /** The same; what it collected outlives the rollout when it is not {@code closing}, and the caller closes it. */
    static Rollout run(LanguageModel model, Link inner, List<PromptPiece> prompt, int steps, RunControl control,
            boolean closing) {
        if (steps < 1) {
            throw new IllegalArgumentException("a rollout has at least 1 step, not " + steps);
        }
        List<Latents> hidden = new ArrayList<>();   // m x [1, d], raw
        List<Latents> linked = new ArrayList<>();   // m x [1, d], inner(hidden)
        try {
            model.reset();
            hidden.add(model.prefill(prompt));
            int promptPositions = model.position();
            Limits.requireRoom(model, promptPositions, steps - 1);
            linked.add(inner.apply(hidden.get(0)));
            while (hidden.size() < steps) {
                if (control.cancelled()) {
                    throw new Cancelled();
                }
                hidden.add(model.step(linked.get(linked.size() - 1)));
                linked.add(inner.apply(hidden.get(hidden.size() - 1)));
            }
            Latents collected = model.stack(hidden);   // [m, d]
            try {
                return new Rollout(collected, model.stack(linked), promptPositions, closing);
            } catch (RuntimeException e) {
                collected.close();
                throw e;
            }
        } finally {
            hidden.forEach(Latents::close);
            linked.forEach(Latents::close);
        }
    }

    /** H [m, d]: the raw hidden states. Closed with the rollout. */
    public Latents hidden() {
        return hidden;
    }

    /** inner(H) [m, d]: what an outer link reads. Closed with the rollout. */
    public Latents linked() {
        return linked;
    }

    /** Positions of the prompt, latents in slots included. */
    public int promptPositions() {
        return promptPositions;
    }

    @Override
    public void close() {
        if (closing) {
            hidden.close();
            linked.close();
        }
    }
}
