/**
 * From a checkpoint to the folder WebLLM loads, and back: quantization, shards, tensor-cache.json,
 * mlc-chat-config.json; {@link org.recursivemas.pipeline.convert.ConvertedModel} reads such folders, whoever made them.
 */
package org.recursivemas.pipeline.convert;
