package org.recursivemas.team;

import java.util.List;

/** Finds the answer in a text and compares it strictly: no loose normalisation, no default when there is none. */
public final class Answers {
    /** Marker of an answer that is a fenced code block. */
    public static final String FENCE = "```";

    private Answers() {
    }

    /**
     * @param marker text after which the answer stands; its last occurrence counts. Null when the whole text is the answer.
     *     After a marker that ends with an opening bracket, e.g. <code>\boxed{</code>, the answer ends before the bracket
     *     that closes it; with {@value #FENCE} it is the content of the last fenced code block; otherwise it ends with its
     *     line
     * @return the answer without surrounding blanks; empty when it is missing, or its bracket or block is not closed
     */
    public static String extract(String text, String marker) {
        if (marker == null) {
            return text.strip();
        }
        if (marker.equals(FENCE)) {
            return lastBlock(text);
        }
        int at = text.lastIndexOf(marker);
        if (at < 0) {
            return "";
        }
        int start = at + marker.length();
        if (closing(marker) != 0) {
            int close = closed(text, start, marker.charAt(marker.length() - 1), closing(marker));
            return close < 0 ? "" : text.substring(start, close).strip();
        }
        int end = text.indexOf('\n', start);
        return text.substring(start, end < 0 ? text.length() : end).strip();
    }

    /**
     * True when a text that was cut off (token limit) shows its whole answer, that is when its bracket or code block is
     * closed, or something follows the answer's line. A text without a marker is its answer, so cut off it is never whole.
     */
    public static boolean wholeWhenCutOff(String text, String marker) {
        if (marker == null) {
            return false;
        }
        if (marker.equals(FENCE) || closing(marker) != 0) {
            return !extract(text, marker).isEmpty();
        }
        return text.lastIndexOf(marker) >= 0 && text.indexOf('\n', text.lastIndexOf(marker) + marker.length()) >= 0;
    }

    /** The bracket that closes a marker's last character; 0 when that is no opening bracket. */
    private static char closing(String marker) {
        switch (marker.charAt(marker.length() - 1)) {
            case '{': return '}';
            case '[': return ']';
            case '(': return ')';
            default: return 0;
        }
    }

    /** Where the bracket that was open before {@code start} is closed, or -1. A backslash takes the next character. */
    private static int closed(String text, int start, char open, char close) {
        int depth = 1;
        for (int i = start; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\') {
                i++;
            } else if (c == open) {
                depth++;
            } else if (c == close && --depth == 0) {
                return i;
            }
        }
        return -1;
    }

    /** What stands between the last two lines that begin with a fence and belong together; empty when the last is open. */
    private static String lastBlock(String text) {
        String answer = "";
        int begin = -1;
        for (int line = 0; line <= text.length();) {
            int newline = text.indexOf('\n', line);
            int end = newline < 0 ? text.length() : newline;
            if (text.substring(line, end).strip().startsWith(FENCE)) {
                if (begin < 0) {
                    begin = end + 1;
                    answer = "";
                } else {
                    answer = begin < line ? text.substring(begin, line).strip() : "";
                    begin = -1;
                }
            }
            line = end + 1;
        }
        return begin < 0 ? answer : "";
    }

    /**
     * Index of the first of the most frequent answers; of several as frequent ones the earliest. Empty answers have no
     * vote unless there are no others.
     */
    public static int mostFrequent(List<String> answers) {
        int best = 0;
        int most = 0;
        for (int i = 0; i < answers.size(); i++) {
            int votes = 0;
            for (String other : answers) {
                votes += same(answers.get(i), other) ? 1 : 0;
            }
            if (votes > most) {
                most = votes;
                best = i;
            }
        }
        return best;
    }

    /** Character by character, surrounding blanks aside. An empty answer is never right. */
    public static boolean same(String answer, String expected) {
        return !answer.isBlank() && answer.strip().equals(expected.strip());
    }
}
