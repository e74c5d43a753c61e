package org.recursivemas.browser;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The Chromium of this machine: where it is, how to start it with WebGPU. */
public final class Chromium {
    /** Environment variable that names the browser's executable. */
    public static final String VARIABLE = "CHROMIUM";

    private static final List<String> NAMES = List.of("chromium", "chromium-browser", "google-chrome",
            "google-chrome-stable", "chrome", "microsoft-edge", "microsoft-edge-stable", "msedge");
    private static final List<String> PLACES = List.of(
            "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
            "/Applications/Chromium.app/Contents/MacOS/Chromium",
            "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
            "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
            "C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe",
            "C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe");

    /** Which WebGPU adapter the browser offers to the page. */
    public enum Gpu {
        /** The machine's own adapter. */
        HARDWARE(List.of("--enable-unsafe-webgpu", "--enable-features=Vulkan", "--ignore-gpu-blocklist")),
        /** The machine's own adapter where it has no screen: Vulkan without surfaces, float16 shaders on NVIDIA too. */
        HARDWARE_WITHOUT_SCREEN(List.of("--enable-unsafe-webgpu", "--enable-features=Vulkan", "--ignore-gpu-blocklist",
                "--use-angle=vulkan", "--use-vulkan=native", "--disable-vulkan-surface", "--disable-gpu-sandbox",
                "--enable-dawn-features=allow_unsafe_apis,vulkan_enable_f16_on_nvidia")),
        /** SwiftShader: WebGPU on the CPU, the same on every machine, without shader-f16. */
        CPU(List.of("--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader")),
        /** No WebGPU at all. */
        NONE(List.of("--disable-features=WebGPU,WebGPUService", "--disable-gpu"));

        private final List<String> flags;

        Gpu(List<String> flags) {
            this.flags = flags;
        }
    }

    private Chromium() {
    }

    /**
     * The executable of an installed Chromium, Chrome or Edge.
     *
     * @throws IllegalStateException in one line what is missing and what to do
     */
    static Path executable() {
        Path found = find();
        if (found == null) {
            throw new IllegalStateException("Missing: a Chromium, Chrome or Edge browser. Install one (Debian, Ubuntu: "
                    + "`sudo apt-get install chromium`) or set " + VARIABLE + " to its executable.");
        }
        return found;
    }

    /** The executable of an installed browser, or null. */
    private static Path find() {
        String named = System.getenv(VARIABLE);
        if (named != null && !named.isBlank()) {
            Path path = Path.of(named);
            if (!Files.isExecutable(path)) {
                throw new IllegalStateException("The environment variable " + VARIABLE + " names " + named
                        + ", which is not an executable file. Correct or unset it.");
            }
            return path;
        }
        for (String name : NAMES) {
            Path path = onPath(name);
            if (path != null) {
                return path;
            }
        }
        for (String place : PLACES) {
            Path path = Path.of(place);
            if (Files.isExecutable(path)) {
                return path;
            }
        }
        return null;
    }

    private static Path onPath(String name) {
        String path = System.getenv("PATH");
        if (path == null) {
            return null;
        }
        boolean windows = System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("windows");
        for (String folder : path.split(File.pathSeparator)) {
            Path file = Path.of(folder.isEmpty() ? "." : folder, windows ? name + ".exe" : name);
            if (Files.isExecutable(file) && !Files.isDirectory(file)) {
                return file;
            }
        }
        return null;
    }

    /** A Playwright driver that never downloads a browser. */
    public static Playwright playwright() {
        return Playwright.create(new Playwright.CreateOptions()
                .setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
    }

    /** Starts a browser without a window. */
    public static Browser launch(Playwright playwright, Gpu gpu) {
        return launch(playwright, gpu, List.of());
    }

    /** Starts a browser without a window, with more options than its adapter needs. */
    static Browser launch(Playwright playwright, Gpu gpu, List<String> options) {
        List<String> arguments = new ArrayList<>(List.of("--no-sandbox", "--disable-quic",
                "--disable-background-networking", "--disable-component-update", "--no-first-run"));
        arguments.addAll(gpu.flags);
        arguments.addAll(options);
        return playwright.chromium().launch(new BrowserType.LaunchOptions()
                .setExecutablePath(executable())
                .setHeadless(true)
                .setArgs(arguments));
    }

    /**
     * Starts a browser with the machine's own WebGPU adapter when it has one, else with the CPU adapter.
     *
     * @param url any page of a secure context (https, or http on localhost), needed to ask for an adapter
     */
    public static Browser launchBest(Playwright playwright, String url) {
        for (Gpu gpu : List.of(Gpu.HARDWARE, Gpu.HARDWARE_WITHOUT_SCREEN)) {
            Browser hardware = launch(playwright, gpu);
            if (hasHardwareAdapter(hardware, url)) {
                return hardware;
            }
            hardware.close();
        }
        return launch(playwright, Gpu.CPU);
    }

    private static boolean hasHardwareAdapter(Browser browser, String url) {
        try (Page page = browser.newPage()) {
            page.route("**/*", route -> route.fulfill(
                    new com.microsoft.playwright.Route.FulfillOptions().setContentType("text/html").setBody("")));
            page.navigate(url);
            return (Boolean) page.evaluate("async () => {"
                    + " if (!navigator.gpu) return false;"
                    + " const adapter = await navigator.gpu.requestAdapter();"
                    + " return !!adapter && !adapter.info.isFallbackAdapter"
                    + "     && adapter.info.architecture !== 'swiftshader'; }");
        }
    }
}
