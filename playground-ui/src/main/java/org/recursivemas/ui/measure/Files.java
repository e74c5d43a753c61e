package org.recursivemas.ui.measure;

import org.teavm.jso.JSBody;
import org.teavm.jso.JSFunctor;
import org.teavm.jso.JSObject;
import org.teavm.jso.dom.html.HTMLInputElement;

/** Files that a person saves or gives, and files of the site. */
public final class Files {
    private Files() {
    }

    @JSFunctor
    public interface Read extends JSObject {
        /** @param text null when it could not be read; then {@code fault} says why */
        void accept(String name, String text, String fault);
    }

    /** Has the browser save a text as a file. */
    @JSBody(params = {"name", "type", "text"}, script = """
            var url = URL.createObjectURL(new Blob([text], {type: type + ';charset=utf-8'}));
            var link = document.createElement('a');
            link.href = url; link.download = name; link.hidden = true;
            document.body.appendChild(link); link.click(); link.remove();
            // the browser reads the file after the click has returned
            setTimeout(function() { URL.revokeObjectURL(url); }, 10000);
            """)
    public static native void save(String name, String type, String text);

    /** Reads the file that was chosen in {@code input}, if any, as UTF-8, and lets the same one be chosen again. */
    @JSBody(params = {"input", "limit", "read"}, script = """
            var file = input.files && input.files[0];
            if (!file) { return; }
            if (file.size > limit) {
                read(file.name, null, 'it has ' + file.size + ' bytes; at most ' + limit + ' are read');
                return;
            }
            var reader = new FileReader();
            reader.onload = function() { read(file.name, reader.result, null); };
            reader.onerror = function() { read(file.name, null, reader.error ? reader.error.message : 'no reason given'); };
            reader.readAsText(file);
            input.value = '';
            """)
    public static native void read(HTMLInputElement input, int limit, Read read);

    /** Fetches a file of the site. */
    @JSBody(params = {"url", "read"}, script = """
            var request = new XMLHttpRequest();
            request.onload = function() {
                if (request.status === 200) { read(url, request.responseText, null); }
                else { read(url, null, 'HTTP status ' + request.status); }
            };
            request.onerror = function() { read(url, null, 'the network failed'); };
            request.open('GET', url);
            request.send();
            """)
    static native void fetch(String url, Read read);

    /** A part of a file name with nothing in it that a file name must not hold. */
    public static String plain(String text) {
        StringBuilder name = new StringBuilder();
        for (int i = 0; i < text.length() && name.length() < 60; i++) {
            char c = text.charAt(i);
            boolean letter = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_';
            name.append(letter ? c : '-');
        }
        return name.length() == 0 ? "run" : name.toString();
    }
}
