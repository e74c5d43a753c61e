package org.recursivemas.compiler;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** The text that a library answers to {@code _metadata}. */
final class Metadata {
    private Metadata() {
    }

    /**
     * @param scratchBytes GPU memory of the largest forward beside weights and cache
     */
    static String json(ModelConfig config, Quantization quantization, CompileOptions options, ParamTable params,
            long scratchBytes) {
        JsonMapper mapper = JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();
        ObjectNode root = mapper.createObjectNode();
        root.put("model_type", config.architecture().modelType());
        root.put("quantization", quantization.text());
        root.put("context_window_size", options.contextWindow());
        root.put("sliding_window_size", -1);
        root.put("attention_sink_size", -1);
        root.put("prefill_chunk_size", options.prefillChunk());
        root.put("tensor_parallel_shards", 1);
        root.put("pipeline_parallel_stages", 1);
        root.put("disaggregation", false);
        root.put("kv_state_kind", "kv_cache");
        root.put("max_batch_size", 1);
        root.put("active_vocab_size", options.activeVocabSize());
        root.put("model_task", "chat");
        ArrayNode list = root.putArray("params");
        for (ParamTable.Param param : params.params()) {
            ObjectNode node = list.addObject();
            node.put("name", param.name());
            ArrayNode shape = node.putArray("shape");
            param.shape().forEach(shape::add);
            node.put("dtype", param.dtype().text());
            node.putArray("preprocs");
            node.putArray("pipeline_stages").add(0);
        }
        ObjectNode cache = root.putObject("kv_cache");
        cache.put("num_hidden_layers", config.layers());
        cache.put("num_attention_heads", config.heads());
        cache.put("num_key_value_heads", config.kvHeads());
        cache.put("head_dim", config.headSize());
        ObjectNode memory = root.putObject("memory_usage");
        memory.put("embed", 0);
        memory.put("prefill", scratchBytes);
        memory.put("decode", scratchBytes);
        memory.put("softmax_with_temperature", 0);
        try {
            return mapper.writeValueAsString(root);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
