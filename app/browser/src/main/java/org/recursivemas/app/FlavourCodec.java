package org.recursivemas.app;

import org.recursivemas.data.FormatException;
import org.recursivemas.data.LinkFile;
import org.recursivemas.data.RunReport;
import org.recursivemas.data.Team;
import org.recursivemas.json.FileChecks;
import org.recursivemas.json.JsonCodec;
import org.teavm.flavour.json.JSON;
import org.teavm.flavour.json.tree.Node;
import org.teavm.jso.JSBody;
import org.teavm.jso.JSObject;

/** The project's JSON files in a browser. */
public final class FlavourCodec implements JsonCodec {
    @Override
    public Team readTeam(String json, String file) {
        return FileChecks.team(read(json, file, Team.class), file);
    }

    @Override
    public LinkFile readLinks(String json, String file) {
        return FileChecks.links(read(json, file, LinkFile.class), file);
    }

    @Override
    public RunReport readReport(String json, String file) {
        return FileChecks.report(read(json, file, RunReport.class), file);
    }

    @Override
    public String write(RunReport report) {
        return indented(JSON.serialize(report));
    }

    /** Any class of ours from JSON. */
    static <T> T read(String json, String file, Class<T> type) {
        String fault = fault(json);
        if (fault != null) {
            throw new FormatException(file, "", "is not JSON (" + fault + ")",
                    "Check the address: a server may answer a missing file with a page");
        }
        Node node = Node.parse(json);
        if (!node.isObject()) {
            throw new FormatException(file, "", "does not hold a JSON object", "Check the address");
        }
        try {
            return JSON.deserialize(node, type);
        } catch (RuntimeException e) {
            throw new FormatException(file, "", "has a field of the wrong type (" + e.getMessage() + ")",
                    "Compare it with the description of the file format", e);
        }
    }

    /** Why {@code json} cannot be parsed, or null. */
    @JSBody(params = "json", script = "try { JSON.parse(json); return null; } catch (e) { return String(e.message); }")
    private static native String fault(String json);

    @JSBody(params = "node", script = "return JSON.stringify(node, null, 2);")
    private static native String indented(JSObject node);
}
