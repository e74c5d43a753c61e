package org.recursivemas.library.runtime;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A page in Chromium with the published web-llm, served together with models and libraries from one folder. */
final class EnginePage implements AutoCloseable {
    private static final Path WEB_LLM = Path.of("node_modules/@mlc-ai/web-llm/lib/index.js");
    private static final String HTML = """
            <!doctype html><meta charset="utf-8"><title>model library</title>
            <script type="module">
            import * as webllm from '/web-llm.js';
            window.webllm = webllm;
            window.load = async (model, library, overrides) => {
                const origin = location.origin;
                const engine = new webllm.MLCEngine({ appConfig: { model_list: [{ model: `${origin}/${model}/`,
                    model_id: model, model_lib: `${origin}/${library}.wasm`, overrides }] }, logLevel: 'WARN' });
                await engine.reload(model);
                return engine;
            };
            window.pipelineOf = (engine) => [...engine.loadedModelIdToPipeline.values()][0];
            window.number = (engine, name) => {
                const tvm = pipelineOf(engine).tvm;
                return tvm.withNewScope(() => tvm.getGlobalFunc(name)());
            };
            window.ask = async (engine, content, options) => (await engine.chat.completions.create(
                { messages: [{ role: 'user', content }], temperature: 0, ...options }));
            window.messageOf = async (promise) => {
                try { await promise; } catch (e) { return String(e.message ?? e); }
                return 'no error';
            };
            window.ready = true;
            </script>
            """;

    private final HttpServer server;
    private final Playwright playwright;
    private final Page page;
    private final StringBuilder log = new StringBuilder();

    /** @param folder served under /; a model's files are found below NAME/resolve/main/, too */
    EnginePage(Path folder) throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> answer(exchange, folder));
        server.start();
        playwright = Playwright.create(new Playwright.CreateOptions()
                .setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        Browser browser = playwright.chromium().launch(new BrowserType.LaunchOptions().setExecutablePath(chromium())
                .setArgs(List.of("--headless=new", "--no-sandbox", "--enable-unsafe-webgpu",
                        "--use-webgpu-adapter=swiftshader", "--disable-quic", "--disable-background-networking")));
        page = browser.newPage();
        page.setDefaultTimeout(120_000);
        page.onConsoleMessage(message -> log.append(message.type()).append(": ").append(message.text()).append('\n'));
        page.onPageError(error -> log.append("page error: ").append(error).append('\n'));
        page.navigate("http://localhost:" + server.getAddress().getPort() + "/");
        page.waitForFunction("window.ready === true");
    }

    private static Path chromium() {
        String chosen = System.getenv("CHROMIUM");
        if (chosen != null) {
            return Path.of(chosen);
        }
        for (String folder : System.getenv("PATH").split(java.io.File.pathSeparator)) {
            for (String name : List.of("chromium", "chromium-browser", "google-chrome")) {
                if (Files.isExecutable(Path.of(folder, name))) {
                    return Path.of(folder, name);
                }
            }
        }
        throw new IllegalStateException("no Chromium found: set CHROMIUM to its executable");
    }

    private static void answer(HttpExchange exchange, Path folder) throws IOException {
        String path = exchange.getRequestURI().getPath().substring(1).replace("resolve/main/", "");
        byte[] body;
        String type = "application/octet-stream";
        if (path.isEmpty()) {
            body = HTML.getBytes(java.nio.charset.StandardCharsets.UTF_8);
            type = "text/html";
        } else if (path.equals("web-llm.js")) {
            body = Files.readAllBytes(WEB_LLM);
            type = "text/javascript";
        } else {
            Path file = folder.resolve(path).normalize();
            body = file.startsWith(folder) && Files.isRegularFile(file) ? Files.readAllBytes(file) : null;
            type = path.endsWith(".json") ? "application/json" : path.endsWith(".wasm") ? "application/wasm" : type;
        }
        exchange.getResponseHeaders().set("Content-Type", type);
        if (body == null) {
            exchange.sendResponseHeaders(404, -1);
        } else {
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        }
        exchange.close();
    }

    /** Runs the body of an asynchronous JavaScript function and gives what it returns. */
    Object run(String body, Object argument) {
        return page.evaluate("async (arg) => {" + body + "}", argument);
    }

    Object run(String body) {
        return run(body, null);
    }

    /** Everything that the page has written to the console. */
    String log() {
        return log.toString();
    }

    @Override
    public void close() {
        playwright.close();
        server.stop(0);
    }
}
