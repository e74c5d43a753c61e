package org.recursivemas.app;

import org.recursivemas.ui.PlaygroundPage;

/** The entry point of the page. */
public final class Main {
    private Main() {
    }

    public static void main(String[] arguments) {
        BrowserPlayground playground = new BrowserPlayground(new FlavourCodec());
        Automation.publish(playground);
        PlaygroundPage.mount(playground);
    }
}
