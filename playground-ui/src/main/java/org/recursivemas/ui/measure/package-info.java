/** Comparing, keeping, benchmarking, sharing and replaying runs on the page; the computation is in {@code measure} of the core. */
package org.recursivemas.ui.measure;
