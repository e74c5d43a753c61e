/** The guided tour: pages that explain the method and run it. */
package org.recursivemas.ui.learn;
