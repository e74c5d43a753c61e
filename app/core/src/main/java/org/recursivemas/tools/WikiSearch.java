package org.recursivemas.tools;

import java.io.UnsupportedEncodingException;
import java.net.URLEncoder;
import java.util.List;
import org.recursivemas.engine.RunControl;

/**
 * Asks a wiki on the web: the beginnings, as plain text, of the pages that its full-text search finds first. One request to
 * MediaWiki's action API (generator=search with prop=extracts, of its extension TextExtracts).
 */
public final class WikiSearch implements Tool {
    /** Most pages of an answer. */
    public static final int HITS = 3;
    /** Most characters of a query that MediaWiki takes. */
    private static final int MOST_CHARS = 300;
    /** Most characters of an extract that TextExtracts gives. */
    private static final int MOST_EXTRACT = 1200;

    private final String name;
    private final String api;
    private final int resultChars;
    private final Wiki wiki;

    /**
     * A page that was found.
     *
     * @param text its beginning; null when the wiki gives none
     */
    public record Page(String title, String text) {
    }

    /** Fetches. */
    @FunctionalInterface
    public interface Wiki {
        /**
         * The pages of an answer, best first. Waits.
         *
         * @param control gives the request up at once when the run is stopped
         * @throws ToolException saying why there is no answer
         */
        List<Page> ask(String url, RunControl control);
    }

    /**
     * @param name of the tags
     * @param api as {@link WikiAddress#api} gives it
     * @param resultChars most characters of a result, which the pages share
     */
    public WikiSearch(String name, String api, int resultChars, Wiki wiki) {
        this.name = name;
        this.api = api;
        this.resultChars = resultChars;
        this.wiki = wiki;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String run(String input) {
        return run(input, RunControl.NEVER);
    }

    @Override
    public String run(String input, RunControl control) {
        String query = plain(input);
        if (query.isEmpty()) {
            throw new ToolException("nothing to search for");
        }
        if (query.length() > MOST_CHARS) {
            throw new ToolException("longer than " + MOST_CHARS + " characters");
        }
        List<Page> pages = wiki.ask(url(query), control);
        if (pages.isEmpty()) {
            throw new ToolException("nothing found");
        }
        int hits = Math.min(HITS, pages.size());
        int room = Math.max(1, (resultChars - (hits - 1)) / hits);   // a line end between each two
        StringBuilder result = new StringBuilder();
        for (Page page : pages.subList(0, hits)) {
            if (page.text() == null) {
                throw new ToolException(WikiAddress.server(api)
                        + " gives no extracts of its pages (it lacks the extension TextExtracts)");
            }
            String text = plain(page.text());
            result.append(result.length() == 0 ? "" : "\n")
                    .append(ToolBox.cut(plain(page.title()) + (text.isEmpty() ? "" : ": " + text), room));
        }
        return result.toString();
    }

    /** The one request of a search. {@code origin=*} has the wiki answer pages of any site, without anybody's log-in. */
    private String url(String query) {
        return api + "?action=query&format=json&formatversion=2&origin=*&generator=search&gsrlimit=" + HITS + "&gsrsearch="
                + encoded(query) + "&prop=extracts&exintro=1&explaintext=1&exlimit=" + HITS + "&exchars="
                + Math.min(MOST_EXTRACT, resultChars);
    }

    private static String encoded(String query) {
        try {
            return URLEncoder.encode(query, "UTF-8");
        } catch (UnsupportedEncodingException e) {
            throw new IllegalStateException("every platform has UTF-8", e);
        }
    }

    /** One line, without control characters. */
    private static String plain(String text) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean blank = c <= ' ' || c == '\u007f' || c == '\u00a0';
            if (!blank) {
                line.append(c);
            } else if (line.length() > 0 && line.charAt(line.length() - 1) != ' ') {
                line.append(' ');
            }
        }
        return line.toString().trim();
    }
}
