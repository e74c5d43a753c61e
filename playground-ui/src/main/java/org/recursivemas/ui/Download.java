package org.recursivemas.ui;

import org.recursivemas.data.RunReport;
import org.teavm.flavour.json.JSON;
import org.teavm.jso.JSBody;

/** A run's report as a file of the person's. */
final class Download {
    private Download() {
    }

    static void report(RunReport report) {
        save(fileName(report), JSON.serialize(report).stringify());
    }

    /** {@code recursivemas-TEAM-seed-N.json}, with nothing in it that a file name must not hold. */
    static String fileName(RunReport report) {
        StringBuilder team = new StringBuilder();
        String id = report.team == null ? "" : report.team;
        for (int i = 0; i < id.length(); i++) {
            char c = id.charAt(i);
            boolean letter = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
            team.append(letter || c >= '0' && c <= '9' || c == '_' ? c : '-');
        }
        return "recursivemas-" + (team.length() == 0 ? "run" : team) + "-seed-" + report.seed + ".json";
    }

    @JSBody(params = {"name", "text"}, script = ""
            + "var url = URL.createObjectURL(new Blob([text], {type: 'application/json'}));"
            + "var link = document.createElement('a');"
            + "link.href = url; link.download = name; link.hidden = true;"
            + "document.body.appendChild(link); link.click(); link.remove();"
            // The browser reads the file after the click has returned.
            + "setTimeout(function() { URL.revokeObjectURL(url); }, 10000);")
    private static native void save(String name, String text);
}
