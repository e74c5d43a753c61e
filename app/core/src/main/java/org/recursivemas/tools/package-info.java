/**
 * Tools that the deciding agent may call in its last text: a calculator, and a search over a corpus. They need no network,
 * unless a person chooses a wiki for the search.
 */
package org.recursivemas.tools;
