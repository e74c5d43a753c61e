package org.recursivemas.facts;

import java.util.LinkedHashMap;
import java.util.Map;

/** All facts by name. A new fact is added here once and then checked on the JVM and in a browser. */
public final class Facts {
    private Facts() {
    }

    public static Map<String, Fact> all() {
        Map<String, Fact> facts = new LinkedHashMap<>();
        LatentFacts.addTo(facts);
        BaselineFacts.addTo(facts);
        FileFacts.addTo(facts);
        EngineFacts.addTo(facts);
        TogetherFacts.addTo(facts);
        MeasureFacts.addTo(facts);
        ModelFacts.addTo(facts);
        InsideFacts.addTo(facts);
        LearnFacts.addTo(facts);
        StopFacts.addTo(facts);
        RetrievalFacts.addTo(facts);
        ToolFacts.addTo(facts);
        return facts;
    }
}
