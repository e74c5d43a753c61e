/** The section of models: what there is, what it takes, its download, and what is stored. */
package org.recursivemas.ui.models;
