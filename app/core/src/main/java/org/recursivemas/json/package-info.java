/** Reading and writing the project's files: the parser differs between the JVM and a browser, the checks do not. */
package org.recursivemas.json;
