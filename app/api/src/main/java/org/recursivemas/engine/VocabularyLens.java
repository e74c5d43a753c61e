package org.recursivemas.engine;

/**
 * A model that can say which of its tokens a vector is nearest to. Reads the table of token embeddings, which is also the
 * head of models with tied embeddings. Waits for the device: never used on the latent path.
 */
public interface VocabularyLens {
    /**
     * The tokens with the highest scores, best first, ties by id.
     *
     * @param vectors [rows][hiddenSize]
     * @param k 1 or more; at most the vocabulary comes back
     * @param cosine score is the cosine with the token's embedding, otherwise the dot product (with tied embeddings the
     *     logit, up to the factor by which a family scales its embeddings)
     * @return one list for each row
     */
    Nearest[] nearest(float[][] vectors, int k, boolean cosine);

    /** Root mean square of the norms of all token embeddings. */
    double embeddingNorm();

    /** The best tokens of one vector. */
    final class Nearest {
        private final int[] ids;
        private final float[] scores;

        public Nearest(int[] ids, float[] scores) {
            this.ids = ids;
            this.scores = scores;
        }

        public int[] ids() {
            return ids;
        }

        public float[] scores() {
            return scores;
        }

        /** The best {@code k} of one score per token. */
        public static Nearest of(float[] scoreOfToken, int k) {
            int count = Math.min(k, scoreOfToken.length);
            int[] ids = new int[count];
            float[] best = new float[count];
            int filled = 0;
            for (int id = 0; id < scoreOfToken.length; id++) {
                float score = scoreOfToken[id];
                if (filled == count && !(score > best[count - 1])) {
                    continue;
                }
                int at = filled < count ? filled++ : count - 1;
                for (; at > 0 && score > best[at - 1]; at--) {
                    best[at] = best[at - 1];
                    ids[at] = ids[at - 1];
                }
                best[at] = score;
                ids[at] = id;
            }
            return new Nearest(ids, best);
        }
    }
}
