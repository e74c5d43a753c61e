package org.recursivemas.pipeline.site;

import java.nio.file.Path;
import org.recursivemas.data.AgentSpec;

/** Turns a checkpoint into what WebLLM loads. */
interface AgentBuilder {
    /** Short name of the number format, part of file names, e.g. {@code "q0f32"}. */
    String quantization();

    /** Writes shards, tensor-cache.json, mlc-chat-config.json and tokenizer.json into the new folder {@code model}. */
    void convert(AgentSpec agent, Path checkpoint, Path model);

    /** Writes the model library (.wasm) to the new file {@code library}. */
    void compile(AgentSpec agent, Path checkpoint, Path library);
}
