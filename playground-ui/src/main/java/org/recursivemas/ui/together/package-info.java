/** The view of a team that is played in several browsers. */
package org.recursivemas.ui.together;
