package org.recursivemas.toy;

import java.util.ArrayList;
import java.util.List;

/** Everything that the toy models and the toy device were asked to do, in order. */
public final class ToyLog {
    /** Blocks of latents that are open now. */
    public int open;
    /** E.g. {@code "planner prefill"}, {@code "planner step"}, {@code "solver generate"}, {@code "probe read"}. */
    public final List<String> calls = new ArrayList<>();
    /** Every prompt: who got it, its pieces. */
    public final List<Prompt> prompts = new ArrayList<>();
    /** Every block that was given to a probe. */
    public final List<float[][]> recorded = new ArrayList<>();

    /** A prompt as a model got it. */
    public static final class Prompt {
        public final String model;
        /** Texts ({@code String}) and latents ({@code float[][]}) in order. */
        public final List<Object> pieces = new ArrayList<>();

        Prompt(String model) {
            this.model = model;
        }

        /** The texts one after the other, with {@code |} at each cut and {@code [rows]} for latents. */
        public String text() {
            StringBuilder text = new StringBuilder();
            boolean afterText = false;
            for (Object piece : pieces) {
                if (piece instanceof String) {
                    text.append(afterText ? "|" : "").append(piece);
                    afterText = true;
                } else {
                    text.append('[').append(((float[][]) piece).length).append(']');
                    afterText = false;
                }
            }
            return text.toString();
        }

        /** The latents of the prompt's slots in order. */
        public List<float[][]> latents() {
            List<float[][]> found = new ArrayList<>();
            for (Object piece : pieces) {
                if (piece instanceof float[][]) {
                    found.add((float[][]) piece);
                }
            }
            return found;
        }
    }

    /** How often {@code call} was made. */
    public int count(String call) {
        int count = 0;
        for (String made : calls) {
            if (made.equals(call)) {
                count++;
            }
        }
        return count;
    }

    /** All prompts of one model. */
    public List<Prompt> promptsOf(String model) {
        List<Prompt> found = new ArrayList<>();
        for (Prompt prompt : prompts) {
            if (prompt.model.equals(model)) {
                found.add(prompt);
            }
        }
        return found;
    }
}
