/**
 * Reading of Hugging Face checkpoint folders: safetensors files, single or sharded, without loading them as a whole.
 */
package org.recursivemas.pipeline.checkpoint;
