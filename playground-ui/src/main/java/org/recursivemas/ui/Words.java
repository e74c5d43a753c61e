package org.recursivemas.ui;

import java.util.Map;

/**
 * What the page says, in the reader's language. The English text stands in the code, in the classes {@code *Texts}, and is at
 * the same time the key of its translation, as in gettext; {@code static/src/lang/TAG.json} holds a language, one object from
 * English to translated texts. A text that a file lacks would stay English, which a test does not let happen.
 *
 * <p>A place for a value is a number in braces, {@code {0}}. Constants take their translation when their class is first used,
 * so {@link #use} comes before the page is built.
 */
public final class Words {
    private static Map<String, String> table = Map.of();

    private Words() {
    }

    /** Translates from now on. @param translated from English to translated texts; empty for English */
    static void use(Map<String, String> translated) {
        table = Map.copyOf(translated);
    }

    /**
     * A text in the reader's language.
     *
     * @param english a literal: the tests look for it in the source
     * @param values what takes the places of {0}, {1}, ...
     */
    public static String of(String english, Object... values) {
        String text = table.getOrDefault(english, english);
        if (values.length == 0) {
            return text;
        }
        StringBuilder filled = new StringBuilder();
        int at = 0;
        while (at < text.length()) {
            char c = text.charAt(at);
            // a digit in braces; other braces, as around the name of a slot, are text
            if (c == '{' && at + 2 < text.length() && text.charAt(at + 2) == '}' && text.charAt(at + 1) - '0' >= 0
                    && text.charAt(at + 1) - '0' < values.length) {
                filled.append(values[text.charAt(at + 1) - '0']);
                at += 3;
            } else {
                filled.append(c);
                at++;
            }
        }
        return filled.toString();
    }
}
