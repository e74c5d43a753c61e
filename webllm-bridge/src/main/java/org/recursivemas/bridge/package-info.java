/**
 * Frozen language models on WebLLM with their hidden states, RecursiveLinks as WebGPU compute, and one GPU device for
 * all of them. Methods that wait suspend the calling TeaVM thread: call them from a {@code Thread}, not from an event
 * handler.
 *
 * <p>Scripts of {@code @JSBody} give their own variables names of two letters or more: TeaVM's minifier calls
 * parameters b, c, d and does not look whether the script has such a name already.
 */
package org.recursivemas.bridge;
