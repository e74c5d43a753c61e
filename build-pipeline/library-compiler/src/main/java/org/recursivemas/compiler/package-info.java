/**
 * Compiles an architecture (config.json of a checkpoint) and a quantization to a {@link org.recursivemas.library.LibraryPlan}:
 * metadata, WGSL kernels generated for the shape at hand, and the dispatches of every function of the model library.
 */
package org.recursivemas.compiler;
