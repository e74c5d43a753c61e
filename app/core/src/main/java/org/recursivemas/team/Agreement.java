package org.recursivemas.team;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.recursivemas.engine.LanguageModel;
import org.recursivemas.engine.LatentDevice;
import org.recursivemas.engine.Latents;

/**
 * How alike the messages that reach the deciding agent are from one round to the next: the mean cosine, over all their
 * rows, with the message that came along the same edge in the round before.
 */
final class Agreement implements AutoCloseable {
    private final LatentDevice device;
    private final LanguageModel decider;
    /** Copies of the last round's messages [m, d of the decider]. */
    private Map<Edge, Latents> before = new LinkedHashMap<>();

    Agreement(LatentDevice device, LanguageModel decider) {
        this.device = device;
        this.decider = decider;
    }

    /**
     * Takes a round's messages in. Waits for the device, for one number, when there is something to compare with.
     *
     * @param messages by edge; not closed here, null where one is empty
     * @return -1 to 1; NaN when no edge has brought a message in the round before
     */
    double next(Map<Edge, Latents> messages) {
        Map<Edge, Latents> now = new LinkedHashMap<>();
        try {
            List<Latents> old = new ArrayList<>();
            List<Latents> fresh = new ArrayList<>();
            messages.forEach((edge, message) -> {
                if (message != null) {
                    now.put(edge, decider.stack(List.of(message)));
                    if (before.containsKey(edge)) {
                        old.add(before.get(edge));
                        fresh.add(now.get(edge));
                    }
                }
            });
            if (old.isEmpty()) {
                return Double.NaN;
            }
            try (Latents one = decider.stack(old); Latents other = decider.stack(fresh)) {   // [sum of m, d]
                return Math.max(-1, Math.min(1, device.meanCosine(one, other)));   // 32 bits may round it beyond
            }
        } finally {
            close();
            before = now;
        }
    }

    @Override
    public void close() {
        before.values().forEach(Latents::close);
        before = new LinkedHashMap<>();
    }
}
