/** WebGPU compute for latents: RecursiveLinks and row statistics, for any widths. Knows buffers, not models. */
package org.recursivemas.bridge.kernels;
