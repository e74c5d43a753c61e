package org.recursivemas.bridge.webllm;

import org.recursivemas.bridge.tvm.Instance;
import org.recursivemas.bridge.tvm.PackedFunc;
import org.recursivemas.bridge.tvm.TVMArray;
import org.recursivemas.bridge.tvm.TVMObject;
import org.recursivemas.bridge.tvm.Tensor;
import org.recursivemas.bridge.tvm.VirtualMachine;
import org.teavm.jso.JSBody;
import org.teavm.jso.JSClass;
import org.teavm.jso.JSObject;
import org.teavm.jso.JSProperty;
import org.teavm.jso.core.JSNumber;
import org.teavm.jso.core.JSPromise;
import org.teavm.jso.typedarrays.Int32Array;

/** WebLLM's pipeline of one loaded chat model. Most of it is private there. */
@JSClass(transparent = true)
public abstract class LLMChatPipeline implements JSObject {
    @JSProperty
    public abstract Instance getTvm();

    @JSProperty
    public abstract VirtualMachine getVm();

    /** The weights, as every model function takes them last. */
    @JSProperty
    public abstract TVMObject getParams();

    @JSProperty
    public abstract Tokenizer getTokenizer();

    /** Most positions of one forward call. */
    @JSProperty
    public abstract int getPrefillChunkSize();

    /** Number of tokens that the model knows. */
    @JSProperty
    public abstract int getFullVocabSize();

    /** Capacity in positions, or -1 with a sliding window. */
    @JSProperty
    public abstract int getContextWindowSize();

    /** Capacity in positions of the sliding window, or -1. */
    @JSProperty
    public abstract int getSlidingWindowSize();

    @JSProperty
    public abstract int getFilledKVCacheLength();

    @JSProperty
    public abstract void setFilledKVCacheLength(int length);

    /** Embeddings [n, hidden] of n token ids, tracked by the current scope; n is at most the prefill chunk size. */
    public abstract Tensor getTokensEmbeddings(Int32Array ids);

    /** {@code prefill} of the library on {@code embeddings} [1, n, hidden]: (logits of the last position, state). */
    public abstract TVMArray invokePrefill(Tensor embeddings, int n);

    /** {@code decode} of the library on {@code embeddings} [1, 1, hidden]: (logits, state). */
    public abstract TVMArray invokeDecode(Tensor embeddings);

    /** The KV cache; null for models that keep another kind of state (or two kinds). */
    @JSBody(script = "var states = this.getActiveKVStates();"
            + " return states.length === 1 && states[0] === this.kvCache ? states[0] : null;")
    public final native TVMObject kvCache();

    /** Reserves {@code n} further positions of the sequence. */
    @JSBody(params = {"state", "n"},
            script = "this.fKVCacheBeginForward(state, this.tvm.makeShapeTuple([0]), this.tvm.makeShapeTuple([n]));")
    public final native void beginForward(TVMObject state, int n);

    @JSBody(params = "state", script = "this.fKVCacheEndForward(state);")
    public final native void endForward(TVMObject state);

    /** Takes the last {@code n} positions of the sequence back ({@code vm.builtin.kv_state_popn}). */
    @JSBody(params = {"state", "n"}, script = "var instance = this.tvm;"
            + " instance.getGlobalFunc('vm.builtin.kv_state_popn')(state, instance.scalar(0, 'int64'),"
            + " instance.scalar(n, 'int32'));")
    public final native void popN(TVMObject state, int n);

    /** A forward function of the library on {@code embeddings} [1, n, hidden]: (result, state). */
    public final TVMArray forward(PackedFunc function, Tensor embeddings, TVMObject state) {
        return (TVMArray) function.call(embeddings, state, getParams());
    }

    /** Samples one token id from {@code logits} [1, 1, vocabulary], which it changes. One read-back. */
    public abstract JSPromise<JSNumber> sampleFromRawLogits(Tensor logits, GenerationConfig config);

    /**
     * Appends a sampled token to the output and checks every stop condition. As for a text completion, so that WebLLM
     * does not file the output as a reply in its conversation.
     */
    @JSBody(params = {"token", "config"}, script = "var talk = this.conversation; talk.isTextCompletion = true;"
            + " try { this.commitSampledToken(token, config, 'decode'); } finally { talk.isTextCompletion = false; }")
    public final native void commit(int token, GenerationConfig config);

    /** Starts a new output: no ids, no text, not stopped. */
    @JSBody(script = "this.resetGenerationRoundState(); this.stopTriggered = false; this.finishReason = undefined;")
    public final native void beginOutput();

    @JSProperty
    public abstract boolean isStopTriggered();

    /** {@code "stop"} or {@code "length"} after {@link #isStopTriggered()}. */
    @JSProperty
    public abstract String getFinishReason();

    @JSProperty
    public abstract String getOutputMessage();

    /** Empties the conversation and the KV cache. */
    public abstract void resetChat();
}
