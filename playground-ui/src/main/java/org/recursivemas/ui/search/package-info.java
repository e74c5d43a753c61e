/** Where search tools look, chosen by a person, and what tools were asked. */
package org.recursivemas.ui.search;
