package org.recursivemas.bridge.kernels;

import static org.recursivemas.bridge.page.PageCases.check;
import static org.recursivemas.bridge.page.PageCases.thrown;

import java.util.List;
import org.recursivemas.bridge.WebGpu;
import org.recursivemas.bridge.js.JavaScriptException;
import org.recursivemas.bridge.js.Promises;
import org.recursivemas.bridge.page.PageCases;
import org.recursivemas.bridge.page.RandomLinks;
import org.recursivemas.bridge.webgpu.GPUBuffer;
import org.recursivemas.bridge.webgpu.GPUBufferDescriptor;
import org.recursivemas.bridge.webgpu.GPUBufferUsage;
import org.recursivemas.bridge.webgpu.GPUCommandEncoder;
import org.recursivemas.bridge.webgpu.GPUComputePassDescriptor;
import org.recursivemas.bridge.webgpu.GPUDevice;
import org.recursivemas.engine.EngineException;
import org.recursivemas.inside.Geometry;
import org.recursivemas.links.LinkFormula;
import org.recursivemas.links.LinkMath;
import org.recursivemas.links.LinkWeights;
import org.teavm.jso.browser.Performance;

/** What the kernels and the device do in a real WebGPU implementation. */
public final class KernelPage {
    private static final double LINK_TOLERANCE = 1e-5;
    private static WebGpu gpu;
    private static GPUDevice device;
    private static Kernels kernels;

    private KernelPage() {
    }

    public static void main(String[] args) {
        new PageCases()
                .add("deviceOpens", KernelPage::deviceOpens)
                .add("bufferKeepsWhatIsWritten", KernelPage::bufferKeepsWhatIsWritten)
                .add("errorsAreReportedOnce", KernelPage::errorsAreReportedOnce)
                .add("errorScopesCapture", KernelPage::errorScopesCapture)
                .add("brokenKernelIsRefused", KernelPage::brokenKernelIsRefused)
                .add("linksMatchJava", KernelPage::linksMatchJava)
                .add("formulasWithTanhMatchJava", KernelPage::formulasWithTanhMatchJava)
                .add("manyRowsMatchJava", KernelPage::manyRowsMatchJava)
                .add("halvesMatchJava", KernelPage::halvesMatchJava)
                .add("overflowInHalvesIsNotFinite", KernelPage::overflowInHalvesIsNotFinite)
                .add("probeSeesNormsAndBrokenRows", KernelPage::probeSeesNormsAndBrokenRows)
                .add("meanCosineMatchesJava", KernelPage::meanCosineMatchesJava)
                .add("cosineOfMeansMatchesJava", KernelPage::cosineOfMeansMatchesJava)
                .add("timerAddsUpPasses", KernelPage::timerAddsUpPasses)
                .add("linkSpeed", KernelPage::linkSpeed)
                .add("lostDeviceIsReported", KernelPage::lostDeviceIsReported)
                .install();
    }

    private static String deviceOpens() {
        check(WebGpu.unavailableReason() == null, "WebGPU is there");
        gpu = WebGpu.open();
        device = gpu.device();
        kernels = new Kernels(device);
        check(device.getLimits().getMaxStorageBuffersPerShaderStage() >= 10, "storage buffers");
        check(device.getLimits().getMaxComputeWorkgroupStorageSize() >= 32768, "workgroup storage");
        return gpu.description() + "; " + gpu.features();
    }

    private static void bufferKeepsWhatIsWritten() {
        GPUBuffer buffer = GpuRows.words(device, new int[] {1, -2, 3});
        check(buffer.getSize() == 12, "size is " + buffer.getSize());
        int[] back = GpuRows.readWords(device, buffer, 3);
        check(back[0] == 1 && back[1] == -2 && back[2] == 3, "values");
        Promises.await(device.getQueue().onSubmittedWorkDone());
        buffer.destroy();
    }

    private static void errorsAreReportedOnce() {
        gpu.check();
        device.createBuffer(GPUBufferDescriptor.create("impossible", 16,
                GPUBufferUsage.MAP_READ | GPUBufferUsage.STORAGE));
        EngineException e = thrown(EngineException.class, gpu::awaitQueue);
        check(e.getMessage().startsWith("The GPU reported an error"), e.getMessage());
        gpu.awaitQueue();
    }

    private static void errorScopesCapture() {
        device.pushErrorScope("validation");
        device.createBuffer(GPUBufferDescriptor.create("impossible", 16,
                GPUBufferUsage.MAP_READ | GPUBufferUsage.STORAGE));
        check(Promises.await(device.popErrorScope()) != null, "the scope saw the error");
        gpu.awaitQueue();
    }

    private static void brokenKernelIsRefused() {
        EngineException e = thrown(EngineException.class,
                () -> kernels.get("broken", "@compute @workgroup_size(1) fn broken() { let x: f32 = 1u; }"));
        check(e.getMessage().contains("\"broken\"") && e.getCause() instanceof JavaScriptException, e.getMessage());
        try {
            gpu.awaitQueue(); // the module's own error
        } catch (EngineException alsoReported) {
            check(alsoReported.getMessage().contains("reported an error"), alsoReported.getMessage());
        }
    }

    private static float[][] apply(LinkWeights weights, float[][] x) {
        LinkKernel link = new LinkKernel(kernels, weights, false, false, () -> { });
        GPUBuffer in = GpuRows.floats(device, x);
        GPUBuffer out = GpuRows.empty(device, x.length * weights.outWidth);
        GPUCommandEncoder encoder = device.createCommandEncoder();
        link.encode(encoder, GPUComputePassDescriptor.create("link"), in, out, x.length);
        device.getQueue().submit(encoder.finish());
        float[][] y = GpuRows.readRows(device, out, x.length, weights.outWidth);
        link.close();
        in.destroy();
        out.destroy();
        return y;
    }

    private static String linksMatchJava() {
        int[][] shapes = {{256, 256, 256}, {256, 384, 192}, {192, 512, 256}, {896, 896, 896}, {100, 72, 36},
            {36, 7, 101},
            {1, 1, 1}, {33, 65, 31}};
        double worst = 0;
        int links = 0;
        for (int[] s : shapes) {
            for (int form = 0; form < 8; form++) {
                boolean mlp = (form & 1) == 0;
                boolean projection = (form & 2) == 0;
                boolean norm = (form & 4) == 0;
                if (!projection && s[0] != s[2] || s[0] == 896 && form != 0 && form != 6) {
                    continue;
                }
                LinkWeights weights = RandomLinks.link(s[0], mlp ? s[1] : 0, s[2], projection, norm && s[2] > 1,
                        7 + form);
                for (int rows : s[0] == 896 ? new int[] {1, 5} : new int[] {1, 2, 5}) {
                    float[][] x = RandomLinks.rows(rows, s[0], 100 + rows);
                    double error = RandomLinks.worstError(LinkMath.apply(weights, x), apply(weights, x));
                    check(error <= LINK_TOLERANCE, weights.id + " form " + form + " rows " + rows + ": error " + error);
                    worst = Math.max(worst, error);
                    links++;
                }
            }
        }
        gpu.awaitQueue();
        return links + " cases, worst error " + worst;
    }

    private static String formulasWithTanhMatchJava() {
        double worst = 0;
        int cases = 0;
        for (LinkFormula formula : new LinkFormula[] {LinkFormula.GELU_TANH, LinkFormula.UNIT_GELU_TANH}) {
            for (int[] s : new int[][] {{896, 256, 896}, {64, 48, 64}, {33, 0, 33}, {36, 20, 101}, {40, 0, 24}}) {
                for (boolean projection : new boolean[] {true, false}) {
                    if (!projection && s[0] != s[2]) {
                        continue;
                    }
                    LinkWeights weights = RandomLinks.scaled(formula, s[0], s[1], s[2], projection, 11);
                    for (int rows : new int[] {1, 5}) {
                        float[][] x = RandomLinks.rows(rows, s[0], 200 + rows);
                        double error = RandomLinks.worstError(LinkMath.apply(weights, x), apply(weights, x));
                        check(error <= LINK_TOLERANCE, weights.id + " rows " + rows + ": error " + error);
                        worst = Math.max(worst, error);
                        cases++;
                    }
                }
            }
        }
        return cases + " cases, worst error " + worst;
    }

    private static String manyRowsMatchJava() {
        double worst = 0;
        LinkWeights weights = RandomLinks.link(192, 512, 256, true, true, 5);
        for (int rows : new int[] {3, 4, 16, 63, 64}) {
            float[][] x = RandomLinks.rows(rows, 192, rows);
            double error = RandomLinks.worstError(LinkMath.apply(weights, x), apply(weights, x));
            check(error <= LINK_TOLERANCE, rows + " rows: error " + error);
            worst = Math.max(worst, error);
        }
        return "worst error " + worst;
    }

    /** Halves in and out, of odd widths, against the float link on the same rounded input. */
    private static String halvesMatchJava() {
        double worst = 0;
        for (int[] s : new int[][] {{64, 96, 48, 3}, {33, 20, 31, 3}, {31, 0, 33, 1}, {256, 256, 256, 1}}) {
            LinkWeights weights = RandomLinks.link(s[0], s[1], s[2], true, s[1] > 0, 3);
            int rows = s[3];
            float[][] x = RandomLinks.rows(rows, s[0], 9);
            for (float[] row : x) {
                for (int i = 0; i < row.length; i++) {
                    row[i] = Halves.toFloat(Halves.fromFloat(row[i]));
                }
            }
            float[][] y = applyHalf(weights, x);
            double error = RandomLinks.worstError(LinkMath.apply(weights, x), y);
            check(error <= 3e-3, weights.id + ": error " + error); // half a unit in the last place of values up to 4
            worst = Math.max(worst, error);
        }
        return "worst error " + worst;
    }

    private static float[][] applyHalf(LinkWeights weights, float[][] x) {
        int rows = x.length;
        LinkKernel link = new LinkKernel(kernels, weights, true, true, () -> { });
        int outWords = (rows * weights.outWidth + 1) / 2;
        GPUBuffer in = GpuRows.words(device, packed(x));
        GPUBuffer out = GpuRows.empty(device, outWords);
        GPUCommandEncoder encoder = device.createCommandEncoder();
        link.encode(encoder, GPUComputePassDescriptor.create("link"), in, out, rows);
        device.getQueue().submit(encoder.finish());
        int[] words = GpuRows.readWords(device, out, outWords);
        float[][] y = new float[rows][weights.outWidth];
        for (int i = 0; i < rows * weights.outWidth; i++) {
            y[i / weights.outWidth][i % weights.outWidth] = Halves.toFloat(words[i / 2] >>> (i % 2) * 16 & 0xffff);
        }
        link.close();
        in.destroy();
        out.destroy();
        return y;
    }

    private static int[] packed(float[][] x) {
        int width = x[0].length;
        int[] words = new int[(x.length * width + 1) / 2];
        for (int i = 0; i < x.length * width; i++) {
            words[i / 2] |= Halves.fromFloat(x[i / width][i % width]) << (i % 2) * 16;
        }
        return words;
    }

    private static void overflowInHalvesIsNotFinite() {
        LinkWeights identity = RandomLinks.link(4, 0, 4, false, false, 1);
        // The widest half, and its double, which no half holds: computed as a projection with the factor 2.
        LinkWeights twice = new LinkWeights("twice", 4, 0, 4, null, null, null, null, null, null,
                new float[] {2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2}, new float[4], null, null);
        float[][] x = {{65504, -65504, 1, 0}};
        float[][] same = applyHalf(identity, x);
        check(same[0][0] == 65504 && same[0][1] == -65504, "the largest halves pass: " + same[0][0] + " " + same[0][1]);
        float[][] broken = applyHalf(twice, x);
        check(Float.isNaN(broken[0][0]) && Float.isNaN(broken[0][1]) && broken[0][2] == 2, "overflow is NaN");
    }

    private static void probeSeesNormsAndBrokenRows() {
        ProbeKernel probe = new ProbeKernel(kernels);
        float[][] x = RandomLinks.rows(5, 97, 1);
        x[1][96] = Float.NaN;
        x[3][0] = Float.POSITIVE_INFINITY;
        GPUBuffer in = GpuRows.floats(device, x);
        int[] statistics = probe(probe, in, 97, false, 5);
        for (int row = 0; row < 5; row++) {
            boolean broken = row == 1 || row == 3;
            check((statistics[2 * row + 1] != 0) == broken, "row " + row + " flag " + statistics[2 * row + 1]);
            float norm = Float.intBitsToFloat(statistics[2 * row]);
            check(broken ? Float.isNaN(norm) : Math.abs(norm - norm(x[row])) <= 1e-5 * norm(x[row]), "row " + row
                    + " norm " + norm);
        }
        float[][] halves = {{3, 4, 0}, {Float.NEGATIVE_INFINITY, 1, 1}};
        statistics = probe(probe, GpuRows.words(device, packed(halves)), 3, true, 2);
        check(Float.intBitsToFloat(statistics[0]) == 5 && statistics[1] == 0 && statistics[3] == 1, "halves");
        gpu.awaitQueue();
    }

    private static void meanCosineMatchesJava() {
        for (int rows : new int[] {1, 5, 130}) {
            float[][] a = RandomLinks.rows(rows, 97, 1);
            float[][] b = RandomLinks.rows(rows, 97, 2);
            float[][] zeros = new float[rows][97];
            for (int row = 0; row < rows; row++) {   // alike in parts
                for (int i = 0; i < 60; i++) {
                    b[row][i] = a[row][i];
                }
            }
            double sum = 0;
            for (int row = 0; row < rows; row++) {
                double dot = 0;
                for (int i = 0; i < 97; i++) {
                    dot += (double) a[row][i] * b[row][i];
                }
                sum += dot / norm(a[row]) / norm(b[row]);
            }
            meanCosine(a, b, sum / rows, 1e-5);
            meanCosine(a, a, 1, 1e-5);
            meanCosine(a, zeros, 0, 0);
            meanCosine(zeros, zeros, 1, 0);
        }
        GPUBuffer mean = GpuRows.empty(device, 1);
        GPUCommandEncoder encoder = device.createCommandEncoder();
        new InsideKernels(kernels).meanCosine(encoder, GpuRows.words(device, packed(new float[][] {{3, 4, 0}, {1, 1, 1}})),
                GpuRows.words(device, packed(new float[][] {{0, 5, 0}, {-2, -2, -2}})), 2, 3, true, mean);
        device.getQueue().submit(encoder.finish());
        float halves = Float.intBitsToFloat(GpuRows.readWords(device, mean, 1)[0]);
        check(Math.abs(halves - (0.8 - 1) / 2) <= 1e-5, "halves " + halves);
        gpu.awaitQueue();
    }

    private static void cosineOfMeansMatchesJava() {
        float[][] a = RandomLinks.rows(5, 97, 1);
        float[][] b = RandomLinks.rows(130, 97, 2);
        float[][] half = RandomLinks.rows(3, 97, 3);
        float[][] zeros = new float[2][97];
        for (float[] row : b) {   // somewhat in the direction of the other's mean
            for (int i = 0; i < row.length; i++) {
                row[i] += a[i % 5][i];
            }
        }
        cosineOfMeans(List.<float[][]>of(a), b, Geometry.cosineOfMeans(a, b));
        cosineOfMeans(List.of(b, a), a, Geometry.cosineOfMeans(joined(b, a), a));   // a block in two parts
        cosineOfMeans(List.<float[][]>of(a), a, 1);
        cosineOfMeans(List.<float[][]>of(a), zeros, 0);
        RelevanceKernels relevance = new RelevanceKernels(kernels);
        GPUBuffer sums = GpuRows.empty(device, 97);
        GPUCommandEncoder encoder = device.createCommandEncoder();
        relevance.addRows(encoder, GpuRows.words(device, packed(half)), 3, 97, true, sums);   // an odd number of halves
        device.getQueue().submit(encoder.finish());
        int[] words = GpuRows.readWords(device, sums, 97);
        for (int i = 0; i < 97; i++) {
            float expected = half[0][i] + half[1][i] + half[2][i];
            check(Math.abs(Float.intBitsToFloat(words[i]) - expected) <= 5e-3, "sum of halves " + i);
        }
        gpu.awaitQueue();
    }

    private static float[][] joined(float[][] one, float[][] other) {
        float[][] rows = new float[one.length + other.length][];
        System.arraycopy(one, 0, rows, 0, one.length);
        System.arraycopy(other, 0, rows, one.length, other.length);
        return rows;
    }

    private static void cosineOfMeans(List<float[][]> parts, float[][] other, double expected) {
        RelevanceKernels relevance = new RelevanceKernels(kernels);
        int width = other[0].length;
        GPUBuffer one = GpuRows.empty(device, width);
        GPUBuffer two = GpuRows.empty(device, width);
        GPUBuffer cosine = GpuRows.empty(device, 1);
        GPUCommandEncoder encoder = device.createCommandEncoder();
        parts.forEach(part -> relevance.addRows(encoder, GpuRows.floats(device, part), part.length, width, false, one));
        relevance.addRows(encoder, GpuRows.floats(device, other), other.length, width, false, two);
        relevance.cosine(encoder, one, two, width, cosine);
        device.getQueue().submit(encoder.finish());
        float actual = Float.intBitsToFloat(GpuRows.readWords(device, cosine, 1)[0]);
        check(Math.abs(actual - expected) <= 1e-5, "cosine " + actual + " instead of " + expected);
    }

    private static void meanCosine(float[][] a, float[][] b, double expected, double tolerance) {
        GPUBuffer mean = GpuRows.empty(device, 1);
        GPUCommandEncoder encoder = device.createCommandEncoder();
        new InsideKernels(kernels).meanCosine(encoder, GpuRows.floats(device, a), GpuRows.floats(device, b), a.length,
                a[0].length, false, mean);
        device.getQueue().submit(encoder.finish());
        float actual = Float.intBitsToFloat(GpuRows.readWords(device, mean, 1)[0]);
        check(Math.abs(actual - expected) <= tolerance, a.length + " rows: " + actual + " instead of " + expected);
    }

    private static int[] probe(ProbeKernel probe, GPUBuffer in, int width, boolean half, int rows) {
        GPUBuffer out = GpuRows.empty(device, rows * 2);
        probe.prepare(width, half);
        GPUCommandEncoder encoder = device.createCommandEncoder();
        probe.encode(encoder, in, width, half, out, rows);
        device.getQueue().submit(encoder.finish());
        return GpuRows.readWords(device, out, rows * 2);
    }

    private static double norm(float[] row) {
        double squares = 0;
        for (float v : row) {
            squares += (double) v * v;
        }
        return Math.sqrt(squares);
    }

    private static String timerAddsUpPasses() {
        check(gpu.hasTimestamps(), "timestamps on this adapter");
        PassTimer timer = new PassTimer(device);
        check(timer.takeMillis() == 0, "nothing timed yet");
        LinkWeights weights = RandomLinks.link(64, 64, 64, true, true, 1);
        LinkKernel link = new LinkKernel(kernels, weights, false, false, () -> { });
        GPUBuffer in = GpuRows.floats(device, RandomLinks.rows(1, 64, 1));
        GPUBuffer out = GpuRows.empty(device, 64);
        double start = Performance.now();
        for (int i = 0; i < 600; i++) { // more passes than one query set holds
            GPUCommandEncoder encoder = device.createCommandEncoder();
            link.encode(encoder, timer.next("link"), in, out, 1);
            device.getQueue().submit(encoder.finish());
        }
        gpu.awaitQueue();
        double wall = Performance.now() - start;
        double millis = timer.takeMillis();
        check(millis > 0 && millis <= wall, "timed " + millis + " ms of " + wall);
        check(timer.takeMillis() == 0, "taken once");
        link.close();
        return millis / 600 + " ms a pass, wall " + wall / 600;
    }

    private static String linkSpeed() {
        StringBuilder text = new StringBuilder();
        for (int[] s : new int[][] {{256, 256, 256, 1}, {256, 256, 256, 16}, {256, 384, 192, 16}, {896, 896, 896, 1},
            {896, 1792, 896, 16}}) {
            LinkWeights weights = RandomLinks.link(s[0], s[1], s[2], s[0] != s[2], true, 1);
            LinkKernel link = new LinkKernel(kernels, weights, false, false, () -> { });
            GPUBuffer in = GpuRows.floats(device, RandomLinks.rows(s[3], s[0], 1));
            GPUBuffer out = GpuRows.empty(device, s[3] * s[2]);
            int repeats = s[0] > 256 ? 5 : 20;
            double best = Double.MAX_VALUE;
            for (int round = 0; round < 3; round++) {
                double start = Performance.now();
                GPUCommandEncoder encoder = device.createCommandEncoder();
                for (int i = 0; i < repeats; i++) {
                    link.encode(encoder, GPUComputePassDescriptor.create("link"), in, out, s[3]);
                }
                device.getQueue().submit(encoder.finish());
                gpu.awaitQueue();
                best = Math.min(best, (Performance.now() - start) / repeats);
            }
            check(best > 0, "measured");
            text.append(weights.id).append(" x ").append(s[3]).append(" rows: ")
                    .append(Math.round(best * 1000) / 1000.0);
            text.append(" ms; ");
            link.close();
        }
        return text.toString();
    }

    private static void lostDeviceIsReported() {
        check(gpu.lostReason() == null, "not lost yet");
        WebGpu other = WebGpu.open();
        other.device().destroy();
        Promises.await(other.device().getLost());
        EngineException e = thrown(EngineException.class, other::check);
        check(e.getMessage().contains("was lost") && e.getMessage().contains("Load the models again")
                && e.code().equals(EngineException.GPU_LOST), e.getMessage());
        gpu.awaitQueue(); // ours is not touched
        gpu.close();
        check(thrown(EngineException.class, gpu::check).getMessage().contains("closed"), "closed");
    }
}
