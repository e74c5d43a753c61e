package org.recursivemas.app;

import java.util.Base64;
import org.recursivemas.data.FormatException;
import org.recursivemas.data.LinkFile;
import org.recursivemas.engine.EngineException;
import org.recursivemas.links.LinkStore;
import org.recursivemas.links.LinkWeights;
import org.teavm.flavour.json.JSON;
import org.teavm.jso.JSBody;
import org.teavm.jso.JSFunctor;
import org.teavm.jso.JSObject;

/** {@code window.codec(kind, json)}: reads a file as the application does and returns it as JSON again, or why not. */
public final class CodecPage {
    private CodecPage() {
    }

    /** Reads and writes. */
    @JSFunctor
    interface Reader extends JSObject {
        String read(String kind, String json);
    }

    @JSBody(params = "reader", script = "window.codec = reader;")
    private static native void publish(Reader reader);

    public static void main(String[] arguments) {
        FlavourCodec codec = new FlavourCodec();
        publish((kind, json) -> {
            try {
                switch (kind) {
                    case "team":
                        return JSON.serialize(codec.readTeam(json, "the/file.json")).stringify();
                    case "links":
                        LinkFile links = codec.readLinks(json, "the/file.json");
                        // decoding compares every shape with the widths
                        links.links.replaceAll(e -> LinkWeights.decode(e).encode(e.kind, e.from, e.to));
                        return JSON.serialize(links).stringify();
                    case "beside":   // the link file, a line break, its weights file in base64
                        int end = json.lastIndexOf('\n');
                        LinkFile stored = codec.readLinks(json.substring(0, end), "the/file.json");
                        LinkStore.attach(stored, Base64.getDecoder().decode(json.substring(end + 1)), "the/weights");
                        stored.links.replaceAll(e -> LinkWeights.decode(e).encode(e.kind, e.from, e.to));
                        stored.weightsFile = null;
                        return JSON.serialize(stored).stringify();
                    case "report":
                        return codec.write(codec.readReport(json, "the/file.json"));
                    case "message":
                        return codec.write(codec.readMessage(json));
                    default:
                        return JSON.serialize(FlavourCodec.readOptions(json)).stringify();
                }
            } catch (FormatException | EngineException e) {
                return "refused: " + e.getMessage();
            }
        });
    }
}
