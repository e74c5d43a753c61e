package org.recursivemas.facts;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.teavm.backend.javascript.JSModuleType;
import org.teavm.tooling.ConsoleTeaVMToolLog;
import org.teavm.tooling.TeaVMTargetType;
import org.teavm.tooling.TeaVMTool;
import org.teavm.vm.TeaVMOptimizationLevel;

/** A class of the tests, compiled to JavaScript by TeaVM and started on an empty page in Chromium. */
public final class CompiledPage implements AutoCloseable {
    private final Playwright playwright;
    private final Page page;

    private CompiledPage(Playwright playwright, Page page) {
        this.playwright = playwright;
        this.page = page;
    }

    /**
     * Compiles {@code main} with the class path of this process and runs it.
     *
     * @param folder where page and script are written
     * @param strict whether casts, indices and nulls are checked as on the JVM
     */
    public static CompiledPage open(Class<?> main, Path folder, boolean strict) throws Exception {
        Files.createDirectories(folder);
        compile(main, folder, strict);
        Path html = folder.resolve("index.html");
        Files.writeString(html, "<!DOCTYPE html><meta charset=\"utf-8\"><title>test</title><script src=\"test.js\"></script>"
                + "<script>main()</script>");
        Playwright playwright = Playwright.create(new Playwright.CreateOptions()
                .setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        try {
            Browser browser = playwright.chromium().launch(new BrowserType.LaunchOptions()
                    .setExecutablePath(chromium())
                    .setArgs(List.of("--no-sandbox", "--disable-quic", "--disable-background-networking")));
            Page page = browser.newPage();
            page.navigate(html.toUri().toString());
            return new CompiledPage(playwright, page);
        } catch (RuntimeException e) {
            playwright.close();
            throw e;
        }
    }

    private static void compile(Class<?> main, Path folder, boolean strict) throws Exception {
        TeaVMTool tool = new TeaVMTool();
        tool.setClassLoader(CompiledPage.class.getClassLoader());
        tool.setClassPath(Stream.of(System.getProperty("java.class.path").split(File.pathSeparator)).map(File::new)
                .toList());
        tool.setTargetType(TeaVMTargetType.JAVASCRIPT);
        tool.setJsModuleType(JSModuleType.UMD);
        tool.setMainClass(main.getName());
        tool.setTargetDirectory(folder.toFile());
        tool.setTargetFileName("test.js");
        tool.setObfuscated(true);   // as the application: a script whose own names clash with short ones fails here
        tool.setStrict(strict);
        tool.setOptimizationLevel(TeaVMOptimizationLevel.SIMPLE);
        tool.setLog(new ConsoleTeaVMToolLog(false));
        tool.generate();
        List<String> problems = new ArrayList<>();
        tool.getProblemProvider().getSevereProblems()
                .forEach(p -> problems.add(p.getText() + " " + List.of(p.getParams())));
        if (!problems.isEmpty()) {
            throw new IllegalStateException("TeaVM: " + problems);
        }
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
                .orElseThrow(() -> new IllegalStateException("no Chromium or Chrome found: install one or set the"
                        + " environment variable CHROMIUM to its executable"));
    }

    /** Value of a JavaScript expression, or of a function of {@code argument}. */
    public Object evaluate(String expression, Object argument) {
        return page.evaluate(expression, argument);
    }

    @Override
    public void close() {
        playwright.close();
    }
}
