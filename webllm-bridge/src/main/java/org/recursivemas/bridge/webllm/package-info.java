/** WebLLM 0.2.86: its public engine and, below that, the parts of its chat pipeline that hidden states need. */
package org.recursivemas.bridge.webllm;
