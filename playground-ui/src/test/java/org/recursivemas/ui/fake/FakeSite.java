package org.recursivemas.ui.fake;

import org.recursivemas.ui.Language;
import org.recursivemas.ui.PlaygroundPage;
import org.teavm.jso.browser.Location;
import org.teavm.jso.browser.Window;

/**
 * Entry point of the page that the tests look at: the real views, a {@link FakePlayground} behind them. The page's
 * query sets its options, e.g. {@code ?unavailable=No+GPU&pace=20}.
 */
public final class FakeSite {
    private FakeSite() {
    }

    public static void main(String[] arguments) {
        Language.choose(FakeSite::start);
    }

    private static void start() {
        FakePlayground.Options options = new FakePlayground.Options();
        String[] catalog = {null};
        String query = Location.current().getSearch();
        for (String pair : query.isEmpty() ? new String[0] : query.substring(1).split("&")) {
            int equals = pair.indexOf('=');
            String value = Window.decodeURIComponent(pair.substring(equals + 1));
            if (pair.startsWith("catalog=")) {
                catalog[0] = value;
            } else {
                set(options, pair.substring(0, equals), value);
            }
        }
        FakePlayground playground = new FakePlayground(options,
                (millis, what) -> Window.setTimeout(what::run, millis));
        PlaygroundPage.mount(playground, new FakeTogether(playground), new FakeModelPlace(catalog[0]));
    }

    private static void set(FakePlayground.Options options, String name, String value) {
        switch (name) {
            case "unavailable":
                options.unavailable = value;
                break;
            case "title":
                options.title = value;
                break;
            case "openError":
                options.openError = value;
                break;
            case "loadError":
                options.loadError = value;
                break;
            case "runError":
                options.runError = value;
                break;
            case "crashesIn":
                options.crashesIn = value;
                break;
            case "haltsIn":
                options.haltsIn = value;
                break;
            case "links":
                options.links = value.equals("none") ? null : value;
                break;
            case "tools":
                options.tools = true;
                break;
            case "search":
                break;   // looked at by the choice of a search
            case "linkGap":
                options.linkGap = true;
                break;
            case "models":
                break;   // looked at by the models' section
            case "lang":
                break;   // looked at by the choice of a language
            case "pace":
                options.pace = Integer.parseInt(value);
                break;
            default:
                throw new IllegalArgumentException("unknown option " + name);
        }
    }
}
