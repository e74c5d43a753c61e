package org.recursivemas.team;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.recursivemas.data.ChatFormat;
import org.recursivemas.engine.Latents;
import org.recursivemas.engine.PromptPiece;

/**
 * A user message cut once at its placeholders, so that nothing that is filled in is ever looked at for placeholders
 * again.
 *
 * <p>{@code {question}} is the problem; every other <code>{name}</code> (a letter, then letters, digits or _) is a
 * slot.
 */
public final class PromptTemplate {
    /** Name of the placeholder for the problem. */
    public static final String QUESTION = "question";

    /** Literal texts and placeholder names in turn: literal, name, literal, name, ..., literal. */
    private final List<String> parts;

    private PromptTemplate(List<String> parts) {
        this.parts = parts;
    }

    /** Cuts {@code text}. Braces that do not enclose a name are ordinary text. */
    public static PromptTemplate parse(String text) {
        List<String> parts = new ArrayList<>();
        int literal = 0;
        int i = 0;
        while (i < text.length()) {
            int end = text.charAt(i) == '{' ? nameEnd(text, i + 1) : -1;
            if (end < 0) {
                i++;
                continue;
            }
            parts.add(text.substring(literal, i));
            parts.add(text.substring(i + 1, end));
            i = end + 1;
            literal = i;
        }
        parts.add(text.substring(literal));
        return new PromptTemplate(parts);
    }

    /** Index of the brace that closes the name starting at {@code start}, or -1 when no name stands there. */
    private static int nameEnd(String text, int start) {
        int i = start;
        while (i < text.length() && isNameChar(text.charAt(i), i == start)) {
            i++;
        }
        return i > start && i < text.length() && text.charAt(i) == '}' ? i : -1;
    }

    private static boolean isNameChar(char c, boolean first) {
        boolean letter = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
        return letter || !first && (c >= '0' && c <= '9' || c == '_');
    }

    /** How often placeholder {@code name} occurs. */
    public int occurrences(String name) {
        int count = 0;
        for (int i = 1; i < parts.size(); i += 2) {
            if (parts.get(i).equals(name)) {
                count++;
            }
        }
        return count;
    }

    /** All placeholder names in order of occurrence, the question included. */
    public List<String> placeholders() {
        List<String> names = new ArrayList<>();
        for (int i = 1; i < parts.size(); i += 2) {
            names.add(parts.get(i));
        }
        return names;
    }

    /**
     * The whole prompt with text in the slots: one piece, tokenized as a whole.
     *
     * @param slots text by slot name; every slot of the template must be there
     */
    public List<PromptPiece> renderText(ChatFormat chat, String system, String question, Map<String, String> slots) {
        StringBuilder text = new StringBuilder(before(chat, system));
        for (int i = 0; i < parts.size(); i++) {
            String part = parts.get(i);
            if (i % 2 == 0) {
                text.append(part);
            } else if (part.equals(QUESTION)) {
                text.append(question);
            } else {
                text.append(required(slots, part));
            }
        }
        return List.of(PromptPiece.text(text.append(after(chat)).toString()));
    }

    /** The whole prompt with nothing in the slots, as text. */
    public String renderBare(ChatFormat chat, String system, String question) {
        Map<String, String> nothing = new HashMap<>();
        placeholders().forEach(name -> nothing.put(name, ""));
        return renderText(chat, system, question, nothing).get(0).text();
    }

    /**
     * The whole prompt with latents in the slots: text pieces around each slot, each tokenized on its own.
     *
     * @param slots blocks by slot name [rows, reader's hidden size]; a slot that is missing collapses to nothing, and
     *     the text is still cut there
     */
    public List<PromptPiece> renderLatents(ChatFormat chat, String system, String question,
            Map<String, Latents> slots) {
        List<PromptPiece> pieces = new ArrayList<>();
        StringBuilder text = new StringBuilder(before(chat, system));
        for (int i = 0; i < parts.size(); i++) {
            String part = parts.get(i);
            if (i % 2 == 0) {
                text.append(part);
            } else if (part.equals(QUESTION)) {
                text.append(question);
            } else {
                addText(pieces, text);
                text.setLength(0);
                Latents latents = slots.get(part);
                if (latents != null && latents.rows() > 0) {
                    pieces.add(PromptPiece.latents(latents));
                }
            }
        }
        addText(pieces, text.append(after(chat)));
        return pieces;
    }

    private static void addText(List<PromptPiece> pieces, StringBuilder text) {
        if (text.length() > 0) {
            pieces.add(PromptPiece.text(text.toString()));
        }
    }

    private static String required(Map<String, String> slots, String name) {
        String text = slots.get(name);
        if (text == null) {
            throw new IllegalStateException("nothing was handed over for slot {" + name + "}");
        }
        return text;
    }

    private static String before(ChatFormat chat, String system) {
        int user = chat.user.indexOf("{user}");
        int at = chat.system.indexOf("{system}");
        return chat.system.substring(0, at) + system + chat.system.substring(at + "{system}".length())
                + chat.user.substring(0, user);
    }

    private static String after(ChatFormat chat) {
        return chat.user.substring(chat.user.indexOf("{user}") + "{user}".length()) + chat.generation;
    }
}
