package org.recursivemas.toy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.recursivemas.data.LinkEntry;
import org.recursivemas.engine.HiddenStateProbe;
import org.recursivemas.engine.LanguageModel;
import org.recursivemas.engine.LatentDevice;
import org.recursivemas.engine.Latents;
import org.recursivemas.engine.Link;
import org.recursivemas.links.LinkMath;
import org.recursivemas.links.LinkWeights;

/** Links in plain Java, a probe, and a clock-like counter for their time: 0.5 ms per row. */
public final class ToyDevice implements LatentDevice {
    private final ToyLog log;
    private double linkMillis;
    private String broken;

    public ToyDevice(ToyLog log) {
        this.log = log;
    }

    /** From now on every message of the link of that id has a last row of NaN. */
    public void breakLink(String id) {
        broken = id;
    }

    @Override
    public Link link(LinkEntry entry, LanguageModel source, LanguageModel target) {
        LinkWeights weights = LinkWeights.decode(entry);
        return new Link() {
            @Override
            public String id() {
                return entry.id;
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
                log.calls.add("link " + entry.id + " " + x.rows());
                linkMillis += 0.5 * x.rows();
                float[][] y = LinkMath.apply(weights, ((ToyLatents) x).values());
                if (entry.id.equals(broken)) {
                    Arrays.fill(y[y.length - 1], Float.NaN);
                }
                return new ToyLatents(log, y, weights.outWidth);
            }
        };
    }

    @Override
    public Link outgoing(LinkEntry entry, LanguageModel source) {
        return link(entry, source, null);
    }

    @Override
    public HiddenStateProbe probe() {
        return new HiddenStateProbe() {
            private final List<RowStatistics> statistics = new ArrayList<>();

            @Override
            public int record(Latents hidden) {
                float[][] values = ((ToyLatents) hidden).values();
                log.recorded.add(values);
                float[] norms = new float[values.length];
                boolean finite = true;
                for (int r = 0; r < values.length; r++) {
                    double square = 0;
                    for (float value : values[r]) {
                        square += (double) value * value;
                    }
                    norms[r] = (float) Math.sqrt(square);
                    finite &= !Float.isNaN(norms[r]);
                }
                statistics.add(new RowStatistics(norms, finite));
                return statistics.size() - 1;
            }

            @Override
            public RowStatistics[] read() {
                log.calls.add("probe read");
                return statistics.toArray(new RowStatistics[0]);
            }

            @Override
            public void close() {
                log.calls.add("probe close");
            }
        };
    }

    @Override
    public float[][] read(Latents latents) {
        log.calls.add("read");
        return ((ToyLatents) latents).values();
    }

    @Override
    public double meanCosine(Latents one, Latents other) {
        log.calls.add("mean cosine");
        float[][] a = ((ToyLatents) one).values();
        float[][] b = ((ToyLatents) other).values();
        double sum = 0;
        for (int row = 0; row < a.length; row++) {
            double[] products = new double[3];
            for (int i = 0; i < a[row].length; i++) {
                products[0] += (double) a[row][i] * b[row][i];
                products[1] += (double) a[row][i] * a[row][i];
                products[2] += (double) b[row][i] * b[row][i];
            }
            sum += products[0] / Math.sqrt(products[1]) / Math.sqrt(products[2]);
        }
        return sum / a.length;
    }

    @Override
    public Latents write(float[][] values, LanguageModel reader) {
        return new ToyLatents(log, values, reader.hiddenSize());
    }

    @Override
    public void sync() {
        log.calls.add("sync");
    }

    @Override
    public double takeLinkMillis() {
        log.calls.add("link millis");
        double taken = linkMillis;
        linkMillis = 0;
        return taken;
    }
}
