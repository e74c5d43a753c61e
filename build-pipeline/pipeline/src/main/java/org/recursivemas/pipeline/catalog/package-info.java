/** The page's catalogue of models: what each takes, computed from its shape, with libraries and team files for all of them. */
package org.recursivemas.pipeline.catalog;
