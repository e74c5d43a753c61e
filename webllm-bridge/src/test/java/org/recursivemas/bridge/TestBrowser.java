package org.recursivemas.bridge;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.teavm.backend.javascript.JSModuleType;
import org.teavm.tooling.ConsoleTeaVMToolLog;
import org.teavm.tooling.TeaVMTargetType;
import org.teavm.tooling.TeaVMTool;
import org.teavm.vm.TeaVMOptimizationLevel;

/** A page compiled by TeaVM, on a server of its own, open in Chromium with WebGPU on the CPU. */
final class TestBrowser implements AutoCloseable {
    private final HttpServer server;
    private final Playwright playwright;
    private final Page page;

    private TestBrowser(HttpServer server, Playwright playwright, Page page) {
        this.server = server;
        this.playwright = playwright;
        this.page = page;
    }

    /** @param folders more folders to serve, by their first path segment */
    static TestBrowser open(Class<?> mainClass, Map<String, Path> folders) throws Exception {
        Path folder = Path.of("target", "pages", mainClass.getSimpleName());
        compile(mainClass, folder);
        Files.writeString(folder.resolve("index.html"),
                "<!DOCTYPE html><meta charset=\"utf-8\"><title>test</title>"
                + "<script src=\"page.js\"></script><script>main()</script>");
        HttpServer server = serve(folder, folders);
        Playwright playwright = Playwright.create(
                new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        Browser browser = playwright.chromium().launch(new BrowserType.LaunchOptions().setExecutablePath(chromium())
                .setArgs(List.of("--no-sandbox", "--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader",
                        "--disable-quic", "--disable-background-networking")));
        Page page = browser.newPage();
        page.onConsoleMessage(message -> System.out.println("page: " + message.text()));
        page.onPageError(error -> System.out.println("page error: " + error));
        page.setDefaultTimeout(300_000);
        page.navigate("http://127.0.0.1:" + server.getAddress().getPort() + "/index.html");
        return new TestBrowser(server, playwright, page);
    }

    /** Runs a case of the page and returns what it measured. */
    String result(String name) {
        String result = (String) page.evaluate("name => runCase(name)", name);
        Assertions.assertTrue(result.startsWith("ok "), name + ": " + result);
        return result.substring(3);
    }

    /** Runs a case of the page and prints what it measured. */
    void run(String name) {
        String result = result(name);
        if (!result.isEmpty()) {
            System.out.println(name + ": " + result);
        }
    }

    private static void compile(Class<?> mainClass, Path folder) throws Exception {
        Files.createDirectories(folder);
        TeaVMTool tool = new TeaVMTool();
        tool.setClassLoader(TestBrowser.class.getClassLoader());
        tool.setClassPath(Stream.of(System.getProperty("java.class.path").split(File.pathSeparator)).map(File::new)
                .toList());
        tool.setTargetType(TeaVMTargetType.JAVASCRIPT);
        tool.setJsModuleType(JSModuleType.UMD);
        tool.setMainClass(mainClass.getName());
        tool.setTargetDirectory(folder.toFile());
        tool.setTargetFileName("page.js");
        tool.setObfuscated(true);
        tool.setStrict(true);
        tool.setOptimizationLevel(TeaVMOptimizationLevel.ADVANCED);
        tool.setLog(new ConsoleTeaVMToolLog(false));
        tool.generate();
        List<String> problems = new ArrayList<>();
        tool.getProblemProvider().getSevereProblems().forEach(p -> problems.add(p.getText() + " "
                + List.of(p.getParams())
                + " at " + p.getLocation()));
        Assertions.assertEquals(List.of(), problems, "problems found by TeaVM");
    }

    private static HttpServer serve(Path root, Map<String, Path> folders) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            String path = exchange.getRequestURI().getPath().substring(1);
            int slash = path.indexOf('/');
            Path folder = slash < 0 ? null : folders.get(path.substring(0, slash));
            answer(exchange, folder == null ? root.resolve(path) : folder.resolve(path.substring(slash + 1)));
        });
        server.setExecutor(Executors.newFixedThreadPool(4, work -> {
            Thread thread = new Thread(work, "test server");
            thread.setDaemon(true);
            return thread;
        }));
        server.start();
        return server;
    }

    private static void answer(HttpExchange exchange, Path file) {
        try (exchange) {
            boolean found = Files.isRegularFile(file);
            byte[] bytes = found ? Files.readAllBytes(file) : "not found".getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", type(file.toString()));
            boolean head = exchange.getRequestMethod().equals("HEAD");
            if (head) {
                exchange.getResponseHeaders().set("Content-Length", Integer.toString(bytes.length));
            }
            exchange.sendResponseHeaders(found ? 200 : 404, head ? -1 : bytes.length);
            if (!head) {
                exchange.getResponseBody().write(bytes);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String type(String name) {
        return name.endsWith(".html") ? "text/html" : name.endsWith(".js") ? "text/javascript"
                : name.endsWith(".wasm") ? "application/wasm" : name.endsWith(".json") ? "application/json"
                : "application/octet-stream";
    }

    /** An installed Chromium or Chrome: the environment variable CHROMIUM, else by its usual names on the PATH. */
    private static Path chromium() {
        String named = System.getenv("CHROMIUM");
        if (named != null && !named.isBlank()) {
            return Path.of(named);
        }
        List<String> folders = List.of(System.getenv("PATH").split(File.pathSeparator));
        return Stream.of("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome",
                "chrome.exe")
                .flatMap(name -> folders.stream().map(folder -> Path.of(folder, name)))
                .filter(Files::isExecutable).findFirst()
                .orElseThrow(() -> new IllegalStateException(
                        "no Chromium or Chrome found: install one or set the environment variable CHROMIUM to its"
                        + " executable"));
    }

    @Override
    public void close() {
        playwright.close();
        server.stop(0);
    }
}
