package org.recursivemas.toy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.recursivemas.engine.DecodingOptions;
import org.recursivemas.engine.EngineException;
import org.recursivemas.engine.Generation;
import org.recursivemas.engine.LanguageModel;
import org.recursivemas.engine.Latents;
import org.recursivemas.engine.PromptPiece;
import org.recursivemas.engine.RunControl;
import org.recursivemas.engine.TokenListener;
import org.recursivemas.inside.Geometry;
import org.recursivemas.tasks.SeededRandom;

/** A model over {@link ToyNetwork}, with a sequence that grows position by position as a KV cache does. */
public final class ToyModel implements LanguageModel {
    /** What it can write: letters, blank, digits, line end, and the end token. */
    private static final int[] WRITES = {'a', 'e', 'i', 'o', 'n', 's', 't', 'r', ' ', '1', '2', '7', '\n',
            ToyTokenizer.END};

    private final String id;
    private final ToyNetwork network;
    private final ToyLog log;
    private final int contextWindow;
    private float[] state;
    private int position;
    /** When 0 or more: the step (counted from the prefill, 0) of the rollout that yields NaN; set by a test. */
    private int breakAt = -1;
    private int sinceReset;
    /** What generate answers instead of its own text, call by call, the last for ever; set by a test. */
    private List<String> says;
    private int said;
    private final Map<Integer, String> saysBySeed = new HashMap<>();
    private int promptEnd;
    private float[] stateBehindPrompt;

    public ToyModel(String id, ToyNetwork network, ToyLog log, int contextWindow) {
        this.id = id;
        this.network = network;
        this.log = log;
        this.contextWindow = contextWindow;
    }

    /** From now on the hidden state {@code step} positions after each prefill is not a number. */
    public void breakAt(int step) {
        breakAt = step;
    }

    /** From now on it writes these texts, one a call and the last one for ever, whatever it reads. */
    public void says(String... texts) {
        says = List.of(texts);
        said = 0;
    }

    /** From now on it writes this text when it is asked with this seed. */
    public void says(int seed, String text) {
        saysBySeed.put(seed, text);
    }

    public ToyNetwork network() {
        return network;
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public int hiddenSize() {
        return network.width();
    }

    @Override
    public int contextWindow() {
        return contextWindow;
    }

    @Override
    public int[] tokenize(String text) {
        return ToyTokenizer.tokenize(text);
    }

    @Override
    public String detokenize(int[] ids) {
        return ToyTokenizer.detokenize(ids);
    }

    @Override
    public void reset() {
        log.calls.add(id + " reset");
        state = network.start();
        position = 0;
        sinceReset = -1;
    }

    @Override
    public int position() {
        return position;
    }

    @Override
    public Latents prefill(List<PromptPiece> prompt) {
        log.calls.add(id + " prefill");
        return read(prompt);
    }

    private ToyLatents read(List<PromptPiece> prompt) {
        ToyLog.Prompt logged = new ToyLog.Prompt(id);
        log.prompts.add(logged);
        int before = position;
        for (PromptPiece piece : prompt) {
            if (piece.isText()) {
                logged.pieces.add(piece.text());
                for (int token : tokenize(piece.text())) {
                    append(network.embedding(token));
                }
            } else {
                float[][] values = ((ToyLatents) piece.latents()).values();
                logged.pieces.add(values);
                for (float[] row : values) {
                    append(row);
                }
            }
        }
        if (position == before) {
            throw new EngineException("model " + id + ": the prompt is empty. Write something");
        }
        return last();
    }

    @Override
    public Latents step(Latents input) {
        log.calls.add(id + " step");
        float[][] values = ((ToyLatents) input).values();
        if (values.length != 1) {
            throw new EngineException("model " + id + ": a step takes 1 row, not " + values.length);
        }
        append(values[0]);
        return last();
    }

    private void append(float[] x) {
        if (x.length != network.width()) {
            throw new EngineException("model " + id + ": input of width " + x.length + " instead of "
                    + network.width());
        }
        if (position == contextWindow) {
            throw new EngineException("model " + id + ": the context window of " + contextWindow + " is full");
        }
        state = network.next(state, x, position++);
    }

    private ToyLatents last() {
        sinceReset++;
        float[] h = network.hidden(state);
        if (sinceReset == breakAt) {
            h[0] = Float.NaN;
        }
        return new ToyLatents(log, new float[][] {h}, h.length);
    }

    @Override
    public double[] relevance(PromptPiece query, List<PromptPiece> candidates) {
        log.calls.add(id + " relevance " + candidates.size());
        float[][] wanted = vectors(query);
        return candidates.stream().mapToDouble(candidate -> Geometry.cosineOfMeans(wanted, vectors(candidate))).toArray();
    }

    private float[][] vectors(PromptPiece piece) {
        if (!piece.isText()) {
            return ((ToyLatents) piece.latents()).values();
        }
        int[] tokens = tokenize(piece.text());
        float[][] rows = new float[tokens.length][];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = network.embedding(tokens[i]);
        }
        return rows;
    }

    @Override
    public Latents stack(List<Latents> parts) {
        List<float[]> rows = new ArrayList<>();
        for (Latents part : parts) {
            for (float[] row : ((ToyLatents) part).values()) {
                rows.add(row.clone());
            }
        }
        return new ToyLatents(log, rows.toArray(new float[0][]), parts.get(0).width());
    }

    @Override
    public Generation generate(List<PromptPiece> prompt, DecodingOptions options, TokenListener listener,
            RunControl control) {
        log.calls.add(id + " generate");
        read(prompt).close();
        promptEnd = position;
        stateBehindPrompt = state;
        return decode(position, options, listener, control);
    }

    @Override
    public Generation generateAgain(DecodingOptions options, TokenListener listener, RunControl control) {
        log.calls.add(id + " generate again");
        position = promptEnd;
        state = stateBehindPrompt;
        return decode(1, options, listener, control);
    }

    private Generation decode(int promptPositions, DecodingOptions options, TokenListener listener, RunControl control) {
        String next = says == null ? null : says.get(Math.min(said++, says.size() - 1));
        String now = saysBySeed.isEmpty() ? next : saysBySeed.get(options.seed());
        int[] script = now == null ? null : tokenize(now + "<|end|>");
        SeededRandom random = new SeededRandom(options.seed() + Math.round(1e6 * options.topP()));
        List<Integer> ids = new ArrayList<>();
        Generation.Finish finish = Generation.Finish.LENGTH;
        int decoded = 0;
        while (decoded < options.maxTokens() && position < contextWindow) {
            if (control.cancelled()) {
                finish = Generation.Finish.CANCELLED;
                break;
            }
            int token = script == null ? sampled(random, options) : script[decoded];
            decoded++;
            log.calls.add(id + " token");
            if (token == ToyTokenizer.END) {
                finish = Generation.Finish.STOP;
                break;
            }
            ids.add(token);
            listener.onText(text(ids), decoded);
            append(network.embedding(token));
        }
        return new Generation(text(ids), promptPositions, decoded, finish);
    }

    /** The likeliest token at temperature 0; above, one beside it, the further the warmer. */
    private int sampled(SeededRandom random, DecodingOptions options) {
        int best = network.greedy(network.hidden(state), WRITES);
        if (options.temperature() == 0) {
            return best;
        }
        int at = 0;
        while (WRITES[at] != best) {
            at++;
        }
        return WRITES[(at + random.nextInt(1 + (int) (4 * options.temperature()))) % WRITES.length];
    }

    private String text(List<Integer> ids) {
        int[] all = new int[ids.size()];
        for (int i = 0; i < all.length; i++) {
            all[i] = ids.get(i);
        }
        return detokenize(all);
    }
}
