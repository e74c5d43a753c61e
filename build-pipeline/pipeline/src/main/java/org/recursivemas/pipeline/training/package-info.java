/**
 * RecursiveLinks on PyTorch through DJL: the frozen models' forward pass; links in closed form, by ridge regressions from
 * a sender's hidden states to its own next embeddings (inner links) and from its embeddings to the receiver's (outer
 * links); gradients through whole rollouts, and the loops that train links by them.
 */
package org.recursivemas.pipeline.training;
