package org.recursivemas.ui.measure;

/** The browser's JSON parser, for other sections of the page. */
public final class Parser {
    private Parser() {
    }

    /** As {@link Json#parse}. */
    public static Object parse(String text) {
        return new BrowserJson().parse(text);
    }
}
