/**
 * What the views may ask for and what they are told: the border between playground-ui and the rest; and the border
 * between the page and the worker in which the models run.
 */
package org.recursivemas.playground;
