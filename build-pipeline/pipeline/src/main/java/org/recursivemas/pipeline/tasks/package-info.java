/** Task files: problems of the demo as JSON lines, for training and evaluation. */
package org.recursivemas.pipeline.tasks;
