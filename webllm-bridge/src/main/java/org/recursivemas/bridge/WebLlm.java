package org.recursivemas.bridge;

import java.util.ArrayList;
import java.util.List;
import org.recursivemas.bridge.js.JavaScriptException;
import org.recursivemas.bridge.js.Promises;
import org.recursivemas.bridge.tvm.Instance;
import org.recursivemas.bridge.webllm.LLMChatPipeline;
import org.recursivemas.bridge.webllm.MLCEngine;
import org.recursivemas.bridge.webllm.MLCEngineConfig;
import org.recursivemas.bridge.webllm.WebLlmModule;
import org.recursivemas.engine.EngineException;
import org.recursivemas.engine.RunControl;
import org.teavm.jso.core.JSPromise;
import org.teavm.jso.core.JSUndefined;

/**
 * WebLLM with one GPU device for all its models:
 * <pre>
 * WebLlm webLlm = WebLlm.open(WebLlmLoader.script("web-llm.js"));
 * WebLlmModel planner = webLlm.load(new ModelSource("planner", folder, library, 256), progress, RunControl.NEVER);
 * LatentDevice device = webLlm.device();
 * </pre>
 * Every method that waits suspends the calling TeaVM thread.
 */
public final class WebLlm implements AutoCloseable {
    private final WebGpu gpu;
    private final WebLlmModule module;
    private final WebGpuLatentDevice device;
    private final List<WebLlmModel> models = new ArrayList<>();
    private final Object loading = new Object();

    private WebLlm(WebGpu gpu, WebLlmModule module) {
        this.gpu = gpu;
        this.module = module;
        device = new WebGpuLatentDevice(gpu, this::flushAll);
    }

    /**
     * Opens the GPU device, then loads the WebLLM package. Waits.
     *
     * @throws EngineException when the browser cannot run models, saying why and what to do
     */
    public static WebLlm open(WebLlmLoader loader) {
        WebGpu gpu = WebGpu.open();
        try {
            return new WebLlm(gpu, loader.load());
        } catch (RuntimeException e) {
            gpu.close();
            throw e;
        }
    }

    public WebGpu gpu() {
        return gpu;
    }

    /** Links, probes and transfers for the models loaded here. */
    public WebGpuLatentDevice device() {
        return device;
    }

    /** Models that are loaded now. */
    public List<WebLlmModel> models() {
        return new ArrayList<>(models);
    }

    /**
     * Downloads a model (or takes it from the browser's cache) and makes it ready. Loads run one after the other.
     * Waits.
     *
     * @throws LoadCancelledException when {@code control} says so; nothing is left on the GPU
     * @throws EngineException naming the file, the field and the remedy; nothing is left on the GPU
     */
    public WebLlmModel load(ModelSource source, LoadProgress progress, RunControl control) {
        return load(source, new KeptFiles(), false, progress, control);
    }

    /**
     * The same, also without a network when the files were stored earlier.
     *
     * @param kept where the library comes from
     * @param repairing whether stored weights that are damaged are fetched again; otherwise they are a failure
     */
    public WebLlmModel load(ModelSource source, KeptFiles kept, boolean repairing, LoadProgress progress,
            RunControl control) {
        synchronized (loading) {
            gpu.check();
            for (WebLlmModel model : models) {
                if (!model.isClosed() && model.id().equals(source.id())) {
                    throw new EngineException("A model with the id \"" + source.id() + "\" is already loaded. Unload it"
                            + " first, or give this one another id.");
                }
            }
            models.removeIf(WebLlmModel::isClosed);
            progress.onProgress(source.id(), 0, "Looking up " + source.folder());
            ModelFiles files = new ModelFiles(source, kept);
            if (control.cancelled()) {
                throw new LoadCancelledException(source.id());
            }
            if (repairing) {
                files.stored(progress, control).repair();
            } else {
                files.stored(progress, control).requireSound();
            }
            WebLlmModel model = load(source, files, new ProgressPhases(source.id(), progress), control);
            models.add(model);
            progress.onProgress(source.id(), 1, "Ready");
            return model;
        }
    }

    private WebLlmModel load(ModelSource source, ModelFiles files, ProgressPhases progress, RunControl control) {
        WebGpu.Lease lease = gpu.lease();
        String library = Fetched.blobUrl(files.libraryBytes());
        MLCEngine engine = module.newEngine(MLCEngineConfig.create(source.id(), source.webLlmUrl(), library,
                source.contextWindow(),
                report -> progress.report(report.getProgress(), report.getText())));
        WebLlmModel model = null;
        Runnable forget = () -> { };
        gpu.divertAdapter(lease);
        try {
            JSPromise<JSUndefined> reloading = engine.reload(source.id());
            forget = control.whenCancelled(engine::abortReload);   // after the call, which makes what is aborted
            Promises.await(reloading);
            LLMChatPipeline pipeline = engine.pipeline(source.id());
            if (pipeline == null || control.cancelled()) {
                throw new LoadCancelledException(source.id());
            }
            files.requireFit(metadata(pipeline));
            WebLlmModel loaded = new WebLlmModel(source, gpu, lease, engine, pipeline, files.specialIds(),
                    files.hashes());
            requireWidth(source, files, loaded);
            gpu.awaitQueue();
            if (lease.hasEnded()) {
                throw tooLarge(source, lease, null, null);
            }
            model = loaded;
            return model;
        } catch (JavaScriptException e) {
            if (control.cancelled()) {
                throw new LoadCancelledException(source.id());
            }
            if (lease.hasEnded()) {
                throw tooLarge(source, lease, e.getMessage(), e);
            }
            throw files.diagnose(e.getMessage());
        } catch (EngineException e) {
            // What follows from a refused buffer is met in many places; the refusal is the reason.
            throw lease.hasEnded() && lease.refusal() != null && gpu.loss() == null && !control.cancelled()
                    ? tooLarge(source, lease, e.getMessage(), e) : e;
        } finally {
            gpu.restoreAdapter();
            forget.run();
            Fetched.revoke(library);
            if (model == null) {
                discard(engine, lease);
            }
        }
    }

    private static EngineException tooLarge(ModelSource source, WebGpu.Lease lease, String otherwise, Exception cause) {
        String refusal = lease.refusal() == null ? otherwise : lease.refusal();
        String reason = refusal == null ? "it gave a buffer up" : refusal.strip();
        return new EngineException(EngineException.GPU_MEMORY, "Model \"" + source.id()
                + "\" does not fit into the GPU's memory: " + reason + (reason.endsWith(".") ? "" : "."),
                "Use smaller models, a stronger quantization or a shorter context window.", cause);
    }

    /** Frees what a failed load has left. */
    private static void discard(MLCEngine engine, WebGpu.Lease lease) {
        try {
            Promises.await(engine.unload());
        } catch (JavaScriptException e) {
            System.err.println("unloading after a failed load: " + e.getMessage());
        }
        lease.release();
    }

    private static Json metadata(LLMChatPipeline pipeline) {
        Instance tvm = pipeline.getTvm();
        tvm.beginScope();
        try {
            return Json.parse(pipeline.getVm().find("_metadata").text());
        } finally {
            tvm.endScope();
        }
    }

    private static void requireWidth(ModelSource source, ModelFiles files, WebLlmModel model) {
        int width = model.hiddenSize();
        if (files.hiddenSize() != 0 && files.hiddenSize() != width) {
            throw new EngineException("Model \"" + source.id() + "\": the library " + source.libraryUrl() + " computes"
                    + " hidden states of width " + width + ", but mlc-chat-config.json of " + source.folder() + " says "
                    + files.hiddenSize() + " (model_config.hidden_size). Compile the library from this model's"
                    + " config.json.");
        }
        if (source.hiddenSize() != 0 && source.hiddenSize() != width) {
            throw new EngineException("Model \"" + source.id() + "\" has hidden states of width " + width
                    + ", but the team"
                    + " says " + source.hiddenSize() + " (hidden_size). Correct the team file or the model's URL.");
        }
    }

    /** Submits what every model has recorded. */
    private void flushAll() {
        for (WebLlmModel model : models) {
            if (!model.isClosed()) {
                model.flush();
            }
        }
    }

    /**
     * Unloads all models and gives the device back. Waits.
     *
     * @throws EngineException when WebLLM failed to unload a model, the first one named, the others suppressed in it;
     *     all models, links and the device are closed all the same
     */
    @Override
    public void close() {
        EngineException failure = null;
        try {
            for (WebLlmModel model : models()) {
                try {
                    model.close();
                } catch (RuntimeException e) {
                    EngineException named = new EngineException("Model \"" + model.id() + "\" could not be unloaded: "
                            + e.getMessage() + ". Its GPU memory is free again; reload the page before loading it"
                            + " again.", e);
                    if (failure == null) {
                        failure = named;
                    } else {
                        failure.addSuppressed(named);
                    }
                }
            }
            models.clear();
            device.close();
        } finally {
            gpu.close();
        }
        if (failure != null) {
            throw failure;
        }
    }

    /** WebLLM reports each phase from 0 to 1; here they become one rising fraction. */
    private static final class ProgressPhases {
        private final String id;
        private final LoadProgress progress;
        private double highest;

        ProgressPhases(String id, LoadProgress progress) {
            this.id = id;
            this.progress = progress;
        }

        void report(double fraction, String text) {
            double whole = highest;
            if (text.startsWith("Fetching param cache")) {
                whole = 0.6 * fraction;
            } else if (text.startsWith("Loading model from cache")) {
                whole = 0.6 + 0.2 * fraction;
            } else if (text.startsWith("Loading GPU shader modules")) {
                whole = 0.8 + 0.19 * fraction;
            }
            highest = Math.max(highest, whole);
            progress.onProgress(id, highest, text);
        }
    }
}
