/**
 * The recursion: a team of frozen models that hand each other latent vectors, the baselines it is compared with, and
 * the meter for all of them. Runs unchanged on the JVM and in a browser.
 */
package org.recursivemas.team;
