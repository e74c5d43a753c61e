package org.recursivemas.app;

import org.recursivemas.playground.RemoteEngine;
import org.recursivemas.ui.Language;
import org.recursivemas.ui.PlaygroundPage;

/** The entry point of the page. */
public final class Main {
    private Main() {
    }

    public static void main(String[] arguments) {
        Language.choose(Main::start);
    }

    private static void start() {
        FlavourCodec codec = new FlavourCodec();
        String base = Web.resolve(".", "");
        RemoteEngine engine = new RemoteEngine(WorkerPort.opener(codec, base + Scripts.WORKER,
                EngineMain.TEAM), base, Scripts.VERSION);
        BrowserPlayground playground = new BrowserPlayground(codec, engine);
        Automation.publish(playground, codec);
        PlaygroundPage.mount(playground, new BrowserTogether(codec, playground, base));
    }
}
