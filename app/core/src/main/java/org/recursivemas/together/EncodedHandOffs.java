package org.recursivemas.together;

import org.recursivemas.data.LinkEntry;
import org.recursivemas.engine.HiddenStateProbe;
import org.recursivemas.engine.LanguageModel;
import org.recursivemas.engine.LatentDevice;
import org.recursivemas.engine.Latents;
import org.recursivemas.engine.Link;

/**
 * A device whose outer links hand over what arrives after the way to another browser: written in an encoding and read
 * again. For measuring what an encoding costs; every hand-off waits for the device.
 */
public final class EncodedHandOffs implements LatentDevice {
    private final LatentDevice device;
    private final LatentEncoding encoding;

    public EncodedHandOffs(LatentDevice device, LatentEncoding encoding) {
        this.device = device;
        this.encoding = encoding;
    }

    @Override
    public Link link(LinkEntry entry, LanguageModel source, LanguageModel target) {
        Link link = device.link(entry, source, target);
        return entry.kind.equals("outer") ? new EncodedLink(link, target) : link;
    }

    @Override
    public Link outgoing(LinkEntry entry, LanguageModel source) {
        return device.outgoing(entry, source);
    }

    @Override
    public HiddenStateProbe probe() {
        return device.probe();
    }

    @Override
    public float[][] read(Latents latents) {
        return device.read(latents);
    }

    @Override
    public Latents write(float[][] values, LanguageModel reader) {
        return device.write(values, reader);
    }

    @Override
    public double meanCosine(Latents one, Latents other) {
        return device.meanCosine(one, other);
    }

    @Override
    public void sync() {
        device.sync();
    }

    @Override
    public double takeLinkMillis() {
        return device.takeLinkMillis();
    }

    /** Encodes and decodes its output. */
    private final class EncodedLink implements Link {
        private final Link link;
        private final LanguageModel target;

        EncodedLink(Link link, LanguageModel target) {
            this.link = link;
            this.target = target;
        }

        @Override
        public String id() {
            return link.id();
        }

        @Override
        public int inWidth() {
            return link.inWidth();
        }

        @Override
        public int outWidth() {
            return link.outWidth();
        }

        @Override
        public Latents apply(Latents x) {
            try (Latents message = link.apply(x)) {   // [m, width of the reader]
                LatentBlock sent = LatentBlock.of(device.read(message), outWidth());
                byte[] bytes = encoding.encode(sent);
                return device.write(encoding.decode(bytes, sent.rows(), sent.width()).toRows(), target);
            }
        }
    }
}
