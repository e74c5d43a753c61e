/** The build pipeline: from a checkpoint to what the page loads. */
package org.recursivemas.pipeline;
