/**
 * A deterministic toy model and device in plain Java: small enough to recompute by hand, real enough to pin the
 * recursion.
 */
package org.recursivemas.toy;
