/**
 * Frozen language models on WebLLM with their hidden states, RecursiveLinks as WebGPU compute, and one GPU device for all of
 * them. Methods that wait suspend the calling TeaVM thread: call them from a {@code Thread}, not from an event handler.
 */
package org.recursivemas.bridge;
