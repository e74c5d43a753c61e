/**
 * The small interfaces between the recursion and whatever runs a model: WebLLM in a browser, a plain Java forward pass
 * on the JVM. Every call reads as if it blocked; in the browser a call that has to wait suspends a TeaVM thread.
 */
package org.recursivemas.engine;
