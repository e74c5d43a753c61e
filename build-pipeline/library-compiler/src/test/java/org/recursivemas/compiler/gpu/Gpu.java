package org.recursivemas.compiler.gpu;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.Route;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.recursivemas.library.DType;
import org.recursivemas.library.LibraryPlan;

/** A Chromium page with WebGPU on the CPU, in which plans run. One browser serves a whole test run. */
public final class Gpu implements AutoCloseable {
    /** Outputs of a call, its arguments after the call, and the dispatches it took. */
    public record Result(List<Tensor> outputs, List<Tensor> arguments, int dispatches) {
    }

    /** Time of a call. */
    public record Timing(double milliseconds, int dispatches) {
    }

    private static Browser browser;

    private final Page page;

    public Gpu(LibraryPlan plan) {
        page = browser().newPage();
        page.route("http://localhost/", route -> route.fulfill(new Route.FulfillOptions().setContentType("text/html")
                .setBody("<!doctype html><title>plans</title>")));
        page.navigate("http://localhost/");
        page.addScriptTag(new Page.AddScriptTagOptions().setContent(resource("/plan-runner.js")));
        page.evaluate("async text => { globalThis.runner = await PlanRunner.create(navigator.gpu, JSON.parse(text)); }",
                PlanJson.of(plan).toString());
    }

    private static synchronized Browser browser() {
        if (browser == null) {
            browser = Playwright.create().chromium().launch(new BrowserType.LaunchOptions().setExecutablePath(chromium())
                    .setArgs(List.of("--headless=new", "--no-sandbox", "--enable-unsafe-webgpu",
                            "--use-webgpu-adapter=swiftshader", "--disable-quic", "--disable-background-networking")));
        }
        return browser;
    }

    private static Path chromium() {
        String stated = System.getenv("CHROMIUM");
        List<Path> candidates = new ArrayList<>();
        if (stated != null) {
            candidates.add(Path.of(stated));
        }
        for (String name : new String[] {"chromium", "chromium-browser", "google-chrome"}) {
            candidates.add(Path.of("/usr/bin", name));
        }
        Optional<Path> found = candidates.stream().filter(Files::isExecutable).findFirst();
        return found.orElseThrow(() -> new IllegalStateException("no Chromium among " + candidates
                + ": install it or state its path in the environment variable CHROMIUM"));
    }

    private static String resource(String name) {
        try (InputStream in = Gpu.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Compiles every kernel, which otherwise happens as they are needed. */
    public void compile() {
        page.evaluate("async () => { runner.kernels = await Promise.all(runner.plan.kernels.map(k => runner.compile(k))); }");
    }

    /** Uploads parameters, in the plan's order. */
    public void params(List<byte[]> params) {
        for (byte[] param : params) {
            page.evaluate("text => runner.addParam(text)", Base64.getEncoder().encodeToString(param));
        }
    }

    /** A new, empty KV cache. */
    public void newState(int capacity) {
        page.evaluate("capacity => runner.newState(capacity)", capacity);
    }

    /** What functions see as the position of the KV cache. */
    public void position(int position) {
        page.evaluate("position => { runner.position = position; }", position);
    }

    /** Calls a function of the plan; a forward advances the cache. */
    public Result call(String function, Tensor... tensors) {
        Map<?, ?> result = (Map<?, ?>) page.evaluate("async a => await runner.call(a.name, a.list)",
                Map.of("name", function, "list", list(tensors)));
        List<Tensor> outputs = new ArrayList<>();
        for (Object item : (List<?>) result.get("outputs")) {
            Map<?, ?> output = (Map<?, ?>) item;
            int[] shape = ((List<?>) output.get("shape")).stream().mapToInt(x -> (Integer) x).toArray();
            outputs.add(new Tensor(dtype((String) output.get("dtype")), shape, data(output), 0));
        }
        List<Tensor> arguments = new ArrayList<>();
        int i = 0;
        for (Object item : (List<?>) result.get("arguments")) {
            arguments.add(new Tensor(tensors[i].dtype(), tensors[i].shape(), data((Map<?, ?>) item), 0));
            i++;
        }
        return new Result(outputs, arguments, (Integer) result.get("dispatches"));
    }

    /** Milliseconds of one call at a position of the cache. */
    public Timing time(String function, int position, int repetitions, Tensor... tensors) {
        Map<?, ?> result = (Map<?, ?>) page.evaluate("async a => await runner.time(a.name, a.list, a.position, a.count)",
                Map.of("name", function, "list", list(tensors), "position", position, "count", repetitions));
        return new Timing(((Number) result.get("milliseconds")).doubleValue(), (Integer) result.get("dispatches"));
    }

    private static List<Map<String, Object>> list(Tensor[] tensors) {
        List<Map<String, Object>> list = new ArrayList<>();
        for (Tensor tensor : tensors) {
            list.add(Map.of("dtype", tensor.dtype().text(), "shape", Arrays.stream(tensor.shape()).boxed().toList(),
                    "offset", tensor.byteOffset(), "data",
                    Base64.getEncoder().encodeToString(tensor.data())));
        }
        return list;
    }

    private static byte[] data(Map<?, ?> node) {
        return Base64.getDecoder().decode((String) node.get("data"));
    }

    private static DType dtype(String text) {
        for (DType dtype : DType.values()) {
            if (dtype.text().equals(text)) {
                return dtype;
            }
        }
        throw new IllegalArgumentException(text);
    }

    @Override
    public void close() {
        page.close();
    }
}
