/** What the views may ask for and what they are told: the border between playground-ui and the rest. */
package org.recursivemas.playground;
