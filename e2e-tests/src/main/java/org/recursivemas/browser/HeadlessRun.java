package org.recursivemas.browser;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.PlaywrightException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.recursivemas.data.ModeReport;
import org.recursivemas.data.RunReport;
import org.recursivemas.data.StageReport;
import org.recursivemas.pipeline.cli.StaticServer;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * Runs one problem in the playground without a window: serves the site, opens it in Chromium, asks the page's automation
 * hook {@code window.recursivemas.run(requestJson)} for a run and prints the run's report.
 */
@Command(name = "headless", mixinStandardHelpOptions = true, sortOptions = false,
        description = "Runs one problem in a Chromium without a window and prints the run's report.")
public final class HeadlessRun implements Callable<Integer> {
    /** Script: a run with [request as JSON, seconds that it may take], answers with its report as JSON. */
    static final String RUN = "([request, seconds]) => Promise.race([window.recursivemas.run(request), new Promise((_, reject) =>"
            + " setTimeout(() => reject(new Error('no result after ' + seconds + ' s')), seconds * 1000))])";

    @Parameters(paramLabel = "PROBLEM", arity = "0..1",
            description = "The problem; without it, a fresh one with a known answer.")
    private String problem;
    @Option(names = "--expected", paramLabel = "ANSWER", description = "The right answer, to be compared with.")
    private String expected;
    @Option(names = "--rounds", description = "Depth, 1 to 5; default: the team's.")
    private Integer rounds;
    @Option(names = "--latent-steps", description = "Latent steps of every rollout, 0 to 80; default: the team's.")
    private Integer latentSteps;
    @Option(names = "--modes", split = ",", defaultValue = "latent,text,single",
            description = "Out of latent, text, single; default: ${DEFAULT-VALUE}.")
    private List<String> modes;
    @Option(names = "--temperature", defaultValue = "0", description = "0 (greedy) to 2; default: ${DEFAULT-VALUE}.")
    private double temperature;
    @Option(names = "--seed", defaultValue = "0",
            description = "Seed of the sampler, and of the fresh problem; default: ${DEFAULT-VALUE}.")
    private int seed;
    @Option(names = "--cpu", description = "Use the CPU's WebGPU adapter even where there is a GPU.")
    private boolean cpu;
    @Option(names = "--timeout", defaultValue = "600", description = "Seconds; default: ${DEFAULT-VALUE}.")
    private int timeoutSeconds;
    @Option(names = "--report", paramLabel = "FILE", description = "Also writes the report (JSON) to this file.")
    private Path reportFile;
    @Option(names = "--site", required = true, paramLabel = "FOLDER", description = "The assembled site.")
    private Path site;

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new HeadlessRun()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException {
        if (!Files.isRegularFile(site.resolve("index.html"))) {
            System.err.println("No site in " + site + " (index.html is missing): build it with `./mvnw package`.");
            return 2;
        }
        ObjectMapper json = mapper();
        String report;
        try (StaticServer server = StaticServer.start(site, 0); Playwright playwright = Chromium.playwright();
                Browser browser = cpu ? Chromium.launch(playwright, Chromium.Gpu.CPU)
                        : Chromium.launchBest(playwright, server.address().toString())) {
            Page page = browser.newPage();
            page.setDefaultTimeout(timeoutSeconds * 1000.0);
            page.onConsoleMessage(message -> {
                if (message.type().equals("error")) {
                    System.err.println("page: " + message.text());
                }
            });
            page.navigate(server.address().toString());
            page.waitForFunction("() => window.recursivemas && window.recursivemas.run");
            report = (String) page.evaluate(RUN, List.of(request(json), timeoutSeconds));
        } catch (PlaywrightException | IllegalStateException e) {
            System.err.println("The run failed: " + firstLines(e.getMessage()));
            return 1;
        }
        if (reportFile != null) {
            Path aside = reportFile.resolveSibling(reportFile.getFileName() + ".part");
            Files.writeString(aside, report);
            Files.move(aside, reportFile, StandardCopyOption.REPLACE_EXISTING);
        }
        RunReport run = json.readValue(report, RunReport.class);
        System.out.println(json.writeValueAsString(json.readTree(report)));
        System.out.print(summary(run));
        return 0;
    }

    private String request(ObjectMapper json) throws JsonProcessingException {
        ObjectNode request = json.createObjectNode();
        request.put("problem", problem);
        request.put("expected", expected);
        request.put("rounds", rounds);
        request.put("latent_steps", latentSteps);
        request.put("temperature", temperature);
        request.put("seed", seed);
        ArrayNode list = request.putArray("modes");
        modes.forEach(list::add);
        request.putObject("systems");
        return json.writeValueAsString(request);
    }

    static ObjectMapper mapper() {
        return new ObjectMapper()
                .enable(SerializationFeature.INDENT_OUTPUT)
                .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
    }

    private static String firstLines(String message) {
        return message.lines().limit(4).reduce((a, b) -> a + System.lineSeparator() + b).orElse("");
    }

    /** The run as a table for people. */
    static String summary(RunReport run) {
        StringBuilder text = new StringBuilder();
        text.append("\nProblem:  ").append(run.problem).append('\n');
        if (run.expected != null) {
            text.append("Expected: ").append(run.expected).append('\n');
        }
        text.append(String.format(Locale.ROOT, "%n%-8s %-12s %-8s %7s %8s %9s %9s %10s %9s%n", "mode", "answer",
                "correct", "rounds", "latent", "decoded", "positions", "seconds", "link ms"));
        for (ModeReport mode : run.modes) {
            text.append(String.format(Locale.ROOT, "%-8s %-12s %-8s %7d %8d %9d %9d %10.2f %9s%n", mode.mode,
                    mode.answer == null || mode.answer.isEmpty() ? "(none)" : mode.answer,
                    mode.correct == null ? "?" : mode.correct ? "yes" : "no", mode.rounds, mode.latentStepsTotal,
                    mode.decodedTokens, mode.positions, mode.millis / 1000,
                    mode.linkMillis < 0 ? "n/a" : String.format(Locale.ROOT, "%.1f", mode.linkMillis)));
        }
        for (ModeReport mode : run.modes) {
            text.append('\n').append(mode.mode).append(":\n");
            for (StageReport stage : mode.stages) {
                text.append(String.format(Locale.ROOT,
                        "  round %d  %-10s %-8s prompt %4d  latents in %3d  latent steps %3d  decoded %3d  %8.0f ms%n",
                        stage.round, stage.agent, stage.kind, stage.promptPositions, stage.latentRowsIn,
                        stage.latentSteps, stage.decodedTokens, stage.millis));
            }
            text.append("  wrote: ").append(mode.text == null ? "" : mode.text.strip().replace("\n", "\n         "))
                    .append('\n');
        }
        return text.toString();
    }
}
