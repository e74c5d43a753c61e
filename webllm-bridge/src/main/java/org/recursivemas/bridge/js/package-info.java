/** Waiting for promises of the browser. */
package org.recursivemas.bridge.js;
