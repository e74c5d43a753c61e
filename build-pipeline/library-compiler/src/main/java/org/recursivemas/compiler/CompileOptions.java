package org.recursivemas.compiler;

/**
 * What a library is compiled for, beyond the model's shape.
 *
 * @param contextWindow tokens of a conversation at most; written to the metadata
 * @param prefillChunk tokens of one prefill at most; longer prompts come in several
 * @param activeVocabSize ids from this one on get probability 0: rows of the table that no token uses
 */
public record CompileOptions(int contextWindow, int prefillChunk, int activeVocabSize) {
    /** Whole context, chunks of at most 1,024 tokens, every id active. */
    public static CompileOptions defaults(ModelConfig config) {
        return new CompileOptions(config.maxPositions(), Math.min(config.maxPositions(), 1024), config.vocabSize());
    }

    /** Refuses values that do not fit the model, naming the option. */
    void check(ModelConfig config) {
        if (contextWindow < 1 || contextWindow > config.maxPositions()) {
            throw new IllegalArgumentException("context window " + contextWindow + ": must lie between 1 and the model's "
                    + "max_position_embeddings " + config.maxPositions());
        }
        if (prefillChunk < 1 || prefillChunk > contextWindow) {
            throw new IllegalArgumentException("prefill chunk " + prefillChunk + ": must lie between 1 and the context window "
                    + contextWindow);
        }
        if (activeVocabSize < 1 || activeVocabSize > config.vocabSize()) {
            throw new IllegalArgumentException("active vocabulary " + activeVocabSize + ": must lie between 1 and vocab_size "
                    + config.vocabSize());
        }
    }
}
