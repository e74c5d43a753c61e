package org.recursivemas.ui;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Serves target/fake-site, the site's page with a scripted playground, on a port of this machine. */
final class FakeSiteFolder implements AutoCloseable {
    private static final Map<String, String> TYPES = Map.of("html", "text/html; charset=utf-8", "css", "text/css",
            "js", "text/javascript; charset=utf-8", "json", "application/json", "svg", "image/svg+xml");

    private final Path folder = Path.of("target", "fake-site");
    private static final String TEAMS = "models/demo/team.json First team&#10;models/demo/other.json Other &lt;b&gt;team";

    private final HttpServer server;

    FakeSiteFolder() throws IOException {
        if (!Files.isRegularFile(folder.resolve("app.js"))) {
            throw new IllegalStateException("no " + folder.resolve("app.js") + ": run the tests through Maven");
        }
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    /** The page with options given as name, value, name, value, ... */
    String url(String... options) {
        StringBuilder url = new StringBuilder("http://localhost:" + server.getAddress().getPort() + "/index.html");
        for (int i = 0; i < options.length; i += 2) {
            String value = URLEncoder.encode(options[i + 1], StandardCharsets.UTF_8).replace("+", "%20");
            url.append(i == 0 ? '?' : '&').append(options[i]).append('=').append(value);
        }
        return url.toString();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String name = exchange.getRequestURI().getPath().substring(1);
            Path file = folder.resolve(name);
            String type = TYPES.get(name.substring(name.lastIndexOf('.') + 1));
            if (type == null || !Files.isRegularFile(file)) {
                exchange.sendResponseHeaders(404, -1);
                return;
            }
            byte[] content = Files.readAllBytes(file);
            if (name.equals("index.html")) {   // as the site's assembler tells the page which teams there are
                content = new String(content, StandardCharsets.UTF_8).replace("data-teams=\"\"", "data-teams=\"" + TEAMS
                        + "\"").getBytes(StandardCharsets.UTF_8);
            }
            exchange.getResponseHeaders().set("Content-Type", type);
            exchange.getResponseHeaders().set("Cache-Control", "max-age=3600");
            exchange.sendResponseHeaders(200, content.length);
            exchange.getResponseBody().write(content);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
