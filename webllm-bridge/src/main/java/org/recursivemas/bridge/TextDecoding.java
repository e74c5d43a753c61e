package org.recursivemas.bridge;

import org.recursivemas.bridge.js.JavaScriptException;
import org.recursivemas.bridge.js.Promises;
import org.recursivemas.bridge.tvm.Instance;
import org.recursivemas.bridge.tvm.Tensor;
import org.recursivemas.bridge.webllm.GenerationConfig;
import org.recursivemas.bridge.webllm.LLMChatPipeline;
import org.recursivemas.engine.DecodingOptions;
import org.recursivemas.engine.EngineException;
import org.recursivemas.engine.Generation;
import org.recursivemas.engine.RunControl;
import org.recursivemas.engine.TokenListener;

/** Decodes text on a model: behind a prompt, and again behind the same prompt. One read-back for each token. */
final class TextDecoding {
    private final WebLlmModel model;
    private final LLMChatPipeline pipeline;
    /** Position behind the last prompt and the token before it; -1 where there is none. */
    private int promptEnd = -1;
    private int promptToken = -1;

    TextDecoding(WebLlmModel model, LLMChatPipeline pipeline) {
        this.model = model;
        this.pipeline = pipeline;
    }

    /** The sequence begins anew: there is no prompt to decode behind again. */
    void forget() {
        promptEnd = -1;
    }

    /** @param last tokens of the prompt's last piece; empty when that is latents */
    Generation first(Prompt<TensorLatents> prompt, int[] last, DecodingOptions options, TokenListener listener,
            RunControl control) {
        promptEnd = -1;
        Generation generation = decode(prompt, options, listener, control);
        if (last.length > 0 && generation.decodedTokens() > 0) {
            // The last sampled token was not fed back.
            promptEnd = model.position() - (generation.decodedTokens() - 1);
            promptToken = last[last.length - 1];
        }
        return generation;
    }

    /** Takes the cache back to the prompt's last token, pushes that again and decodes. */
    Generation again(DecodingOptions options, TokenListener listener, RunControl control) {
        if (promptEnd < 0 || model.position() < promptEnd) {
            throw new EngineException("Model \"" + model.id() + "\": another text needs a text before it, whose prompt"
                    + " ends in text.");
        }
        if (model.sliding()) {
            throw new EngineException("Model \"" + model.id() + "\" has a sliding window, from which nothing can be taken"
                    + " back: ask for one answer.");
        }
        Instance tvm = pipeline.getTvm();
        tvm.beginScope();
        try {
            pipeline.popN(pipeline.kvCache(), model.position() - (promptEnd - 1));
        } catch (RuntimeException e) {
            throw model.failed("taking a text back", e);
        } finally {
            tvm.endScope();
        }
        pipeline.setFilledKVCacheLength(promptEnd - 1);
        Prompt<TensorLatents> prompt = new Prompt<>();
        prompt.add(new int[] {promptToken});
        return decode(prompt, options, listener, control);
    }

    /** Pushes a prompt and decodes behind it. */
    private Generation decode(Prompt<TensorLatents> prompt, DecodingOptions options, TokenListener listener,
            RunControl control) {
        pipeline.getTvm().setSeed(options.seed());
        pipeline.beginOutput();
        GenerationConfig config = GenerationConfig.create(options.maxTokens(), options.temperature(), options.topP());
        int chunk = pipeline.getPrefillChunkSize();
        Tensor logits = null; // float32 [1, 1, vocabulary]
        int decoded = 0;
        try {
            for (int from = 0; from < prompt.positions(); from += chunk) {
                if (control.cancelled()) {
                    return new Generation("", from, 0, Generation.Finish.CANCELLED);
                }
                int to = Math.min(from + chunk, prompt.positions());
                logits = replace(logits, model.forwardLogits(prompt.slice(from, to), to - from));
            }
            while (true) {
                int token = sample(logits, config);
                decoded++;
                pipeline.commit(token, config);
                listener.onText(pipeline.getOutputMessage(), decoded);
                if (pipeline.isStopTriggered() || control.cancelled()) {
                    break;
                }
                Prompt<TensorLatents> next = new Prompt<>();
                next.add(new int[] {token});
                logits = replace(logits, model.forwardLogits(next.slice(0, 1), 1));
            }
        } finally {
            replace(logits, null);
        }
        model.check();
        return new Generation(pipeline.getOutputMessage(), prompt.positions(), decoded, finish());
    }

    private Generation.Finish finish() {
        if (!pipeline.isStopTriggered()) {
            return Generation.Finish.CANCELLED;
        }
        return "stop".equals(pipeline.getFinishReason()) ? Generation.Finish.STOP : Generation.Finish.LENGTH;
    }

    private int sample(Tensor logits, GenerationConfig config) {
        try {
            int token = Promises.await(pipeline.sampleFromRawLogits(logits, config)).intValue();
            model.check();
            return token;
        } catch (JavaScriptException e) {
            model.check();
            throw model.failed("sampling a token", e);
        }
    }

    private static Tensor replace(Tensor old, Tensor next) {
        if (old != null) {
            old.dispose();
        }
        return next;
    }
}
