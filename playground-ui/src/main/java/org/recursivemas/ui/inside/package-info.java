/** What the latents of a run look like, and what stands in links' places. */
package org.recursivemas.ui.inside;
