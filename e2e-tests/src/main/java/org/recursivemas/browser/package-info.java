/** Chromium with WebGPU, driven from Java: for the browser tests and for running a problem without a window. */
package org.recursivemas.browser;
