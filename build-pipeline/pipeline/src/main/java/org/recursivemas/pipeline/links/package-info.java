/**
 * Links in closed form: ridge regressions from a sender's hidden states to its own next embeddings (inner links) and
 * from its embeddings to the receiver's (outer links). No gradients, minutes on a CPU.
 */
package org.recursivemas.pipeline.links;
