/** The team of the page, changed by hand: agents, their prompts and models, and who hands to whom. */
package org.recursivemas.ui.team;
