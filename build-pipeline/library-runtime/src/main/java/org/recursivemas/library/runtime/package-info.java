/**
 * The code inside every model library, compiled by TeaVM to WebAssembly: the objects, functions and tensors that
 * WebLLM's
 * tvmjs expects of a library, and an interpreter of the library's plan. Single-threaded; everything that JavaScript
 * sees lives
 * in linear memory, everything else on the garbage-collected heap. docs/model-library.md describes the whole.
 */
package org.recursivemas.library.runtime;
