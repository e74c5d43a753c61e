/** Models that a page can have: what they take, their download into WebLLM's cache, and what is in it. No browser code. */
package org.recursivemas.models;
