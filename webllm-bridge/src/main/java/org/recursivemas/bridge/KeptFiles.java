package org.recursivemas.bridge;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.recursivemas.bridge.js.JavaScriptException;
import org.recursivemas.bridge.js.Promises;
import org.recursivemas.engine.EngineException;
import org.recursivemas.models.ModelStore;
import org.recursivemas.models.Origins;
import org.teavm.jso.typedarrays.ArrayBuffer;

/**
 * Files of servers: asked for anew each time, and taken from what this browser has kept when their server is out of reach,
 * so that what has been loaded once runs without a network. A server that answers, also with a refusal, is believed.
 * Files of the page's own server are not kept: without it there is no page.
 */
public final class KeptFiles {
    private static final int OK = 200;

    private final Set<String> unreached = new LinkedHashSet<>();

    /**
     * A file. Waits.
     *
     * @param what what the file is, with its address, for messages
     * @param remedy what to do when its server does not have it
     * @throws EngineException when it cannot be had: {@code network} when its server is out of reach and the file was not
     *     kept
     */
    public ArrayBuffer get(String url, String what, String remedy) {
        try {
            Fetched answer = Promises.await(Fetched.fetch("GET", url));
            if (!Fetched.isGatewayFault(answer.getStatus())) {
                requireThere(answer, what, remedy);
                ArrayBuffer bytes = Promises.await(answer.arrayBuffer());
                if (!Fetched.isOwn(url)) {
                    // What the browser does not keep is asked for again next time; nothing else depends on it.
                    Promises.await(Fetched.keep(ModelStore.KEPT, url, bytes));
                }
                return bytes;
            }
            return kept(url, what, "HTTP status " + answer.getStatus(), null);
        } catch (JavaScriptException e) {
            return kept(url, what, e.getMessage(), e);
        }
    }

    private static void requireThere(Fetched answer, String what, String remedy) {
        if (answer.getStatus() != OK) {
            throw new EngineException(what + " is missing (HTTP status " + answer.getStatus() + "). " + remedy);
        }
    }

    private ArrayBuffer kept(String url, String what, String reason, JavaScriptException cause) {
        Fetched stored = Promises.await(Fetched.stored(ModelStore.KEPT, url));
        if (stored == null) {
            throw unreached(what, reason, cause);
        }
        unreached(url);
        return Promises.await(stored.arrayBuffer());
    }

    /** The failure of a file whose server is out of reach and that is not stored. */
    static EngineException unreached(String what, String reason, JavaScriptException cause) {
        return new EngineException(EngineException.NETWORK, what + " could not be reached (" + reason
                + "), and this browser has not stored it.",
                "Check the network, and that the server allows this page to read it (CORS).", cause);
    }

    /** Remembers that a stored file was used because its server was out of reach. */
    void unreached(String url) {
        unreached.add(Origins.host(url));
    }

    /**
     * For people: which servers were out of reach and what was used instead, since this was asked last; null when all of
     * them answered.
     */
    public String takeNote() {
        List<String> hosts = new ArrayList<>(unreached);
        unreached.clear();
        return hosts.isEmpty() ? null : "The server could not be reached (" + String.join(", ", hosts)
                + "): the stored files are used, as they were when it was last reached.";
    }
}
