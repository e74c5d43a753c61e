package org.recursivemas.pipeline.site;

import java.nio.file.Path;

/** Turns a checkpoint into what WebLLM loads. */
interface AgentBuilder {
    /** Short name of the number format, part of file names, e.g. {@code "q0f32"}. */
    String quantization();

    /** Writes shards, tensor-cache.json, mlc-chat-config.json and tokenizer.json into the new folder {@code model}. */
    void convert(Path checkpoint, Path model);

    /** Writes the model library (.wasm) to the new file {@code library}. */
    void compile(Path checkpoint, Path library);
}
