package org.recursivemas.app;

import org.recursivemas.data.CorpusFile;
import org.recursivemas.data.FormatException;
import org.recursivemas.data.LinkFile;
import org.recursivemas.data.RunReport;
import org.recursivemas.data.Team;
import org.recursivemas.json.FileChecks;
import org.recursivemas.json.JsonCodec;
import org.recursivemas.playground.Messages;
import org.teavm.flavour.json.JSON;
import org.teavm.flavour.json.tree.ArrayNode;
import org.teavm.flavour.json.tree.Node;
import org.teavm.flavour.json.tree.NumberNode;
import org.teavm.flavour.json.tree.ObjectNode;
import org.teavm.jso.JSBody;
import org.teavm.jso.JSObject;

/** The project's JSON files in a browser. */
public final class FlavourCodec implements JsonCodec {
    @Override
    public Team readTeam(String json, String file) {
        Node node = parse(json, file);
        FieldTypes.check(node, file, Team.FORMAT, FieldTypes.TEAM);
        return FileChecks.team(read(node, file, Team.class), file);
    }

    @Override
    public LinkFile readLinks(String json, String file) {
        Node node = parse(json, file);
        FieldTypes.check(node, file, LinkFile.FORMAT, FieldTypes.LINKS);
        LinkFile links = read(node, file, LinkFile.class);
        ArrayNode entries = (ArrayNode) ((ObjectNode) node).get("links");
        for (int i = 0; i < links.links.size(); i++) {
            if (links.links.get(i) != null) {
                ObjectNode tensors = (ObjectNode) ((ObjectNode) entries.get(i)).get("tensors");
                links.links.get(i).tensors.forEach((name, tensor) ->
                        tensor.shape = whole((ArrayNode) ((ObjectNode) tensors.get(name)).get("shape")));
            }
        }
        return FileChecks.links(links, file);
    }

    /** The numbers of a list. The parser's own reader for int[] makes a long[] of them. */
    private static int[] whole(ArrayNode list) {
        int[] values = new int[list.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = ((NumberNode) list.get(i)).getIntValue();
        }
        return values;
    }

    @Override
    public CorpusFile readCorpus(String json, String file) {
        Node node = parse(json, file);
        FieldTypes.check(node, file, CorpusFile.FORMAT, FieldTypes.CORPUS);
        return FileChecks.corpus(read(node, file, CorpusFile.class), file);
    }

    @Override
    public RunReport readReport(String json, String file) {
        Node node = parse(json, file);
        FieldTypes.check(node, file, RunReport.FORMAT, FieldTypes.REPORT);
        return FileChecks.report(read(node, file, RunReport.class), file);
    }

    @Override
    public String write(RunReport report) {
        return indented(JSON.serialize(report));
    }

    /** What page and worker say to each other, see {@link Messages}. */
    String write(Messages.Message message) {
        return JSON.serialize(message).stringify();
    }

    /** @throws FormatException when it is no message that this script knows */
    Messages.Message readMessage(String json) {
        String file = "a message between page and worker";
        Messages.Message message = read(parse(json, file), file, Messages.Message.class);
        if (message == null) {
            throw new FormatException(file, "type",
                    "is missing in " + json.substring(0, Math.min(json.length(), 200)), "Reload the page");
        }
        return message;
    }

    /** What a program asks for. */
    static RunOptions readOptions(String json) {
        String file = "the request";
        Node node = parse(json, file);
        FieldTypes.check(node, file, null, FieldTypes.REQUEST);
        return read(node, file, RunOptions.class);
    }

    /** SHA-256 (hex) of the weights that a converted model was made from, by its manifest; null when that does not say. */
    @JSBody(params = "json", script = "try { var read = JSON.parse(json); var hash = read.source.sha256;"
            + " return typeof hash === 'string' ? hash : null; } catch (fault) { return null; }")
    static native String sourceDigest(String json);

    private static Node parse(String json, String file) {
        String fault = fault(json);
        if (fault != null) {
            throw new FormatException(file, "", fault,
                    "Check the address: a server may answer a missing file with a page");
        }
        return Node.parse(json);
    }

    private static <T> T read(Node node, String file, Class<T> type) {
        try {
            return JSON.deserialize(node, type);
        } catch (RuntimeException e) {
            throw new FormatException(file, "", "has a field of the wrong type (" + e.getMessage() + ")",
                    "Compare it with the description of the file format", e);
        }
    }

    /** Why {@code json} holds no JSON object, or null. */
    @JSBody(params = "json", script = "try { var read = JSON.parse(json);"
            + " return typeof read === 'object' && read !== null && !Array.isArray(read) ? null"
            + " : 'does not hold a JSON object'; }"
            + " catch (fault) { return 'is not JSON (' + fault.message + ')'; }")
    private static native String fault(String json);

    @JSBody(params = "node", script = "return JSON.stringify(node, null, 2);")
    private static native String indented(JSObject node);
}
