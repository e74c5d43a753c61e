package org.recursivemas.bridge;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.recursivemas.bridge.js.Promises;
import org.recursivemas.bridge.tvm.Instance;
import org.recursivemas.bridge.tvm.PackedFunc;
import org.recursivemas.bridge.tvm.TVMArray;
import org.recursivemas.bridge.tvm.TVMObject;
import org.recursivemas.bridge.tvm.Tensor;
import org.recursivemas.bridge.tvm.WebGPUContext;
import org.recursivemas.bridge.webgpu.GPUBuffer;
import org.recursivemas.bridge.webllm.LLMChatPipeline;
import org.recursivemas.bridge.webllm.MLCEngine;
import org.recursivemas.engine.DecodingOptions;
import org.recursivemas.engine.EngineException;
import org.recursivemas.engine.Generation;
import org.recursivemas.engine.LanguageModel;
import org.recursivemas.engine.Latents;
import org.recursivemas.engine.PromptPiece;
import org.recursivemas.engine.RunControl;
import org.recursivemas.engine.TokenListener;
import org.recursivemas.engine.VocabularyLens;
import org.teavm.jso.typedarrays.Int32Array;

/**
 * A model on WebLLM: its own engine and TVM instance on the shared GPU device. Prompts and hidden states stay on the
 * GPU; only sampling a token reads back.
 */
public final class WebLlmModel implements LanguageModel, VocabularyLens, AutoCloseable {
    /** Names of the function pair that returns hidden states: ours and a patched MLC-LLM's, then stock llama's. */
    private static final String[][] HIDDEN_FUNCTIONS = {
        {"get_last_hidden", "decode_last_hidden"},
        {"prefill_to_last_hidden_states", "decode_to_last_hidden_states"},
    };

    private final ModelSource source;
    private final WebGpu gpu;
    private final WebGpu.Lease lease;
    private final MLCEngine engine;
    private final LLMChatPipeline pipeline;
    private final Instance tvm;
    private final Set<Integer> specialIds;
    private final ModelFiles.Hashes hashes;
    private final int hiddenSize;
    private final String dtype;
    private TVMObject kvCache;
    private PackedFunc prefillHidden;
    private PackedFunc stepHidden;
    private String hiddenFunctionName;
    private TokenScores scores;
    private Relevance relevance;
    private boolean closed;
    private final TextDecoding decoding;

    WebLlmModel(ModelSource source, WebGpu gpu, WebGpu.Lease lease, MLCEngine engine, LLMChatPipeline pipeline,
            Set<Integer> specialIds, ModelFiles.Hashes hashes) {
        this.source = source;
        this.gpu = gpu;
        this.lease = lease;
        this.engine = engine;
        this.pipeline = pipeline;
        this.tvm = pipeline.getTvm();
        decoding = new TextDecoding(this, pipeline);
        this.specialIds = specialIds;
        this.hashes = hashes;
        tvm.beginScope();
        try {
            Tensor embedding = pipeline.getTokensEmbeddings(Int32Array.copyFromJavaArray(new int[] {0})); // [1, hidden]
            hiddenSize = embedding.dim(1);
            dtype = embedding.getDtype();
            kvCache = pipeline.kvCache();
            findHiddenFunctions();
        } finally {
            tvm.endScope();
        }
    }

    private void findHiddenFunctions() {
        for (String[] names : HIDDEN_FUNCTIONS) {
            PackedFunc prefill = pipeline.getVm().find(names[0]);
            PackedFunc step = pipeline.getVm().find(names[1]);
            if (prefill != null && step != null) {
                prefillHidden = tvm.detachFromCurrentScope(prefill);
                stepHidden = tvm.detachFromCurrentScope(step);
                hiddenFunctionName = names[0];
                return;
            }
        }
    }

    @Override
    public String id() {
        return source.id();
    }

    @Override
    public int hiddenSize() {
        return hiddenSize;
    }

    @Override
    public int contextWindow() {
        return sliding() ? pipeline.getSlidingWindowSize() : pipeline.getContextWindowSize();
    }

    boolean sliding() {
        return pipeline.getContextWindowSize() < 0;
    }

    /** {@code "float32"} or {@code "float16"}: the type of embeddings, hidden states and latents. */
    public String dtype() {
        return dtype;
    }

    /** Why this model cannot hand over hidden states (text works all the same), or null when it can. */
    public String latentUnavailableReason() {
        if (prefillHidden == null) {
            return "Model \"" + id() + "\": the library " + source.libraryUrl() + " has neither get_last_hidden /"
                    + " decode_last_hidden nor prefill_to_last_hidden_states / decode_to_last_hidden_states, so its"
                    + " hidden states cannot be read. Compile a library with this project's compile command.";
        }
        if (kvCache == null) {
            return "Model \"" + id() + "\" keeps a recurrent state besides the KV cache; hidden states of such"
                    + " models are not supported. Use a model of the Qwen2 or Llama family.";
        }
        return null;
    }

    /** Name of the library's function that returns hidden states, or null. */
    public String hiddenFunctionName() {
        return hiddenFunctionName;
    }

    /** SHA-256 (hex) of the library's bytes; null on a page without Web Crypto. */
    public String librarySha256() {
        return hashes.library;
    }

    /** SHA-256 (hex) of tensor-cache.json, which names every shard with its checksum; null without Web Crypto. */
    public String weightsSha256() {
        return hashes.weights;
    }

    /** Bytes of GPU memory held by this model's tensors. */
    public double gpuBytes() {
        return context().getCurrAllocatedBytes();
    }

    /** Kernels this model has launched so far. */
    public double kernelLaunches() {
        return context().getShaderSubmitCounter();
    }

    @Override
    public int[] tokenize(String text) {
        check();
        return text.isEmpty() ? new int[0] : pipeline.getTokenizer().encode(text).copyToJavaArray();
    }

    @Override
    public String detokenize(int[] ids) {
        check();
        int[] kept = Arrays.stream(ids).filter(id -> !specialIds.contains(id)).toArray();
        return kept.length == 0 ? "" : pipeline.getTokenizer().decode(Int32Array.copyFromJavaArray(kept));
    }

    @Override
    public void reset() {
        check();
        decoding.forget();
        pipeline.resetChat();
    }

    @Override
    public int position() {
        return pipeline.getFilledKVCacheLength();
    }

    @Override
    public Latents prefill(List<PromptPiece> pieces) {
        requireHidden();
        Prompt<TensorLatents> prompt = layOut(pieces);
        int chunk = pipeline.getPrefillChunkSize();
        TensorLatents last = null;
        for (int from = 0; from < prompt.positions(); from += chunk) {
            int to = Math.min(from + chunk, prompt.positions());
            boolean wanted = to == prompt.positions();
            last = forwardHidden(prompt.slice(from, to), to - from, wanted);
        }
        return last;
    }

    @Override
    public Latents step(Latents input) {
        requireHidden();
        TensorLatents latents = TensorLatents.of(input);
        if (latents.rows() != 1) {
            throw new EngineException("Model \"" + id() + "\" steps one position at a time, not " + latents.rows());
        }
        Prompt<TensorLatents> prompt = new Prompt<>();
        prompt.add(readable(latents), 1);
        requireRoom(1);
        return forwardHidden(prompt.slice(0, 1), 1, true);
    }

    @Override
    public double[] relevance(PromptPiece query, List<PromptPiece> candidates) {
        check();
        if (relevance == null) {
            relevance = new Relevance(gpu, this, pipeline.getPrefillChunkSize());
        }
        return relevance.of(query, candidates);
    }

    @Override
    public Latents stack(List<Latents> parts) {
        check();
        if (parts.isEmpty()) {
            throw new IllegalArgumentException("stack needs at least one part");
        }
        int rows = 0;
        List<TensorLatents> own = new ArrayList<>();
        for (Latents part : parts) {
            own.add(readable(TensorLatents.of(part)));
            rows += part.rows();
        }
        TensorLatents stacked = allocate(rows); // [sum of rows, hidden]
        int at = 0;
        for (TensorLatents part : own) {
            if (part.rows() > 0) {
                copyRows(part, 0, part.rows(), stacked.tensor(), at);
                at += part.rows();
            }
        }
        return stacked;
    }

    @Override
    public Generation generate(List<PromptPiece> pieces, DecodingOptions options, TokenListener listener,
            RunControl control) {
        check();
        requireState();
        Prompt<TensorLatents> prompt = layOut(pieces);
        PromptPiece last = pieces.get(pieces.size() - 1);
        return decoding.first(prompt, last.isText() ? tokenize(last.text()) : new int[0], options, listener, control);
    }

    @Override
    public Generation generateAgain(DecodingOptions options, TokenListener listener, RunControl control) {
        check();
        requireState();
        return decoding.again(options, listener, control);
    }

    /** Tokenizes each text on its own and checks widths and room. */
    private Prompt<TensorLatents> layOut(List<PromptPiece> pieces) {
        Prompt<TensorLatents> prompt = new Prompt<>();
        for (PromptPiece piece : pieces) {
            if (piece.isText()) {
                prompt.add(tokenize(piece.text()));
            } else {
                TensorLatents latents = readable(TensorLatents.of(piece.latents()));
                prompt.add(latents, latents.rows());
            }
        }
        if (prompt.positions() == 0) {
            throw new EngineException("Model \"" + id() + "\" was given an empty prompt. Write a prompt for this"
                    + " role.");
        }
        requireRoom(prompt.positions());
        return prompt;
    }

    private void requireRoom(int positions) {
        if (!sliding() && position() + positions > contextWindow()) {
            throw new EngineException("Model \"" + id() + "\" has room for " + contextWindow() + " positions: "
                    + position() + " are taken and " + positions + " more are needed. Shorten the prompt, or take fewer"
                    + " latent steps.");
        }
    }

    /** {@code latents} when this model can read them. */
    TensorLatents readable(TensorLatents latents) {
        if (latents.width() != hiddenSize) {
            throw new EngineException("Model \"" + id() + "\" reads vectors of width " + hiddenSize + ", not "
                    + latents.width() + ". Pass them through a link to this model first.");
        }
        if (!latents.owner().dtype.equals(dtype)) {
            throw new EngineException("Model \"" + id() + "\" reads " + dtype + " vectors, not those of model \""
                    + latents.owner().id() + "\" in " + latents.owner().dtype + ". Pass them through a link first.");
        }
        return latents;
    }

    private void requireHidden() {
        check();
        String reason = latentUnavailableReason();
        if (reason != null) {
            throw new EngineException(reason);
        }
    }

    private void requireState() {
        if (kvCache == null) {
            throw new EngineException(latentUnavailableReason());
        }
    }

    /**
     * One forward call of n positions for hidden states; the last row as latents, or null when not {@code wanted}.
     * Submits the work, so that the GPU computes while the next call is recorded.
     */
    private TensorLatents forwardHidden(List<Prompt.Part<TensorLatents>> parts, int n, boolean wanted) {
        tvm.beginScope();
        try {
            Tensor input = embeddings(parts, n).asSequence(n, hiddenSize); // [1, n, hidden]
            pipeline.beginForward(kvCache, n);
            TVMArray result = pipeline.forward(n > 1 ? prefillHidden : stepHidden, input, kvCache);
            pipeline.endForward(kvCache);
            pipeline.setFilledKVCacheLength(position() + n);
            if (!wanted) {
                return null;
            }
            Tensor hidden = (Tensor) result.get(0); // [1, n, hidden]
            if (hidden.getNdim() != 3 || hidden.dim(1) != n || hidden.dim(2) != hiddenSize
                    || !hidden.getDtype().equals(dtype)) {
                throw new EngineException("Model \"" + id() + "\": " + hiddenFunctionName + " of " + source.libraryUrl()
                        + " did not return [1, " + n + ", " + hiddenSize + "] " + dtype
                        + ". Compile the library again.");
            }
            if (n == 1 && hidden.getByteOffset() == 0) {
                return new TensorLatents(this, tvm.detachFromCurrentScope(hidden), 1, hiddenSize);
            }
            TensorLatents last = allocate(1);
            int bytes = rowBytes();
            context().deviceCopyWithinGPU(hidden.getDataPtr(), hidden.getByteOffset() + (n - 1) * bytes,
                    last.tensor().getDataPtr(), 0, bytes);
            return last;
        } catch (EngineException e) {
            throw e;
        } catch (RuntimeException e) {
            throw failed("computing hidden states", e);
        } finally {
            tvm.endScope();
            flush();
        }
    }

    /** One forward call of n positions for text: the logits of the last one, detached. */
    Tensor forwardLogits(List<Prompt.Part<TensorLatents>> parts, int n) {
        tvm.beginScope();
        try {
            Tensor input = embeddings(parts, n).asSequence(n, hiddenSize); // [1, n, hidden]
            pipeline.beginForward(kvCache, n);
            TVMArray result = n > 1 ? pipeline.invokePrefill(input, n) : pipeline.invokeDecode(input);
            pipeline.endForward(kvCache);
            pipeline.setFilledKVCacheLength(position() + n);
            return (Tensor) tvm.detachFromCurrentScope(result.get(0));
        } catch (EngineException e) {
            throw e;
        } catch (RuntimeException e) {
            throw failed("computing logits", e);
        } finally {
            tvm.endScope();
        }
    }

    /** The input embeddings of a chunk [n, hidden], tracked by the current scope. */
    private Tensor embeddings(List<Prompt.Part<TensorLatents>> parts, int n) {
        if (parts.size() == 1) {
            Prompt.Part<TensorLatents> only = parts.get(0);
            if (only.ids != null) {
                return pipeline.getTokensEmbeddings(Int32Array.copyFromJavaArray(only.ids));
            }
            if (only.latents.owner() == this && only.latents.rows() == n) {
                return only.latents.tensor();
            }
        }
        Tensor all = tvm.emptyOnGpu(n, hiddenSize, dtype);
        int at = 0;
        for (Prompt.Part<TensorLatents> part : parts) {
            if (part.ids != null) {
                Tensor tokens = pipeline.getTokensEmbeddings(Int32Array.copyFromJavaArray(part.ids));
                context().deviceCopyWithinGPU(tokens.getDataPtr(), tokens.getByteOffset(), all.getDataPtr(),
                        at * rowBytes(), part.length * rowBytes());
            } else {
                copyRows(part.latents, part.firstRow, part.length, all, at);
            }
            at += part.length;
        }
        return all;
    }

    /** Records a copy of rows behind the work that makes them. */
    private void copyRows(TensorLatents from, int firstRow, int rows, Tensor to, int toRow) {
        int bytes = rowBytes();
        if (from.owner() == this) {
            context().deviceCopyWithinGPU(from.tensor().getDataPtr(), firstRow * bytes, to.getDataPtr(), toRow * bytes,
                    rows * bytes);
            return;
        }
        from.owner().flush(); // the other instance's commands go first
        context().encoder().copyBufferToBuffer(from.buffer(), firstRow * bytes,
                context().gpuBufferFromPtr(to.getDataPtr()), toRow * bytes, rows * bytes);
        flush(); // so that the other instance may free its buffer
    }

    /** New latents [rows, hidden] on this model's instance, uninitialised. */
    TensorLatents allocate(int rows) {
        return allocate(rows, hiddenSize);
    }

    /** New latents [rows, width] on this model's instance, uninitialised. */
    TensorLatents allocate(int rows, int width) {
        if (rows == 0) {
            return new TensorLatents(this, null, 0, width);
        }
        tvm.beginScope();
        try {
            Tensor tensor = tvm.detachFromCurrentScope(tvm.emptyOnGpu(rows, width, dtype));
            return new TensorLatents(this, tensor, rows, width);
        } finally {
            tvm.endScope();
        }
    }

    @Override
    public Nearest[] nearest(float[][] vectors, int k, boolean cosine) {
        check();
        return scores().nearest(vectors, k, cosine);
    }

    @Override
    public double embeddingNorm() {
        check();
        return scores().embeddingNorm();
    }

    private TokenScores scores() {
        if (scores == null) {
            scores = new TokenScores(gpu, new TokenScores.Embeddings() {
                @Override
                public Tensor of(int first, int count) {
                    int[] ids = new int[count];
                    for (int i = 0; i < count; i++) {
                        ids[i] = first + i;
                    }
                    return tokenEmbeddings(ids);
                }

                @Override
                public GPUBuffer buffer(Tensor tensor) {
                    return context().gpuBufferFromPtr(tensor.getDataPtr());
                }
            }, pipeline.getFullVocabSize(), pipeline.getPrefillChunkSize(), hiddenSize, dtype.equals("float16"));
        }
        return scores;
    }

    /** Embeddings [n, hidden] of at most as many tokens as a prefill takes at once, detached and submitted. */
    Tensor tokenEmbeddings(int[] ids) {
        tvm.beginScope();
        try {
            Tensor made = pipeline.getTokensEmbeddings(Int32Array.copyFromJavaArray(ids)); // [n, hidden]
            Tensor own = tvm.detachFromCurrentScope(tvm.emptyOnGpu(ids.length, hiddenSize, dtype));
            context().deviceCopyWithinGPU(made.getDataPtr(), made.getByteOffset(), own.getDataPtr(), 0,
                    ids.length * rowBytes());
            return own;
        } finally {
            tvm.endScope();
            flush();
        }
    }

    private int rowBytes() {
        return hiddenSize * (dtype.equals("float16") ? 2 : 4);
    }

    /** Submits what this model has recorded. */
    void flush() {
        context().flushCommands();
    }

    WebGPUContext context() {
        return tvm.webGpuContext();
    }

    /** Fails when the model has been unloaded, or the device lost. */
    void check() {
        gpu.check();
        if (closed) {
            throw new EngineException("Model \"" + id() + "\" has been unloaded. Load it again.");
        }
        if (lease.hasEnded()) {
            throw new EngineException("Model \"" + id() + "\" ran out of GPU memory. Use smaller models or a shorter"
                    + " context window, then load the models again.");
        }
    }

    EngineException failed(String action, Throwable cause) {
        return new EngineException("Model \"" + id() + "\" failed at " + action + ": " + cause.getMessage()
                + ". Reset or reload the model.", cause);
    }

    boolean isClosed() {
        return closed;
    }

    /** This model's share of the device. */
    WebGpu.Lease lease() {
        return lease;
    }

    /** GPU buffers made for this model that still exist. */
    public int bufferCount() {
        return lease.bufferCount();
    }

    /** Unloads the model and frees its GPU memory; latents on it become unreadable. Waits. Closing twice is allowed. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            if (prefillHidden != null) {
                prefillHidden.dispose();
                stepHidden.dispose();
            }
            Promises.await(engine.unload());
        } finally {
            lease.release();
        }
    }
}
