/** The command line: one class a verb; each checks its options, calls the library once and says what came of it. */
package org.recursivemas.pipeline.cli;
