/** The guided tour: which runs its steps do, and what has come out so far. */
package org.recursivemas.learn;
