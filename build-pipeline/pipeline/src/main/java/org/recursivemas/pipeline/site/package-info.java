/** Puts the page, its scripts and the shipped team together into one folder that any static host can serve. */
package org.recursivemas.pipeline.site;
