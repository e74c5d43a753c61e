/**
 * The playground's page. {@link org.recursivemas.ui.PlaygroundState} holds everything that is shown,
 * {@link org.recursivemas.ui.PlaygroundController} changes it, the views render from it; state, controller, numbers and
 * texts are plain Java, only the views and {@link org.recursivemas.ui.PlaygroundPage} touch the document.
 */
package org.recursivemas.ui;
