package org.recursivemas.app;

import java.util.ArrayList;
import java.util.List;
import org.recursivemas.bridge.js.JavaScriptException;
import org.recursivemas.bridge.js.Promises;
import org.recursivemas.engine.RunControl;
import org.recursivemas.tools.ToolException;
import org.recursivemas.tools.WikiSearch;
import org.teavm.jso.JSBody;
import org.teavm.jso.JSObject;
import org.teavm.jso.JSProperty;
import org.teavm.jso.core.JSArrayReader;
import org.teavm.jso.core.JSPromise;

/**
 * Asks wikis on the web. Only for a person who chose one: the page's policy lets nothing out to a server that the page's
 * address does not name.
 */
final class Wikis {
    private Wikis() {
    }

    /** A page as MediaWiki tells of it. */
    abstract static class Found implements JSObject {
        @JSProperty
        abstract String getTitle();

        /** Null when there is none. */
        @JSProperty
        abstract String getExtract();
    }

    /** As {@link WikiSearch.Wiki#ask}. */
    static List<WikiSearch.Page> ask(String url, RunControl control) {
        String server = url.substring(0, url.indexOf('?'));
        JSArrayReader<Found> found;
        Abort abort = Abort.create();
        Runnable forget = control.whenCancelled(abort::abort);
        try {
            found = Promises.await(fetch(url, server, abort));
        } catch (JavaScriptException e) {
            throw new ToolException(e.getMessage());
        } finally {
            forget.run();
        }
        List<WikiSearch.Page> pages = new ArrayList<>();
        for (int i = 0; i < found.getLength(); i++) {
            pages.add(new WikiSearch.Page(found.get(i).getTitle(), found.get(i).getExtract()));
        }
        return pages;
    }

    /** A controller of requests, as the DOM standard has it. */
    abstract static class Abort implements JSObject {
        @JSBody(script = "return new AbortController();")
        static native Abort create();

        abstract void abort();
    }

    // No cookies, no referrer; at most ten seconds.
    @JSBody(params = {"url", "server", "controller"}, script = ""
            + "function refuse(why) { throw new Error(server + ' ' + why); }\n"
            + "return fetch(url, {credentials: 'omit', referrerPolicy: 'no-referrer',\n"
            + "    signal: AbortSignal.any([AbortSignal.timeout(10000), controller.signal])}).then(function(answer) {\n"
            + "    if (!answer.ok) { return {failed: 'answered with HTTP status ' + answer.status}; }\n"
            + "    return answer.json().catch(function(error) {\n"
            + "        if (error.name === 'TimeoutError' || controller.signal.aborted) { throw error; }\n"
            + "        return {failed: 'did not answer as a wiki does'};\n"
            + "    });\n"
            + "}, function(error) {\n"
            + "    if (error.name === 'TimeoutError' || controller.signal.aborted) { throw error; }\n"
            + "    return {failed: 'could not be reached, or does not allow this page to ask it'};\n"
            + "}).catch(function() {\n"
            + "    if (controller.signal.aborted) { return {failed: 'was not waited for: the run was stopped'}; }\n"
            + "    return {failed: 'did not answer within 10 seconds'};\n"
            + "}).then(function(tree) {\n"
            + "    if (typeof tree !== 'object' || tree === null) { refuse('did not answer as a wiki does'); }\n"
            + "    if (tree.failed) { refuse(tree.failed); }\n"
            + "    if (tree.error) { refuse('refused: ' + (tree.error.info || tree.error.code)); }\n"
            + "    var pages = tree.query && tree.query.pages ? tree.query.pages : [];\n"
            + "    if (!Array.isArray(pages)) { refuse('did not answer as a wiki does'); }\n"
            + "    return pages.slice().sort(function(one, other) { return one.index - other.index; })\n"
            + "        .map(function(page) {\n"
            + "            return {title: String(page.title),\n"
            + "                extract: typeof page.extract === 'string' ? page.extract : null};\n"
            + "        });\n"
            + "});")
    private static native JSPromise<JSArrayReader<Found>> fetch(String url, String server, Abort controller);
}
