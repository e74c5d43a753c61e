package org.recursivemas.pipeline.training;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.recursivemas.pipeline.links.TeachingRules;
import org.recursivemas.pipeline.twin.ModelFolder;
import org.recursivemas.pipeline.twin.TwinTokenizer;

/**
 * The receiver's tokens for each of the sender's: those that spell the same text; end and filler tokens of a message
 * stand for each other whatever they are called.
 *
 * <p>A position that spells several of the receiver's tokens becomes the mean of their embeddings. Which of them the
 * receiver needs there is not known, so none is preferred: the mean keeps a part of each, and is the point whose squared
 * distance to all of them is least, the very error that the regression counts. For any number of threads, one receiver.
 */
final class TokenMap {
    private final TwinTokenizer sender;
    private final TwinTokenizer receiver;
    private final Map<Integer, int[]> known = new ConcurrentHashMap<>();
    private final Map<Integer, Optional<float[]>> means = new ConcurrentHashMap<>();

    /**
     * @param from the sender's model
     * @param to the receiver's model
     * @param rules name the agents' end and filler tokens
     */
    TokenMap(String sender, ModelFolder from, String receiver, ModelFolder to, TeachingRules rules) {
        this.sender = from.tokenizer();
        this.receiver = to.tokenizer();
        known.put(rules.filler(sender, from), new int[] {rules.filler(receiver, to)});
        known.put(rules.end(sender, from), new int[] {rules.end(receiver, to)});
    }

    /**
     * The receiver's tokens; none when the token is no text by itself, as a part of a character.
     */
    int[] map(int token) {
        return known.computeIfAbsent(token, t -> {
            String text = sender.textInside(t);
            return text.indexOf('\ufffd') >= 0 ? new int[0] : receiver.encodeInside(text);
        });
    }

    /** Mean of the receiver's embeddings of the tokens that spell {@code token}, [hidden]; null when there are none. */
    float[] embed(int token, FrozenModel model) {
        return means.computeIfAbsent(token, t -> Optional.ofNullable(mean(map(t), model))).orElse(null);
    }

    private static float[] mean(int[] ids, FrozenModel model) {
        if (ids.length == 0) {
            return null;
        }
        float[] all = model.embeddings(ids);
        float[] mean = new float[all.length / ids.length];
        for (int i = 0; i < all.length; i++) {
            mean[i % mean.length] += all[i];
        }
        for (int k = 0; k < mean.length && ids.length > 1; k++) {
            mean[k] /= ids.length;
        }
        return mean;
    }
}
