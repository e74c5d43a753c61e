package org.recursivemas.pipeline.links;

import java.util.HashMap;
import java.util.Map;
import org.recursivemas.pipeline.twin.TwinTokenizer;

/**
 * The receiver's token for each of the sender's: the one token that the receiver's tokenizer makes of the same text.
 */
final class TokenMap {
    private static final int NONE = -1;

    private final TwinTokenizer sender;
    private final TwinTokenizer receiver;
    private final Map<Integer, Integer> known = new HashMap<>();

    TokenMap(TwinTokenizer sender, TwinTokenizer receiver) {
        this.sender = sender;
        this.receiver = receiver;
    }

    /**
     * The receiver's token, or -1 when the text is no single token there (or no text by itself: a part of a character).
     */
    int map(int token) {
        return known.computeIfAbsent(token, t -> {
            String text = sender.text(t);
            int[] ids = text.indexOf('\ufffd') >= 0 ? new int[0] : receiver.encode(text);
            return ids.length == 1 ? ids[0] : NONE;
        });
    }
}
