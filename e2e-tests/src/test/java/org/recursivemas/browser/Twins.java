package org.recursivemas.browser;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.recursivemas.compiler.ModelConfig;
import org.recursivemas.pipeline.checkpoint.Checkpoint;
import org.recursivemas.pipeline.twin.TwinState;
import org.recursivemas.pipeline.twin.TwinWeights;

/** The demo agents as a plain-Java forward pass, read from their source checkpoints. */
final class Twins {
    private final Map<String, TwinState> states = new HashMap<>();

    /** Changes the logits [vocabulary] of the next token, given the tokens decoded so far. */
    @FunctionalInterface
    interface LogitChange {
        LogitChange NONE = (logits, decoded) -> { };

        void apply(float[] logits, List<Integer> decoded);
    }

    /** An empty sequence of the agent. */
    TwinState fresh(String agent) {
        TwinState state = states.computeIfAbsent(agent, id -> {
            String demo = System.getProperty("recursivemas.demo");
            if (demo == null) {
                throw new IllegalStateException("the system property recursivemas.demo is not set; Maven sets it");
            }
            Path folder = Path.of(demo, "agents", id).normalize();
            try (Checkpoint checkpoint = Checkpoint.open(folder)) {
                return new TwinState(TwinWeights.read(ModelConfig.read(folder.resolve("config.json")), checkpoint));
            }
        });
        state.reset();
        return state;
    }

    /** Greedy continuation of {@code prompt}, the stop token left out. */
    int[] greedy(String agent, int[] prompt, int maxTokens, int[] stopIds, LogitChange change) {
        TwinState state = fresh(agent);
        float[][] hidden = state.hidden(prompt);
        float[] last = hidden[hidden.length - 1];
        List<Integer> decoded = new ArrayList<>();
        while (decoded.size() < maxTokens) {
            float[] logits = state.weights().logits(last);
            change.apply(logits, decoded);
            int next = largest(logits);
            for (int stop : stopIds) {
                if (next == stop) {
                    return toArray(decoded);
                }
            }
            decoded.add(next);
            last = state.hidden(new int[] {next})[0];
        }
        return toArray(decoded);
    }

    static int largest(float[] values) {
        int best = 0;
        for (int i = 1; i < values.length; i++) {
            if (values[i] > values[best]) {
                best = i;
            }
        }
        return best;
    }

    private static int[] toArray(List<Integer> list) {
        return list.stream().mapToInt(Integer::intValue).toArray();
    }

    /** Distance of {@code actual} from {@code expected}, as L2 norms: ‖a − e‖ / ‖e‖. NaN when a value is not finite. */
    static double relativeError(float[] actual, int offset, float[] expected) {
        double distance = 0;
        double length = 0;
        for (int i = 0; i < expected.length; i++) {
            double difference = (double) actual[offset + i] - expected[i];
            distance += difference * difference;
            length += (double) expected[i] * expected[i];
        }
        return Math.sqrt(distance / length);
    }
}
