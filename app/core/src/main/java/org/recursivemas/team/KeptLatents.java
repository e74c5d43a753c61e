package org.recursivemas.team;

import java.util.ArrayList;
import java.util.List;
import org.recursivemas.data.InsideReport;
import org.recursivemas.engine.LanguageModel;
import org.recursivemas.engine.LatentDevice;
import org.recursivemas.engine.Latents;
import org.recursivemas.engine.RunControl;
import org.recursivemas.inside.Analysis;

/**
 * Latents that stay on the device until the answer is written, because a person wants to see them. At most, for each of
 * the (up to 5) rounds, every agent's hidden states, linked states and messages of (up to 80) steps: with three agents of
 * width 2048 in 32 bits 29 MB.
 */
final class KeptLatents implements AutoCloseable {
    private static final int BYTES = 4;

    private final List<Kept> kept = new ArrayList<>();

    private static final class Kept {
        final String agent;
        final int round;
        final String kind;
        final String reader;
        final Latents latents;

        Kept(String agent, int round, String kind, String reader, Latents latents) {
            this.agent = agent;
            this.round = round;
            this.kind = kind;
            this.reader = reader;
            this.latents = latents;
        }
    }

    /** Holds {@code latents} until {@link #close()}, which closes them. */
    void add(String agent, int round, String kind, String reader, Latents latents) {
        kept.add(new Kept(agent, round, kind, reader, latents));
    }

    /** Finds an agent's model. */
    interface Models {
        LanguageModel of(String agent);
    }

    /**
     * Reads all of them and describes them. Waits for the device.
     *
     * @throws Cancelled when {@code control} stops it
     */
    InsideReport analyse(LatentDevice device, Models models, RunControl control) {
        Analysis analysis = new Analysis();
        double bytes = 0;
        for (Kept block : kept) {
            if (control.cancelled()) {
                throw new Cancelled();
            }
            bytes += (double) BYTES * block.latents.rows() * block.latents.width();
            analysis.add(block.agent, block.round, block.kind, block.reader, device.read(block.latents),
                    models.of(block.reader));
        }
        return analysis.finish(bytes);
    }

    @Override
    public void close() {
        kept.forEach(block -> block.latents.close());
        kept.clear();
    }
}
