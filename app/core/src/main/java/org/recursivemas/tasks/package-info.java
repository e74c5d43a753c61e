/**
 * The problems of the shipped demo: short stories about quantities, the list of operations that answers them, and its
 * execution. Fresh problems can be made in the page as well as for training; both draw from the same generator.
 */
package org.recursivemas.tasks;
