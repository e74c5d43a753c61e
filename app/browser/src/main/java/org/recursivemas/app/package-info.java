/** The browser application: wires the recursion, the WebLLM bridge and the views. */
package org.recursivemas.app;
