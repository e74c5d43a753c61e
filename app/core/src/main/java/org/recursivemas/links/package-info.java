/**
 * RecursiveLinks as numbers: strict reading and writing of link file entries, and their computation in plain Java. The
 * computation is the twin that every other implementation (GPU kernels) is checked against.
 */
package org.recursivemas.links;
