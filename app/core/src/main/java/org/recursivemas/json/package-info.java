/** Reading and writing the project's files; the parser behind it differs between the JVM and a browser, the checks do not. */
package org.recursivemas.json;
