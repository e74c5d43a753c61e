/** What the hand-offs of a run with retrieval could bring, and brought. */
package org.recursivemas.ui.retrieval;
