package org.recursivemas.engine;

import java.util.List;

/**
 * One loaded, frozen language model with one KV cache sequence.
 *
 * <p>Errors: every method throws {@link EngineException} with a message that names the model and the remedy. After a
 * failed call the sequence is undefined until {@link #reset()}.
 */
public interface LanguageModel {
    /** The model's id, as in the team file. */
    String id();

    /** Width of hidden states and of input embeddings. */
    int hiddenSize();

    /** Capacity of the KV cache in positions. */
    int contextWindow();

    /** Token ids of {@code text}, no special tokens added; special tokens written in the text are recognised. */
    int[] tokenize(String text);

    /** Text of {@code ids}, special tokens left out. */
    String detokenize(int[] ids);

    /** Forgets the KV cache: the next call starts at position 0. */
    void reset();

    /** Number of positions in the KV cache. */
    int position();

    /**
     * Appends the pieces to the sequence (chunked as the model needs) and returns the hidden state after the final norm of
     * the last position, [1, hiddenSize]. Latent pieces must have width {@code hiddenSize}; pieces without a position are
     * allowed, a prompt without any position is an error. Does not wait for the GPU.
     */
    Latents prefill(List<PromptPiece> prompt);

    /** Appends one position with the given input embedding [1, hiddenSize]; returns its hidden state [1, hiddenSize]. */
    Latents step(Latents input);

    /**
     * How alike the mean input vector of each candidate is to that of the query: their cosines, -1 to 1, in the same order. The
     * input vectors of a text are the embeddings of its tokens, those of latents their rows; 0 where there are none or their
     * mean is zero. Unspecified, and no error, where a row is not finite. The sequence stays as it is. Waits; engines on a GPU
     * read one number for each candidate, at once.
     *
     * @param candidates at least 1; latents have width {@code hiddenSize}
     */
    double[] relevance(PromptPiece query, List<PromptPiece> candidates);

    /** A new block with the rows of all parts below each other, [sum of rows, hiddenSize]. At least one part. */
    Latents stack(List<Latents> parts);

    /**
     * Appends the prompt and decodes text until a stop token, {@code options.maxTokens()}, the end of the context window or
     * {@code control.cancelled()}. The stop token is neither counted in the text nor fed back.
     */
    Generation generate(List<PromptPiece> prompt, DecodingOptions options, TokenListener listener, RunControl control);

    /**
     * Decodes another text behind the prompt of the last {@link #generate}, which this must follow: what that one decoded
     * is forgotten, and the prompt's last token alone is pushed again, so the generation's prompt has 1 position. The
     * prompt must end in text. May be called again and again.
     */
    Generation generateAgain(DecodingOptions options, TokenListener listener, RunControl control);
}
