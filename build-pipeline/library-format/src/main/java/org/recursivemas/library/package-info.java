/**
 * What the compiler and the runtime of a model library agree on: the plan (which kernel runs on which buffer for each
 * function), and the image, its binary form inside the .wasm. Runs on the JVM and, compiled by TeaVM, in WebAssembly.
 */
package org.recursivemas.library;
