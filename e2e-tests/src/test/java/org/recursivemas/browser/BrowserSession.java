package org.recursivemas.browser;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.recursivemas.pipeline.cli.StaticServer;

/** One browser and one server of a site for one test class. */
final class BrowserSession implements AutoCloseable {
    private final StaticServer server;
    private final String url;
    private final Playwright playwright;
    private final Browser browser;

    /** A browser for the assembled site. */
    BrowserSession(Chromium.Gpu gpu) throws IOException {
        this(gpu, Site.folder());
    }

    /** A browser for the assembled site, started with more options than others. */
    BrowserSession(Chromium.Gpu gpu, List<String> options) throws IOException {
        this(gpu, Site.folder(), options);
    }

    /** A browser for the files of a folder. */
    BrowserSession(Chromium.Gpu gpu, Path site) throws IOException {
        this(gpu, site, List.of());
    }

    private BrowserSession(Chromium.Gpu gpu, Path site, List<String> options) throws IOException {
        // The server comes last: what fails before it leaves nothing running.
        playwright = Chromium.playwright();
        browser = Chromium.launch(playwright, gpu, options);
        // The folder around the site is served: the site lies below a path, as on a host that serves other things too.
        server = StaticServer.start(site.getParent(), 0);
        url = server.address() + site.getFileName().toString() + "/";
    }

    /** The address of the site, with a slash at its end. */
    String url() {
        return url;
    }

    Browser browser() {
        return browser;
    }

    /** A page with storage of its own; nothing is opened in it yet. */
    OpenPage newPage() {
        BrowserContext context = browser.newContext();
        return new OpenPage(context.newPage(), url);
    }

    @Override
    public void close() {
        browser.close();
        playwright.close();
        server.close();
    }

    /** A page and what went on in it. */
    static final class OpenPage implements AutoCloseable {
        private final Page page;
        private final List<String> errors = new CopyOnWriteArrayList<>();
        private final List<String> foreign = new CopyOnWriteArrayList<>();

        private OpenPage(Page page, String url) {
            this.page = page;
            page.setDefaultTimeout(120_000);
            page.onConsoleMessage(message -> {
                if (message.type().equals("error")) {
                    errors.add(message.text() + " (" + message.location() + ")");
                }
            });
            page.onPageError(errors::add);
            String origin = origin(url);
            page.onRequest(request -> {
                String address = request.url();
                if (address.startsWith("http") && !address.startsWith(origin)) {
                    foreign.add(address);
                }
            });
        }

        private static String origin(String url) {
            URI uri = URI.create(url);
            return uri.getScheme() + "://" + uri.getAuthority() + "/";
        }

        Page page() {
            return page;
        }

        /** Errors of the console and uncaught exceptions so far. */
        List<String> errors() {
            return List.copyOf(errors);
        }

        /** Addresses outside the site's origin that were asked for so far. */
        List<String> foreignRequests() {
            return List.copyOf(foreign);
        }

        @Override
        public void close() {
            page.context().close();
        }
    }
}
