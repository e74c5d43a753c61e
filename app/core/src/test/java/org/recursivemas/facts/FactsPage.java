package org.recursivemas.facts;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.teavm.jso.JSBody;
import org.teavm.jso.JSFunctor;
import org.teavm.jso.JSObject;

/**
 * The entry point that TeaVM compiles: {@code window.facts.names} and {@code window.facts.check(i)}, which returns ""
 * or why not.
 */
public final class FactsPage {
    private FactsPage() {
    }

    /** Checks one fact. */
    @JSFunctor
    interface Checker extends JSObject {
        String check(int index);
    }

    /** Computes one of {@link Samples}. */
    @JSFunctor
    interface Sampler extends JSObject {
        String sample(String name, int seed);
    }

    @JSBody(params = {"names", "check", "sample"},
            script = "window.facts = { names: names, check: check, sample: sample };")
    private static native void publish(String[] names, Checker check, Sampler sample);

    public static void main(String[] arguments) {
        Map<String, Fact> facts = Facts.all();
        List<String> names = new ArrayList<>(facts.keySet());
        publish(names.toArray(new String[0]), index -> {
            try {
                facts.get(names.get(index)).check();
                return "";
            } catch (Throwable t) {
                StringWriter trace = new StringWriter();
                t.printStackTrace(new PrintWriter(trace));
                return trace.toString();
            }
        }, Samples::of);
    }
}
