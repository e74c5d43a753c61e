/**
 * The twin: a forward pass of the Qwen2 family in plain Java and single precision, behind the same interfaces as the
 * engine of the browser. Everything that the browser computes on a GPU is checked against it, and links and evaluations
 * run on it.
 */
package org.recursivemas.pipeline.twin;
