package org.recursivemas.team;

import java.util.ArrayList;
import java.util.List;
import org.recursivemas.data.ChatFormat;
import org.recursivemas.engine.EngineException;
import org.recursivemas.engine.LanguageModel;

/**
 * Keeps text that a person typed (or an agent wrote) from speaking with the template's voice.
 *
 * <p>Tokenizers recognise control tokens wherever they are written, so a problem that holds {@code <|im_end|>} would
 * close the user message. Such text is refused with an error that names the marker, rather than changed behind the
 * person's back. A marker is what stands in angle or square brackets without a blank and either occurs in the agent's
 * chat format or is swallowed whole by its tokenizer, as only control tokens are.
 */
final class ChatMarkers {
    private static final int MAX_LENGTH = 64;

    private ChatMarkers() {
    }

    /**
     * @param text the text that will be filled in
     * @param what what it is, for the message, e.g. {@code "the problem"}
     * @throws EngineException when it holds a marker of this agent, naming it
     */
    static void refuse(String text, String what, PlannedAgent agent, LanguageModel model) {
        for (String candidate : bracketed(text)) {
            if (inFormat(candidate, agent.chat()) || model.detokenize(model.tokenize(candidate)).isBlank()) {
                throw new EngineException(what + " holds \"" + candidate + "\", a control marker of agent " + agent.id()
                        + " (model " + model.id() + "). Take it out or write it differently, e.g. with a blank inside");
            }
        }
    }

    private static boolean inFormat(String candidate, ChatFormat chat) {
        return chat.system.contains(candidate) || chat.user.contains(candidate) || chat.generation.contains(candidate);
    }

    /** Every shortest stretch in angle or square brackets that holds no blank. */
    private static List<String> bracketed(String text) {
        List<String> found = new ArrayList<>();
        for (int i = 0; i < text.length(); i++) {
            char open = text.charAt(i);
            if (open != '<' && open != '[') {
                continue;
            }
            char close = open == '<' ? '>' : ']';
            int end = Math.min(text.length(), i + MAX_LENGTH);
            for (int k = i + 1; k < end; k++) {
                char c = text.charAt(k);
                if (c == close) {
                    found.add(text.substring(i, k + 1));
                    break;
                }
                if (c == open || Character.isWhitespace(c)) {
                    break;
                }
            }
        }
        return found;
    }
}
