package org.recursivemas.pipeline.twin;

import java.util.ArrayList;
import java.util.List;
import org.recursivemas.data.LinkEntry;
import org.recursivemas.engine.EngineException;
import org.recursivemas.engine.HiddenStateProbe;
import org.recursivemas.engine.LanguageModel;
import org.recursivemas.engine.LatentDevice;
import org.recursivemas.engine.Latents;
import org.recursivemas.engine.Link;
import org.recursivemas.links.LinkMath;
import org.recursivemas.links.LinkWeights;

/** Links and probes on the Java heap. For one thread, like the models it works with. */
public final class TwinDevice implements LatentDevice {
    private long linkNanos;

    @Override
    public Link link(LinkEntry entry, LanguageModel source, LanguageModel target) {
        LinkWeights weights = LinkWeights.decode(entry);
        requireWidth(weights.id, "in_width", weights.inWidth, source);
        requireWidth(weights.id, "out_width", weights.outWidth, target);
        return new TwinLink(weights);
    }

    @Override
    public Link outgoing(LinkEntry entry, LanguageModel source) {
        LinkWeights weights = LinkWeights.decode(entry);
        requireWidth(weights.id, "in_width", weights.inWidth, source);
        return new TwinLink(weights);
    }

    private static void requireWidth(String link, String field, int width, LanguageModel model) {
        if (width != model.hiddenSize()) {
            throw new EngineException("link \"" + link + "\": field \"" + field + "\" is " + width + " but model "
                    + model.id() + " has hidden size " + model.hiddenSize() + "; use the links made for this team");
        }
    }

    @Override
    public HiddenStateProbe probe() {
        return new TwinProbe();
    }

    @Override
    public float[][] read(Latents latents) {
        float[][] rows = HeapLatents.rowsOf(latents);
        float[][] copy = new float[rows.length][];
        for (int i = 0; i < rows.length; i++) {
            copy[i] = rows[i].clone();
        }
        return copy;
    }

    @Override
    public Latents write(float[][] values, LanguageModel reader) {
        float[][] copy = new float[values.length][];
        for (int i = 0; i < values.length; i++) {
            if (values[i].length != reader.hiddenSize()) {
                throw new EngineException("row " + i + " has width " + values[i].length + " but model " + reader.id()
                        + " reads width " + reader.hiddenSize());
            }
            copy[i] = values[i].clone();
        }
        return new HeapLatents(copy, reader.hiddenSize());
    }

    @Override
    public void sync() {
        // Every call is done when it returns.
    }

    @Override
    public double takeLinkMillis() {
        double millis = linkNanos / 1e6;
        linkNanos = 0;
        return millis;
    }

    /** A link whose computation is {@link LinkMath}. */
    private final class TwinLink implements Link {
        private final LinkWeights weights;

        TwinLink(LinkWeights weights) {
            this.weights = weights;
        }

        @Override
        public String id() {
            return weights.id;
        }

        @Override
        public int inWidth() {
            return weights.inWidth;
        }

        @Override
        public int outWidth() {
            return weights.outWidth;
        }

        @Override
        public Latents apply(Latents x) {
            if (x.width() != weights.inWidth) {
                throw new EngineException("link \"" + weights.id + "\" reads width " + weights.inWidth + ", not "
                        + x.width());
            }
            long start = System.nanoTime();
            HeapLatents y = new HeapLatents(LinkMath.apply(weights, HeapLatents.rowsOf(x)), weights.outWidth);
            linkNanos += System.nanoTime() - start;
            return y;
        }
    }

    private static final class TwinProbe implements HiddenStateProbe {
        private final List<RowStatistics> recorded = new ArrayList<>();

        @Override
        public int record(Latents hidden) {
            float[][] rows = HeapLatents.rowsOf(hidden);
            float[] norms = new float[rows.length];
            boolean finite = true;
            for (int i = 0; i < rows.length; i++) {
                double squares = 0;
                for (float v : rows[i]) {
                    squares += (double) v * v;
                    finite &= Float.isFinite(v);
                }
                norms[i] = (float) Math.sqrt(squares);
            }
            recorded.add(new RowStatistics(norms, finite));
            return recorded.size() - 1;
        }

        @Override
        public RowStatistics[] read() {
            return recorded.toArray(new RowStatistics[0]);
        }

        @Override
        public void close() {
            recorded.clear();
        }
    }
}
