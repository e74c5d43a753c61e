package org.recursivemas.pipeline.twin;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.recursivemas.engine.DecodingOptions;
import org.recursivemas.engine.EngineException;
import org.recursivemas.engine.Generation;
import org.recursivemas.engine.LanguageModel;
import org.recursivemas.engine.Latents;
import org.recursivemas.engine.PromptPiece;
import org.recursivemas.engine.RunControl;
import org.recursivemas.engine.TokenListener;
import org.recursivemas.engine.VocabularyLens;
import org.recursivemas.inside.Geometry;

/**
 * A language model that runs in plain Java. One sequence, one thread; models of several threads share their weights.
 */
public final class TwinModel implements LanguageModel, VocabularyLens {
    private final String id;
    private final TwinWeights weights;
    private final TwinTokenizer tokenizer;
    private final Set<Integer> stopTokens;
    private final int contextWindow;
    private final TwinState state;
    /** Position behind the last generate's prompt and the token before it; -1 where there is none. */
    private int promptEnd = -1;
    private int promptToken = -1;

    /**
     * @param id the model's id in messages and reports
     * @param stopTokens tokens that end a text
     * @param contextWindow most positions of a sequence
     */
    public TwinModel(String id, TwinWeights weights, TwinTokenizer tokenizer, Set<Integer> stopTokens,
            int contextWindow) {
        this.id = id;
        this.weights = weights;
        this.tokenizer = tokenizer;
        this.stopTokens = Set.copyOf(stopTokens);
        this.contextWindow = contextWindow;
        this.state = new TwinState(weights);
    }

    /** The model's numbers. */
    public TwinWeights weights() {
        return weights;
    }

    /** The model's tokenizer. */
    public TwinTokenizer tokenizer() {
        return tokenizer;
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public int hiddenSize() {
        return weights.config().hiddenSize();
    }

    @Override
    public int contextWindow() {
        return contextWindow;
    }

    @Override
    public int[] tokenize(String text) {
        int[] tokens = tokenizer.encode(text);
        for (int token : tokens) {
            if (token >= weights.config().vocabSize()) {
                throw new EngineException("model " + id + ": the tokenizer made token " + token
                        + ", but the model has only " + weights.config().vocabSize()
                        + "; use tokenizer and weights of the same model");
            }
        }
        return tokens;
    }

    @Override
    public String detokenize(int[] ids) {
        return tokenizer.decode(ids);
    }

    @Override
    public void reset() {
        promptEnd = -1;
        state.reset();
    }

    @Override
    public int position() {
        return state.position();
    }

    @Override
    public Latents prefill(List<PromptPiece> prompt) {
        return new HeapLatents(new float[][] {lastHidden(prompt)}, hiddenSize());
    }

    @Override
    public Latents step(Latents input) {
        if (input.rows() != 1) {
            throw new EngineException("model " + id + ": a step takes 1 row, not " + input.rows());
        }
        float[][] row = rows(input);
        requireRoom(1);
        return new HeapLatents(new float[][] {state.lastHidden(row)}, hiddenSize());
    }

    @Override
    public double[] relevance(PromptPiece query, List<PromptPiece> candidates) {
        float[][] wanted = vectors(query);
        return candidates.stream().mapToDouble(candidate -> Geometry.cosineOfMeans(wanted, vectors(candidate))).toArray();
    }

    /** The input vectors of a piece [positions][hidden]. */
    private float[][] vectors(PromptPiece piece) {
        return piece.isText() ? weights.embed(tokenize(piece.text())) : rows(piece.latents());
    }

    @Override
    public Latents stack(List<Latents> parts) {
        if (parts.isEmpty()) {
            throw new EngineException("model " + id + ": nothing to stack");
        }
        List<float[]> rows = new ArrayList<>();
        for (Latents part : parts) {
            rows.addAll(Arrays.asList(rows(part)));
        }
        return new HeapLatents(rows.toArray(new float[0][]), hiddenSize());
    }

    @Override
    public Generation generate(List<PromptPiece> prompt, DecodingOptions options, TokenListener listener,
            RunControl control) {
        int before = state.position();
        PromptPiece last = prompt.isEmpty() ? null : prompt.get(prompt.size() - 1);
        int[] ids = last != null && last.isText() ? tokenize(last.text()) : new int[0];
        float[] hidden = lastHidden(prompt);
        promptEnd = ids.length == 0 ? -1 : state.position();
        promptToken = ids.length == 0 ? -1 : ids[ids.length - 1];
        return decode(hidden, state.position() - before, options, listener, control);
    }

    @Override
    public Generation generateAgain(DecodingOptions options, TokenListener listener, RunControl control) {
        if (promptEnd < 0 || state.position() < promptEnd) {
            throw new EngineException("model " + id + ": another text needs a text before it, whose prompt ends in text");
        }
        state.rewind(promptEnd - 1);
        return decode(state.lastHidden(weights.embed(new int[] {promptToken})), 1, options, listener, control);
    }

    /** Decodes behind a prompt whose last hidden state is given. */
    private Generation decode(float[] last, int promptPositions, DecodingOptions options, TokenListener listener,
            RunControl control) {
        float[] hidden = last;
        TokenSampler sampler = new TokenSampler(options);
        int[] tokens = new int[0];
        int decoded = 0;
        Generation.Finish finish = Generation.Finish.LENGTH;
        while (decoded < options.maxTokens()) {
            if (control.cancelled()) {
                finish = Generation.Finish.CANCELLED;
                break;
            }
            if (decoded > 0) {
                if (state.position() == contextWindow) {
                    break;
                }
                hidden = state.lastHidden(weights.embed(new int[] {tokens[tokens.length - 1]}));
            }
            int next = sampler.pick(finite(weights.logits(hidden)));
            decoded++;
            if (stopTokens.contains(next)) {
                finish = Generation.Finish.STOP;
                break;
            }
            tokens = Arrays.copyOf(tokens, tokens.length + 1);
            tokens[tokens.length - 1] = next;
            listener.onText(tokenizer.decode(tokens), decoded);
        }
        return new Generation(tokenizer.decode(tokens), promptPositions, decoded, finish);
    }

    /**
     * The input embeddings [positions][hidden] of a prompt: tokens of text pieces, rows of latent pieces. At least one.
     */
    public float[][] inputs(List<PromptPiece> prompt) {
        List<float[]> inputs = new ArrayList<>();
        for (PromptPiece piece : prompt) {
            inputs.addAll(Arrays.asList(vectors(piece)));
        }
        if (inputs.isEmpty()) {
            throw new EngineException("model " + id + ": the prompt is empty; give it text or latents");
        }
        return inputs.toArray(new float[0][]);
    }

    @Override
    public Nearest[] nearest(float[][] vectors, int k, boolean cosine) {
        Nearest[] result = new Nearest[vectors.length];
        float[][] scores = new float[vectors.length][weights.config().vocabSize()];
        for (int id = 0; id < weights.config().vocabSize(); id++) {
            float[] embedding = weights.embed(id);
            double length = cosine ? Geometry.norm(embedding) : 1;
            for (int row = 0; row < vectors.length; row++) {
                double sum = 0;
                for (int i = 0; i < embedding.length; i++) {
                    sum += (double) vectors[row][i] * embedding[i];
                }
                double whole = cosine ? length * Geometry.norm(vectors[row]) : 1;
                scores[row][id] = (float) (whole == 0 ? 0 : sum / whole);
            }
        }
        for (int row = 0; row < vectors.length; row++) {
            result[row] = Nearest.of(scores[row], k);
        }
        return result;
    }

    @Override
    public double embeddingNorm() {
        double squares = 0;
        int tokens = weights.config().vocabSize();
        for (int id = 0; id < tokens; id++) {
            double norm = Geometry.norm(weights.embed(id));
            squares += norm * norm;
        }
        return Math.sqrt(squares / tokens);
    }

    /** Appends input embeddings [rows][hidden]; returns the hidden states after the final norm of all of them. */
    public float[][] hidden(float[][] inputs) {
        requireRoom(inputs.length);
        return state.hidden(inputs);
    }

    /** Appends a prompt; returns the last position's hidden state [hidden]. */
    private float[] lastHidden(List<PromptPiece> prompt) {
        float[][] inputs = inputs(prompt);
        requireRoom(inputs.length);
        return state.lastHidden(inputs);
    }

    private float[][] rows(Latents latents) {
        if (latents.width() != hiddenSize()) {
            throw new EngineException("model " + id + " reads latents of width " + hiddenSize() + ", not "
                    + latents.width() + "; put the outer link to this model in front");
        }
        return HeapLatents.rowsOf(latents);
    }

    private float[] finite(float[] logits) {
        for (float logit : logits) {
            if (Float.isNaN(logit)) {
                throw new EngineException("model " + id
                        + ": the logits are not finite; the weights or a latent message are broken");
            }
        }
        return logits;
    }

    private void requireRoom(int positions) {
        if (state.position() + positions > contextWindow) {
            throw new EngineException("model " + id + ": " + positions + " more positions after " + state.position()
                    + " do not fit the context window of " + contextWindow + "; shorten the prompt or the messages");
        }
    }
}
