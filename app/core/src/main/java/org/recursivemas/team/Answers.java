package org.recursivemas.team;

/** Finds the answer in a text and compares it strictly: no loose normalisation, no default when there is none. */
public final class Answers {
    private Answers() {
    }

    /**
     * @param marker text after which the answer stands, up to the end of its line; the last occurrence counts. Null
     *     when the whole text is the answer
     * @return the answer without surrounding blanks; empty when the marker is missing
     */
    public static String extract(String text, String marker) {
        if (marker == null) {
            return text.strip();
        }
        int at = text.lastIndexOf(marker);
        if (at < 0) {
            return "";
        }
        int start = at + marker.length();
        int end = text.indexOf('\n', start);
        return text.substring(start, end < 0 ? text.length() : end).strip();
    }

    /**
     * True when a text that was cut off (token limit) shows its whole answer, that is when something follows the
     * answer's line. A text without a marker is its answer, so cut off it is never whole.
     */
    public static boolean wholeWhenCutOff(String text, String marker) {
        return marker != null && text.lastIndexOf(marker) >= 0
                && text.indexOf('\n', text.lastIndexOf(marker) + marker.length()) >= 0;
    }

    /** Character by character, surrounding blanks aside. An empty answer is never right. */
    public static boolean same(String answer, String expected) {
        return !answer.isBlank() && answer.strip().equals(expected.strip());
    }
}
