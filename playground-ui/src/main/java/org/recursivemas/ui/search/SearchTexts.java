package org.recursivemas.ui.search;

import org.recursivemas.data.ToolCallReport;
import org.recursivemas.tools.WikiAddress;
import org.recursivemas.ui.Words;

/** Texts on searches and calls of tools. */
final class SearchTexts {
    static final String TITLE = Words.of("Where the search tool looks");
    static final String LEGEND = Words.of("Search in");
    static final String CORPUS = Words.of("the texts that come with the team");
    static final String CORPUS_HINT = Words.of("Nothing leaves this browser.");
    static final String WIKI = Words.of("a wiki on the web");
    static final String EDITION = Words.of("Wiki");
    static final String OTHER = Words.of("Another wiki\u2026");
    static final String ADDRESS = Words.of("Address of the wiki's api.php");
    static final String ADDRESS_HINT = Words.of("https://wiki.example/w/api.php, of any MediaWiki with the extension "
            + "TextExtracts.");
    /** Language editions of Wikipedia to choose from: code and name. */
    static final String[][] EDITIONS = {{Words.of("wikipedia"), Words.of("Wikipedia in English")},
            {"wikipedia-simple", Words.of("Wikipedia "
            + "in Simple English")},
        {"wikipedia-ar", Words.of("Wikipedia \u2013 \u0627\u0644\u0639\u0631\u0628\u064a\u0629")},
        {"wikipedia-de", Words.of("Wikipedia \u2013 Deutsch")}, {"wikipedia-es",
                Words.of("Wikipedia \u2013 Espa\u00f1ol")},
        {"wikipedia-fr", Words.of("Wikipedia \u2013 Fran\u00e7ais")}, {"wikipedia-it",
                Words.of("Wikipedia \u2013 Italiano")},
        {"wikipedia-nl", Words.of("Wikipedia \u2013 Nederlands")}, {"wikipedia-ja",
                Words.of("Wikipedia \u2013 \u65e5\u672c\u8a9e")},
        {"wikipedia-pl", Words.of("Wikipedia \u2013 Polski")}, {"wikipedia-pt",
                Words.of("Wikipedia \u2013 Portugu\u00eas")},
        {"wikipedia-ru", Words.of("Wikipedia \u2013 \u0420\u0443\u0441\u0441\u043a\u0438\u0439")},
        {"wikipedia-uk", Words.of("Wikipedia \u2013 \u0423\u043a\u0440\u0430\u0457\u043d\u0441\u044c\u043a\u0430")},
        {"wikipedia-zh", Words.of("Wikipedia \u2013 \u4e2d\u6587")}};
    static final String CALLS = Words.of("Calls of tools");

    private SearchTexts() {
    }

    static String statement(String api) {
        return Words.of("What the agent writes as its query leaves this browser: it is sent to {0}, which also sees your "
                + "network address. Nothing is sent before an agent searches, and nothing else is sent.",
                WikiAddress.server(api));
    }

    static String reload(String api) {
        return Words.of("Reload the page so that it may ask {0}", WikiAddress.server(api));
    }

    /** @param kept whether problem and settings travel in the address */
    static String reloadHint(String api, boolean kept) {
        if (!kept) {
            return Words.of("As it is, this page's policy lets nothing out to {0}. Reloading forgets what you typed.",
                    WikiAddress.server(api));
        }
        return Words.of("As it is, this page's policy lets nothing out to {0}. Problem, settings and prompts come along; "
                + "a team that you changed and did not save does not.", WikiAddress.server(api));
    }

    static String suggested(String api) {
        return Words.of("The runs that were taken over asked {0}. Here it is asked only when you choose it.",
                WikiAddress.server(api));
    }

    static String call(ToolCallReport call) {
        return call.tool + ": " + call.input + (call.source == null ? "" : Words.of(" (asked: {0})", call.source));
    }

    static String failed(ToolCallReport call) {
        return Words.of("The tool {0} had no answer: {1}", call.tool, call.result);
    }
}
