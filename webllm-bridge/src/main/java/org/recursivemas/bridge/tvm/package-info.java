/**
 * What WebLLM 0.2.86 is built on: the TVM runtime in JavaScript (tvmjs). Only what the bridge calls; names as there.
 * All of it is internal to WebLLM and belongs to that version.
 */
package org.recursivemas.bridge.tvm;
