/**
 * Comparing, keeping, benchmarking, sharing and replaying runs: everything of it that needs no page. Files are read and
 * written as trees ({@code Map<String, Object>}, {@code List<Object>}, {@code String}, {@code Double}, {@code Boolean}, null);
 * whoever calls has the JSON parser.
 */
package org.recursivemas.measure;
