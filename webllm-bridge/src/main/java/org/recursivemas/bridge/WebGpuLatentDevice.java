package org.recursivemas.bridge;

import java.util.ArrayList;
import java.util.List;
import org.recursivemas.bridge.kernels.Halves;
import org.recursivemas.bridge.kernels.InsideKernels;
import org.recursivemas.bridge.kernels.Kernels;
import org.recursivemas.bridge.kernels.LinkKernel;
import org.recursivemas.bridge.kernels.PassTimer;
import org.recursivemas.bridge.kernels.ProbeKernel;
import org.recursivemas.bridge.kernels.Readback;
import org.recursivemas.bridge.webgpu.GPUBuffer;
import org.recursivemas.bridge.webgpu.GPUBufferUsage;
import org.recursivemas.bridge.webgpu.GPUCommandEncoder;
import org.recursivemas.bridge.webgpu.GPUComputePassDescriptor;
import org.recursivemas.data.LinkEntry;
import org.recursivemas.engine.EngineException;
import org.recursivemas.engine.HiddenStateProbe;
import org.recursivemas.engine.LanguageModel;
import org.recursivemas.engine.LatentDevice;
import org.recursivemas.engine.Latents;
import org.recursivemas.engine.Link;
import org.recursivemas.links.LinkWeights;
import org.teavm.jso.typedarrays.ArrayBuffer;
import org.teavm.jso.typedarrays.Float32Array;
import org.teavm.jso.typedarrays.Int32Array;
import org.teavm.jso.typedarrays.Uint16Array;

/** Links, probes and transfers of latents on the shared GPU device. For models of one {@link WebLlm}. */
public final class WebGpuLatentDevice implements LatentDevice {
    private final WebGpu gpu;
    private final Runnable flushAll;
    private final Kernels kernels;
    private final ProbeKernel probeKernel;
    private final InsideKernels insideKernels;
    private final PassTimer timer;
    private final List<GpuLink> links = new ArrayList<>();

    WebGpuLatentDevice(WebGpu gpu, Runnable flushAll) {
        this.gpu = gpu;
        this.flushAll = flushAll;
        kernels = new Kernels(gpu.device());
        probeKernel = new ProbeKernel(kernels);
        insideKernels = new InsideKernels(kernels);
        timer = gpu.hasTimestamps() ? new PassTimer(gpu.device()) : null;
    }

    @Override
    public GpuLink link(LinkEntry entry, LanguageModel source, LanguageModel target) {
        gpu.check();
        WebLlmModel from = model(source);
        WebLlmModel to = model(target);
        LinkWeights weights = LinkWeights.decode(entry);
        requireWidth(weights, "in_width", weights.inWidth, from);
        requireWidth(weights, "out_width", weights.outWidth, to);
        return keep(new GpuLink(weights, from, to));
    }

    @Override
    public GpuLink outgoing(LinkEntry entry, LanguageModel source) {
        gpu.check();
        WebLlmModel from = model(source);
        LinkWeights weights = LinkWeights.decode(entry);
        requireWidth(weights, "in_width", weights.inWidth, from);
        return keep(new GpuLink(weights, from, from));
    }

    private GpuLink keep(GpuLink link) {
        links.add(link);
        return link;
    }

    private static void requireWidth(LinkWeights link, String field, int width, WebLlmModel model) {
        if (width != model.hiddenSize()) {
            throw new EngineException("Link \"" + link.id + "\": " + field + " is " + width + ", but model \""
                    + model.id() + "\" has hidden states of width " + model.hiddenSize()
                    + ". Use the links that were trained for these models.");
        }
    }

    private static WebLlmModel model(LanguageModel model) {
        if (!(model instanceof WebLlmModel)) {
            throw new IllegalArgumentException("a model of another engine: " + model);
        }
        WebLlmModel own = (WebLlmModel) model;
        own.check();
        return own;
    }

    private static boolean half(WebLlmModel model) {
        return model.dtype().equals("float16");
    }

    @Override
    public HiddenStateProbe probe() {
        return new GpuProbe();
    }

    @Override
    public float[][] read(Latents latents) {
        TensorLatents own = TensorLatents.of(latents);
        float[][] rows = new float[own.rows()][own.width()];
        if (own.rows() == 0) {
            return rows;
        }
        boolean half = half(own.owner());
        int elements = own.rows() * own.width();
        int bytes = half ? (elements + 1) / 2 * 4 : elements * 4;
        own.owner().flush();
        ArrayBuffer data = Readback.read(gpu.device(), bytes,
                (encoder, destination) -> encoder.copyBufferToBuffer(own.buffer(), 0, destination, 0, bytes));
        gpu.check();
        if (half) {
            Uint16Array values = new Uint16Array(data);
            for (int i = 0; i < elements; i++) {
                rows[i / own.width()][i % own.width()] = Halves.toFloat(values.get(i));
            }
        } else {
            float[] values = new Float32Array(data).copyToJavaArray();
            for (int row = 0; row < rows.length; row++) {
                System.arraycopy(values, row * own.width(), rows[row], 0, own.width());
            }
        }
        return rows;
    }

    @Override
    public Latents write(float[][] values, LanguageModel reader) {
        WebLlmModel model = model(reader);
        int width = model.hiddenSize();
        for (int row = 0; row < values.length; row++) {
            if (values[row].length != width) {
                throw new EngineException("Row " + row + " has " + values[row].length + " values, but model \""
                        + model.id()
                        + "\" reads vectors of width " + width + ".");
            }
        }
        TensorLatents latents = model.allocate(values.length);
        if (values.length == 0) {
            return latents;
        }
        model.flush(); // the write takes effect at once, what is recorded comes before it
        int elements = values.length * width;
        if (half(model)) {
            Uint16Array halves = new Uint16Array((elements + 1) / 2 * 2);
            for (int i = 0; i < elements; i++) {
                halves.set(i, Halves.fromFloat(values[i / width][i % width]));
            }
            gpu.device().getQueue().writeBuffer(latents.buffer(), 0, halves);
        } else {
            float[] all = new float[elements];
            for (int row = 0; row < values.length; row++) {
                System.arraycopy(values[row], 0, all, row * width, width);
            }
            gpu.device().getQueue().writeBuffer(latents.buffer(), 0, Float32Array.copyFromJavaArray(all));
        }
        return latents;
    }

    /** As everywhere, but on the GPU and without reading. {@code sizes} must lie on the reader. */
    @Override
    public Latents withNormsOf(Latents sizes, float[][] directions, LanguageModel reader) {
        WebLlmModel model = model(reader);
        TensorLatents own = TensorLatents.of(sizes);
        if (own.owner() != model || own.rows() != directions.length) {
            throw new IllegalArgumentException("norms of [" + own.rows() + ", " + own.width() + "] on model \""
                    + own.owner().id() + "\" for " + directions.length + " rows on \"" + model.id() + "\"");
        }
        if (own.rows() == 0) {
            return model.allocate(0);
        }
        boolean half = half(model);
        probeKernel.prepare(own.width(), half);
        insideKernels.prepareScale(own.width(), half);
        GPUBuffer statistics = gpu.buffer("norms", own.rows() * (double) ProbeKernel.ROW_BYTES, GPUBufferUsage.STORAGE);
        try (TensorLatents units = TensorLatents.of(write(directions, reader))) {
            TensorLatents scaled = model.allocate(own.rows());
            probeKernel.encode(model.context().encoder(), own.buffer(), own.width(), half, statistics, own.rows());
            insideKernels.scale(model.context().encoder(), units.buffer(), statistics, scaled.buffer(), own.rows(),
                    own.width(), half);
            model.flush();
            return scaled;
        } finally {
            statistics.destroy();
        }
    }

    @Override
    public double meanCosine(Latents one, Latents other) {
        TensorLatents a = TensorLatents.of(one);
        TensorLatents b = TensorLatents.of(other);
        if (a.owner() != b.owner() || a.rows() != b.rows() || a.rows() == 0) {
            throw new IllegalArgumentException("two blocks of one model with as many rows, at least 1, not " + a.rows()
                    + " and " + b.rows());
        }
        boolean half = half(a.owner());
        GPUBuffer mean = gpu.buffer("mean cosine", Float.BYTES, GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC);
        try {
            insideKernels.meanCosine(a.owner().context().encoder(), a.buffer(), b.buffer(), a.rows(), a.width(), half, mean);
            a.owner().flush();
            ArrayBuffer data = Readback.read(gpu.device(), Float.BYTES,
                    (encoder, destination) -> encoder.copyBufferToBuffer(mean, 0, destination, 0, Float.BYTES));
            gpu.check();
            return new Float32Array(data).get(0);
        } finally {
            mean.destroy();
        }
    }

    @Override
    public void sync() {
        flushAll.run();
        gpu.awaitQueue();
    }

    @Override
    public double takeLinkMillis() {
        if (timer == null) {
            return -1;
        }
        flushAll.run();
        double millis = timer.takeMillis();
        gpu.check();
        return millis;
    }

    /** Frees every link made here. */
    public void close() {
        for (GpuLink link : new ArrayList<>(links)) {
            link.close();
        }
    }

    /**
     * A link between two models; when the reader runs somewhere else, both are the source, whose instance then holds an
     * output of the reader's width.
     */
    public final class GpuLink implements Link, AutoCloseable {
        private final LinkWeights weights;
        private final WebLlmModel target;
        private final LinkKernel kernel;
        private boolean closed;

        private GpuLink(LinkWeights weights, WebLlmModel source, WebLlmModel target) {
            this.weights = weights;
            this.target = target;
            kernel = new LinkKernel(kernels, weights, half(source), half(target), flushAll);
            probeKernel.prepare(source.hiddenSize(), half(source));
            probeKernel.prepare(outWidth(), half(target));
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

        /** Kernel launches of one {@link #apply}. */
        public int dispatches() {
            return kernel.dispatches();
        }

        @Override
        public Latents apply(Latents x) {
            if (closed) {
                throw new IllegalStateException("link \"" + id() + "\" has been closed");
            }
            TensorLatents input = TensorLatents.of(x);
            target.check();
            if (input.width() != inWidth()) {
                throw new EngineException("Link \"" + id() + "\" reads vectors of width " + inWidth() + ", not "
                        + input.width() + ".");
            }
            TensorLatents output = target.allocate(input.rows(), outWidth());
            if (input.rows() == 0) {
                return output;
            }
            // Recorded behind the work that makes the input. Between two instances both sides are submitted: the
            // target's before, as the output may reuse memory that its recorded work still reads; the source's after,
            // as the target's next work reads the output.
            WebLlmModel source = input.owner();
            if (source != target) {
                target.flush();
            }
            GPUComputePassDescriptor pass = timer == null ? GPUComputePassDescriptor.create(id()) : timer.next(id());
            kernel.reserve(input.rows());
            kernel.encode(source.context().encoder(), pass, input.buffer(), output.buffer(), input.rows());
            if (source != target) {
                source.flush();
            }
            return output;
        }

        /** Frees the weights. */
        @Override
        public void close() {
            if (!closed) {
                closed = true;
                kernel.close();
                links.remove(this);
            }
        }
    }

    /** Statistics that stay on the GPU until they are read. */
    private final class GpuProbe implements HiddenStateProbe {
        private final List<GPUBuffer> statistics = new ArrayList<>();
        private final List<Integer> rows = new ArrayList<>();
        private boolean closed;

        @Override
        public int record(Latents hidden) {
            if (closed) {
                throw new IllegalStateException("the probe has been closed");
            }
            TensorLatents own = TensorLatents.of(hidden);
            GPUBuffer buffer = gpu.buffer("statistics", own.rows() * (double) ProbeKernel.ROW_BYTES,
                    GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC);
            if (own.rows() > 0) {
                boolean half = half(own.owner());
                probeKernel.prepare(own.width(), half);
                probeKernel.encode(own.owner().context().encoder(), own.buffer(), own.width(), half, buffer,
                        own.rows());
            }
            statistics.add(buffer);
            rows.add(own.rows());
            return statistics.size() - 1;
        }

        @Override
        public RowStatistics[] read() {
            gpu.check();
            RowStatistics[] result = new RowStatistics[statistics.size()];
            int total = rows.stream().mapToInt(Integer::intValue).sum();
            if (total == 0) {
                for (int i = 0; i < result.length; i++) {
                    result[i] = new RowStatistics(new float[0], true);
                }
                return result;
            }
            flushAll.run();
            int[] words = new Int32Array(Readback.read(gpu.device(), total * ProbeKernel.ROW_BYTES, this::copyAll))
                    .copyToJavaArray();
            gpu.check();
            int at = 0;
            for (int i = 0; i < result.length; i++) {
                float[] norms = new float[rows.get(i)];
                boolean finite = true;
                for (int row = 0; row < norms.length; row++, at++) {
                    norms[row] = Float.intBitsToFloat(words[2 * at]);
                    finite &= words[2 * at + 1] == 0;
                }
                result[i] = new RowStatistics(norms, finite);
            }
            return result;
        }

        private void copyAll(GPUCommandEncoder encoder, GPUBuffer destination) {
            int at = 0;
            for (int i = 0; i < rows.size(); i++) {
                if (rows.get(i) > 0) {
                    encoder.copyBufferToBuffer(statistics.get(i), 0, destination, at * (double) ProbeKernel.ROW_BYTES,
                            rows.get(i) * (double) ProbeKernel.ROW_BYTES);
                    at += rows.get(i);
                }
            }
        }

        @Override
        public void close() {
            if (!closed) {
                closed = true;
                flushAll.run();
                statistics.forEach(GPUBuffer::destroy);
                statistics.clear();
                rows.clear();
            }
        }
    }
}
