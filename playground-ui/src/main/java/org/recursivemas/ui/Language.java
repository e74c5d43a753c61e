package org.recursivemas.ui;

import java.util.LinkedHashMap;
import java.util.Map;
import org.teavm.jso.JSBody;
import org.teavm.jso.ajax.XMLHttpRequest;
import org.teavm.jso.dom.html.HTMLDocument;
import org.teavm.jso.dom.html.HTMLElement;
import org.teavm.jso.dom.html.HTMLSelectElement;

/**
 * The language of the page: {@code ?lang=TAG} of its address, else what the person chose on it before, else the first of the
 * browser's languages that the site has, else English. Messages of the engine, of the browser and of teams stay as they are.
 */
public final class Language {
    private static final String ENGLISH = "en";
    /** Tags and own names of the languages, English first; each other one has a file {@code lang/TAG.json}. */
    static final Map<String, String> NAMES = names();
    private static String chosen = ENGLISH;

    private Language() {
    }

    private static Map<String, String> names() {
        Map<String, String> names = new LinkedHashMap<>();
        names.put(ENGLISH, "English");
        names.put("de", "Deutsch");
        return names;
    }

    /**
     * Fetches the texts of the language, then goes on; a page whose language cannot be had goes on in English, and the
     * browser's console says why.
     *
     * @param then builds the page, on a thread of its own
     */
    public static void choose(Runnable then) {
        String tag = choice(asked(), kept(), preferred());
        if (tag.equals(ENGLISH)) {
            then.run();
            return;
        }
        XMLHttpRequest request = new XMLHttpRequest();
        String file = "lang/" + tag + ".json";
        request.onComplete(() -> new Thread(() -> {
            String fault = request.getStatus() == 200 ? fault(request.getResponseText()) : "HTTP status " + request.getStatus();
            if (fault == null) {
                use(tag, pairs(request.getResponseText()));
            } else {
                warn("The texts " + file + " cannot be had (" + fault + "); the page speaks English.");
            }
            then.run();
        }).start());
        request.open("GET", file);
        request.send();
    }

    /** @param preferred the browser's languages, the dearest first, such as "de-AT" */
    static String choice(String asked, String kept, String[] preferred) {
        for (String tag : new String[] {asked, kept}) {
            if (tag != null && NAMES.containsKey(tag)) {
                return tag;
            }
        }
        for (String tag : preferred) {
            String language = tag.split("-")[0];
            if (NAMES.containsKey(language)) {
                return language;
            }
        }
        return ENGLISH;
    }

    private static void use(String tag, String[] pairs) {
        Map<String, String> table = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            table.put(pairs[i], pairs[i + 1]);
        }
        Words.use(table);
        Numbers.use(decimalMark(tag));
        chosen = tag;
        HTMLDocument.current().getDocumentElement().setAttribute("lang", tag);
    }

    /** The choice on the page. Another language is loaded with the page, so it reloads. */
    static HTMLElement picker() {
        HTMLSelectElement select = (HTMLSelectElement) Dom.withId(Dom.element("select", ""), "language");
        for (Map.Entry<String, String> language : NAMES.entrySet()) {
            HTMLElement option = Dom.text("option", "", language.getValue());
            option.setAttribute("value", language.getKey());
            option.setAttribute("lang", language.getKey());
            select.appendChild(option);
        }
        select.setValue(chosen);
        Dom.listen(select, "change", () -> reload(select.getValue()));
        return Dom.element("p", "language", Dom.label(Texts.LANGUAGE, "language"), select);
    }

    @JSBody(script = "return new URLSearchParams(location.search).get('lang');")
    private static native String asked();

    // A browser that keeps nothing for this page throws at the mention of its storage.
    @JSBody(script = "try { return localStorage.getItem('recursivemas.language'); } catch (error) { return null; }")
    private static native String kept();

    @JSBody(script = "return Array.from(navigator.languages || [navigator.language || 'en']);")
    private static native String[] preferred();

    @JSBody(params = "tag", script = "var address = new URL(location.href);"
            + " try { localStorage.setItem('recursivemas.language', tag); address.searchParams.delete('lang'); }"
            + " catch (error) { address.searchParams.set('lang', tag); }"
            + " if (address.href === location.href) { location.reload(); } else { location.replace(address.href); }")
    private static native void reload(String tag);

    @JSBody(params = "tag", script = "return (1.5).toLocaleString(tag).charAt(1);")
    private static native String decimalMark(String tag);

    @JSBody(params = "text", script = "try { JSON.parse(text); return null; } catch (error) { return error.message; }")
    private static native String fault(String text);

    @JSBody(params = "text", script = "var table = JSON.parse(text); var pairs = [];"
            + " Object.keys(table).forEach(function(key) { pairs.push(key, table[key]); }); return pairs;")
    private static native String[] pairs(String text);

    @JSBody(params = "text", script = "console.warn(text);")
    private static native void warn(String text);
}
