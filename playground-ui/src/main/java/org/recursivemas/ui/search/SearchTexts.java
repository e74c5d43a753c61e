package org.recursivemas.ui.search;

import org.recursivemas.data.ToolCallReport;
import org.recursivemas.tools.WikiAddress;

/** Texts on searches and calls of tools. */
final class SearchTexts {
    static final String TITLE = "Where the search tool looks";
    static final String LEGEND = "Search in";
    static final String CORPUS = "the texts that come with the team";
    static final String CORPUS_HINT = "Nothing leaves this browser.";
    static final String WIKI = "a wiki on the web";
    static final String EDITION = "Wiki";
    static final String OTHER = "Another wiki\u2026";
    static final String ADDRESS = "Address of the wiki's api.php";
    static final String ADDRESS_HINT = "https://wiki.example/w/api.php, of any MediaWiki with the extension TextExtracts.";
    /** Language editions of Wikipedia to choose from: code and name. */
    static final String[][] EDITIONS = {{"wikipedia", "Wikipedia in English"}, {"wikipedia-simple", "Wikipedia in Simple English"},
        {"wikipedia-ar", "Wikipedia \u2013 \u0627\u0644\u0639\u0631\u0628\u064a\u0629"},
        {"wikipedia-de", "Wikipedia \u2013 Deutsch"}, {"wikipedia-es", "Wikipedia \u2013 Espa\u00f1ol"},
        {"wikipedia-fr", "Wikipedia \u2013 Fran\u00e7ais"}, {"wikipedia-it", "Wikipedia \u2013 Italiano"},
        {"wikipedia-nl", "Wikipedia \u2013 Nederlands"}, {"wikipedia-ja", "Wikipedia \u2013 \u65e5\u672c\u8a9e"},
        {"wikipedia-pl", "Wikipedia \u2013 Polski"}, {"wikipedia-pt", "Wikipedia \u2013 Portugu\u00eas"},
        {"wikipedia-ru", "Wikipedia \u2013 \u0420\u0443\u0441\u0441\u043a\u0438\u0439"},
        {"wikipedia-uk", "Wikipedia \u2013 \u0423\u043a\u0440\u0430\u0457\u043d\u0441\u044c\u043a\u0430"},
        {"wikipedia-zh", "Wikipedia \u2013 \u4e2d\u6587"}};
    static final String CALLS = "Calls of tools";

    private SearchTexts() {
    }

    static String statement(String api) {
        return "What the agent writes as its query leaves this browser: it is sent to " + WikiAddress.server(api)
                + ", which also sees your network address. Nothing is sent before an agent searches, and nothing else is sent.";
    }

    static String reload(String api) {
        return "Reload the page so that it may ask " + WikiAddress.server(api);
    }

    static String reloadHint(String api) {
        return "As it is, this page's policy lets nothing out to " + WikiAddress.server(api)
                + ". Reloading forgets what you typed.";
    }

    static String call(ToolCallReport call) {
        return call.tool + ": " + call.input + (call.source == null ? "" : " (asked: " + call.source + ")");
    }

    static String failed(ToolCallReport call) {
        return "The tool " + call.tool + " had no answer: " + call.result;
    }
}
