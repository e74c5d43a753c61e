/**
 * The files and reports that the build pipeline writes and the browser reads (or the other way round): one set of classes for
 * both, read by Jackson on the JVM and by Flavour JSON in the browser.
 */
package org.recursivemas.data;
