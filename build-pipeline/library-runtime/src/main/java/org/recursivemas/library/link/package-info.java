/** Makes a model library out of the compiled runtime and the image of a plan. JVM only, no external tool. */
package org.recursivemas.library.link;
