package org.recursivemas.data;

import com.fasterxml.jackson.annotation.JsonProperty;

/** One model of a {@link CatalogEntry}. Sizes are in bytes. */
public class CatalogModel {
    /** Folder with mlc-chat-config.json, tensor-cache.json, tokenizer.json and the shards. */
    @JsonProperty public String folder;
    /** The model library (.wasm). */
    @JsonProperty public String library;
    /** Storage of the weights: q0f32, q0f16, q4f32_1 or q4f16_1. */
    @JsonProperty public String quantization;
    /** Whether the GPU must offer shader-f16. */
    @JsonProperty public boolean f16;
    /** Weights, as numbers before quantization. */
    @JsonProperty public long parameters;
    @JsonProperty("hidden_size") public int hiddenSize;
    /** Tokens of a conversation at most. */
    @JsonProperty("context_window") public int contextWindow;
    /** All files of the folder that are needed. */
    @JsonProperty("download_bytes") public long downloadBytes;
    /** Whether {@link #downloadBytes} was counted from the files, not computed from the model's shape. */
    @JsonProperty("download_counted") public boolean downloadCounted;
    @JsonProperty("library_bytes") public long libraryBytes;
    /** GPU memory of the weights. */
    @JsonProperty("weight_bytes") public long weightBytes;
    /** GPU memory of the KV cache for the whole context. */
    @JsonProperty("cache_bytes") public long cacheBytes;
    /** GPU memory of a forward pass beside weights and KV cache. */
    @JsonProperty("scratch_bytes") public long scratchBytes;
    /** The largest single GPU buffer: a parameter, or the keys of a layer. */
    @JsonProperty("largest_buffer_bytes") public long largestBufferBytes;

    /** GPU memory of everything. */
    public long gpuBytes() {
        return weightBytes + cacheBytes + scratchBytes;
    }
}
