package org.recursivemas.bridge;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.recursivemas.bridge.js.JavaScriptException;
import org.recursivemas.bridge.js.Promises;
import org.recursivemas.bridge.webgpu.GPU;
import org.recursivemas.bridge.webgpu.GPUAdapter;
import org.recursivemas.bridge.webgpu.GPUAdapterInfo;
import org.recursivemas.bridge.webgpu.GPUBuffer;
import org.recursivemas.bridge.webgpu.GPUBufferDescriptor;
import org.recursivemas.bridge.webgpu.GPUDevice;
import org.recursivemas.bridge.webgpu.GPUDeviceDescriptor;
import org.recursivemas.bridge.webgpu.GPURequestAdapterOptions;
import org.recursivemas.bridge.webgpu.GPUSupportedLimits;
import org.recursivemas.engine.EngineException;
import org.recursivemas.engine.GpuRequirement;
import org.teavm.jso.JSBody;
import org.teavm.jso.JSClass;
import org.teavm.jso.JSObject;
import org.teavm.jso.typedarrays.ArrayBufferView;

/**
 * The one GPU device that all engines and links share, so that latents cross between models without leaving the GPU.
 *
 * <p>WebLLM asks the browser for a device of its own per engine and destroys it on unload. During a load it is handed a
 * <em>lease</em> instead: the shared device, except that destroying the lease destroys only the buffers made through
 * it.
 */
public final class WebGpu {
    private static final String[] OPTIONAL_FEATURES = {"shader-f16", "subgroups", "timestamp-query"};
    private static final double GIB = 1 << 30;
    private static final double MIB = 1 << 20;

    private final GPU gpu;
    private final GPUAdapter adapter;
    private final GPUDevice device;
    private final List<String> errors = new ArrayList<>();
    private Consumer<EngineException> lostListener;
    private String lost;
    private boolean closed;

    private WebGpu(GPU gpu, GPUAdapter adapter, GPUDevice device) {
        this.gpu = gpu;
        this.adapter = adapter;
        this.device = device;
        device.addUncapturedErrorListener(error -> errors.add(error.getMessage()));
        device.getLost().then(info -> {
            lost = info.getMessage().isEmpty() ? info.getReason() : info.getMessage();
            if (!closed && lostListener != null) {
                lostListener.accept(loss());
            }
            return null;
        });
    }

    /**
     * Why this browser cannot run models, with what to do about it, without asking for an adapter; null when it has
     * WebGPU (an adapter may still be missing, see {@link #open()}). Returns at once.
     */
    public static String unavailableReason() {
        return GpuRequirement.unmet(GPU.get() != null, secureContext());
    }

    /**
     * Asks for the device, with the features and limits that WebLLM uses and timestamps where there are any. Waits.
     *
     * @throws EngineException when there is no WebGPU, no adapter, or one too small
     */
    public static WebGpu open() {
        String reason = unavailableReason();
        if (reason != null) {
            throw new EngineException(EngineException.GPU_MISSING, "The models cannot run here.", reason, null);
        }
        GPU gpu = GPU.get();
        GPUAdapter adapter = Promises.await(gpu.requestAdapter(GPURequestAdapterOptions.create("high-performance")));
        if (adapter == null) {
            throw new EngineException(EngineException.GPU_MISSING,
                    "This browser has WebGPU but found no graphics adapter for it.", "Switch hardware acceleration on"
                    + " in the browser's settings, or update the graphics driver.", null);
        }
        GPUDeviceDescriptor descriptor = GPUDeviceDescriptor.create("recursivemas");
        for (String feature : OPTIONAL_FEATURES) {
            if (adapter.getFeatures().has(feature)) {
                descriptor.require(feature);
            }
        }
        requireLimits(adapter.getLimits(), descriptor);
        try {
            return new WebGpu(gpu, adapter, Promises.await(adapter.requestDevice(descriptor)));
        } catch (JavaScriptException e) {
            throw new EngineException(EngineException.GPU_MISSING,
                    "The graphics adapter gave no device: " + e.getMessage() + ".",
                    "Reload the page, or restart the browser.", e);
        }
    }

    /** The limits that WebLLM 0.2.86 asks for, with its fallbacks. */
    private static void requireLimits(GPUSupportedLimits limits, GPUDeviceDescriptor descriptor) {
        descriptor.require("maxBufferSize", atLeast("maxBufferSize", limits.getMaxBufferSize(), GIB, 256 * MIB));
        descriptor.require("maxStorageBufferBindingSize", atLeast("maxStorageBufferBindingSize",
                limits.getMaxStorageBufferBindingSize(), GIB, 128 * MIB));
        descriptor.require("maxComputeWorkgroupStorageSize", atLeast("maxComputeWorkgroupStorageSize",
                limits.getMaxComputeWorkgroupStorageSize(), 32 << 10));
        descriptor.require("maxStorageBuffersPerShaderStage", atLeast("maxStorageBuffersPerShaderStage",
                limits.getMaxStorageBuffersPerShaderStage(), 10));
        descriptor.require("maxComputeInvocationsPerWorkgroup", atLeast("maxComputeInvocationsPerWorkgroup",
                limits.getMaxComputeInvocationsPerWorkgroup(), 1024, 512, 256));
    }

    /** The first of {@code wanted} that the adapter offers. */
    private static double atLeast(String limit, double offered, double... wanted) {
        for (double value : wanted) {
            if (value <= offered) {
                return value;
            }
        }
        throw new EngineException(EngineException.GPU_MISSING, "The graphics adapter is too small for WebLLM: " + limit
                + " is " + (long) offered + ", at least " + (long) wanted[wanted.length - 1] + " is needed.",
                "Use another adapter or computer.", null);
    }

    /** The device itself. */
    public GPUDevice device() {
        return device;
    }

    /** True when passes can be timed on the device. */
    public boolean hasTimestamps() {
        return device.getFeatures().has("timestamp-query");
    }

    /** The adapter as it describes itself, for reports. */
    public String description() {
        GPUAdapterInfo info = adapter.getInfo();
        StringBuilder text = new StringBuilder();
        for (String part : new String[] {info.getVendor(), info.getArchitecture(), info.getDescription()}) {
            if (part != null && !part.isEmpty()) {
                text.append(text.length() == 0 ? "" : " ").append(part);
            }
        }
        return text.length() == 0 ? "unnamed adapter" : text.toString();
    }

    /** The enabled optional features, separated by spaces, for reports. */
    public String features() {
        StringBuilder text = new StringBuilder();
        for (String feature : OPTIONAL_FEATURES) {
            if (device.getFeatures().has(feature)) {
                text.append(text.length() == 0 ? "" : " ").append(feature);
            }
        }
        return text.toString();
    }

    /** A new buffer of at least {@code bytes}, rounded up to a multiple of 4 and at least 4. */
    public GPUBuffer buffer(String label, double bytes, int usage) {
        return device.createBuffer(GPUBufferDescriptor.create(label, Math.max(4, Math.ceil(bytes / 4) * 4), usage));
    }

    /** A new buffer that holds {@code data}, whose length in bytes is a multiple of 4. */
    public GPUBuffer buffer(String label, ArrayBufferView data, int usage) {
        GPUBuffer buffer = buffer(label, data.getByteLength(), usage);
        device.getQueue().writeBuffer(buffer, 0, data);
        return buffer;
    }

    /** Waits until all submitted work is done, without mapping anything. */
    public void awaitQueue() {
        check();
        Promises.await(device.getQueue().onSubmittedWorkDone());
        check();
    }

    /**
     * Fails when the device was lost, or when it reported an error since the last check.
     *
     * @throws EngineException naming the reason and the remedy
     */
    public void check() {
        if (closed) {
            throw new EngineException("The GPU device has been closed. Load the models again.");
        }
        if (lost != null) {
            throw loss();
        }
        if (!errors.isEmpty()) {
            String first = errors.get(0);
            int further = errors.size() - 1;
            errors.clear();
            throw new EngineException("The GPU reported an error: " + first
                    + (further > 0 ? " (and " + further + " more)" : ""));
        }
    }

    /** The loss of the device as a failure, or null while it is there. */
    public EngineException loss() {
        return lost == null ? null : new EngineException(EngineException.GPU_LOST, "The GPU device was lost (" + lost + ").",
                "Load the models again; when it happens again, use smaller models or close other programs that use"
                + " the GPU.", null);
    }

    /** Has {@code listener} told when the device is lost other than by {@link #close()}; called from a callback. */
    public void setLostListener(Consumer<EngineException> newListener) {
        lostListener = newListener;
    }

    /** Why the device was lost, or null. */
    public String lostReason() {
        return lost;
    }

    /** Destroys the device and everything on it. */
    public void close() {
        if (!closed) {
            closed = true;
            device.destroy();
        }
    }

    /** A lease for one engine. */
    Lease lease() {
        return Lease.create(device);
    }

    /** Makes {@code requestAdapter} hand out {@code lease} until {@link #restoreAdapter()}. */
    void divertAdapter(Lease lease) {
        divert(gpu, adapter, lease);
    }

    void restoreAdapter() {
        restore(gpu);
    }

    @JSBody(script = "return globalThis.isSecureContext === true;")
    private static native boolean secureContext();

    @JSBody(params = {"gpu", "adapter", "lease"}, script = "var stand_in = {features: adapter.features,"
            + " limits: adapter.limits, info: adapter.info,"
            + " requestDevice: function() { return Promise.resolve(lease); }};"
            + " gpu.requestAdapter = function() { return Promise.resolve(stand_in); };")
    private static native void divert(GPU gpu, GPUAdapter adapter, Lease lease);

    @JSBody(params = "gpu", script = "delete gpu.requestAdapter;")
    private static native void restore(GPU gpu);

    /** The shared device as one engine sees it. */
    @JSClass(transparent = true)
    abstract static class Lease implements JSObject {
        /**
         * Forwards everything that WebLLM calls on its device. Errors that no scope captured are not forwarded: the
         * owner of the device reports them once.
         */
        @JSBody(params = "device", script = ""
                + "var buffers = new Set(), ended = false, end;\n"
                + "var over = new Promise(function(resolve) { end = resolve; });\n"
                + "var real = device.queue;\n" // once over, recorded work would touch destroyed buffers: it is dropped
                + "var queue = {submit: function(commands) { if (!ended) { real.submit(commands); } },\n"
                + "    writeBuffer: function() { if (!ended) { real.writeBuffer.apply(real, arguments); } },\n"
                + "    onSubmittedWorkDone: function() { return real.onSubmittedWorkDone(); }};\n"
                + "var lease = {queue: queue, features: device.features, limits: device.limits,\n"
                + "    lost: Promise.race([device.lost, over]), addEventListener: function() {}};\n"
                + "['createBindGroup', 'createBindGroupLayout', 'createPipelineLayout', 'createShaderModule',\n"
                + " 'createComputePipeline', 'createComputePipelineAsync', 'createCommandEncoder', 'pushErrorScope'\n"
                + "].forEach(function(name) { lease[name] = device[name].bind(device); });\n"
                // WebLLM makes its buffers in error scopes, and destroys its device when one catches something.
                + "var refused = null;\n"
                + "lease.popErrorScope = function() {\n"
                + "    return device.popErrorScope().then(function(error) {\n"
                + "        if (error && refused === null) { refused = error.message; }\n"
                + "        return error;\n"
                + "    });\n"
                + "};\n"
                + "lease.refusal = function() { return refused; };\n"
                + "lease.createBuffer = function(descriptor) {\n"
                + "    var buffer = device.createBuffer(descriptor), destroy = buffer.destroy.bind(buffer);\n"
                + "    buffers.add(buffer);\n"
                + "    buffer.destroy = function() { buffers.delete(buffer); destroy(); };\n"
                + "    return buffer;\n"
                + "};\n"
                + "lease.release = function() {\n"
                + "    ended = true;\n"
                + "    buffers.forEach(function(buffer) { buffer.destroy(); });\n"
                + "};\n"
                + "lease.destroy = function() {\n"
                + "    lease.release();\n"
                + "    end({reason: 'destroyed', message: 'an engine gave up its share of the device'});\n"
                + "};\n"
                + "lease.hasEnded = function() { return ended; };\n"
                + "lease.bufferCount = function() { return buffers.size; };\n"
                + "return lease;")
        static native Lease create(GPUDevice device);

        /** Destroys the buffers made through this lease that are left, without WebLLM taking that for a lost device. */
        abstract void release();

        /** What WebLLM calls: {@link #release()}, and the lease counts as lost. */
        abstract void destroy();

        /** True after {@link #release()} and after WebLLM destroyed its device, as it does when memory runs out. */
        abstract boolean hasEnded();

        /** What the GPU said when it refused a buffer, or null. */
        abstract String refusal();

        /** Buffers that are left. */
        abstract int bufferCount();
    }
}
