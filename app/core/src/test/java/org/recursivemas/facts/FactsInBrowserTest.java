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
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.teavm.backend.javascript.JSModuleType;
import org.teavm.tooling.ConsoleTeaVMToolLog;
import org.teavm.tooling.TeaVMTargetType;
import org.teavm.tooling.TeaVMTool;
import org.teavm.vm.TeaVMOptimizationLevel;

/** The same facts, compiled to JavaScript by TeaVM and checked in Chromium. */
class FactsInBrowserTest {
    private static Playwright playwright;
    private static Page page;

    @BeforeAll
    static void compileAndOpen() throws Exception {
        Path folder = Path.of("target", "facts");
        compile(folder);
        Path html = folder.resolve("index.html");
        Files.writeString(html, "<!DOCTYPE html><title>facts</title><script src=\"facts.js\"></script><script>main()</script>");
        playwright = Playwright.create(new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        Browser browser = playwright.chromium().launch(new BrowserType.LaunchOptions().setExecutablePath(chromium())
                .setArgs(List.of("--no-sandbox", "--disable-quic", "--disable-background-networking")));
        page = browser.newPage();
        page.navigate(html.toUri().toString());
    }

    private static void compile(Path folder) throws Exception {
        Files.createDirectories(folder);
        TeaVMTool tool = new TeaVMTool();
        tool.setClassLoader(FactsInBrowserTest.class.getClassLoader());
        tool.setClassPath(classPath());
        tool.setTargetType(TeaVMTargetType.JAVASCRIPT);
        tool.setJsModuleType(JSModuleType.UMD);
        tool.setMainClass(FactsPage.class.getName());
        tool.setTargetDirectory(folder.toFile());
        tool.setTargetFileName("facts.js");
        tool.setObfuscated(false);
        tool.setStrict(true);
        tool.setOptimizationLevel(TeaVMOptimizationLevel.SIMPLE);
        tool.setLog(new ConsoleTeaVMToolLog(false));
        tool.generate();
        List<String> problems = new ArrayList<>();
        tool.getProblemProvider().getSevereProblems().forEach(p -> problems.add(p.getText() + " " + List.of(p.getParams())));
        Assertions.assertEquals(List.of(), problems, "problems found by TeaVM");
    }

    private static List<File> classPath() {
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator)).map(File::new).toList();
    }

    /** An installed Chromium or Chrome: the environment variable CHROMIUM, else by its usual names on the PATH. */
    private static Path chromium() {
        String named = System.getenv("CHROMIUM");
        if (named != null && !named.isBlank()) {
            return Path.of(named);
        }
        List<String> folders = List.of(System.getenv("PATH").split(File.pathSeparator));
        return Stream.of("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "chrome.exe")
                .flatMap(name -> folders.stream().map(folder -> Path.of(folder, name)))
                .filter(Files::isExecutable).findFirst()
                .orElseThrow(() -> new IllegalStateException(
                        "no Chromium or Chrome found: install one or set the environment variable CHROMIUM to its executable"));
    }

    @AfterAll
    static void close() {
        if (playwright != null) {
            playwright.close();
        }
    }

    @TestFactory
    Stream<DynamicTest> holdsInJavaScript() {
        int count = (Integer) page.evaluate("facts.names.length");
        Assertions.assertEquals(Facts.all().size(), count, "facts in the page");
        return IntStream.range(0, count).mapToObj(i -> DynamicTest.dynamicTest(
                (String) page.evaluate("facts.names[" + i + "]"),
                () -> Assertions.assertEquals("", page.evaluate("facts.check(" + i + ")"))));
    }
}
