package org.recursivemas.browser;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.PlaywrightException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.recursivemas.browser.SpeedRow.Way;
import org.recursivemas.data.RunReport;
import org.recursivemas.pipeline.cli.StaticServer;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Latent and text hand-offs against each other in a real browser: the same team, problems and greedy decoding in one go, each
 * problem in every way before the next one, another way first each time. Two problems beforehand, which do not count, load
 * the models and compile what runs.
 */
@Command(name = "benchmark-runs", mixinStandardHelpOptions = true, sortOptions = false, description =
        "Runs problems in a Chromium without a window, by hidden states, by text and by one agent, and prints accuracy, "
        + "tokens, positions, time and how many times faster latent hand-offs are. Ctrl-C keeps what is done; the same "
        + "command goes on.")
public final class SpeedBenchmark implements Callable<Integer> {
    private static final String FORMAT = "recursivemas.speed";
    private static final int WARM_UP = 2;

    @Option(names = "--problems", defaultValue = "20", description = "How many problems; default: ${DEFAULT-VALUE}.")
    private int problems;
    @Option(names = "--rounds", split = ",", defaultValue = "1,2,3", description = "Depths, 1 to 5; default: ${DEFAULT-VALUE}.")
    private List<Integer> rounds;
    @Option(names = "--latent-steps", split = ",", defaultValue = "24,32",
            description = "Latent steps a message, 0 to 80; default: ${DEFAULT-VALUE}.")
    private List<Integer> latentSteps;
    @Option(names = "--tasks", paramLabel = "FILE",
            description = "JSON lines with question and answer; default: the site's held-out.jsonl.")
    private Path tasks;
    @Option(names = "--team", paramLabel = "ADDRESS", description = "Address of another team than the site's first.")
    private String team;
    @Option(names = "--cpu", description = "Use the CPU's WebGPU adapter even where there is a GPU.")
    private boolean cpu;
    @Option(names = "--timeout", defaultValue = "300", description = "Seconds for one run; default: ${DEFAULT-VALUE}.")
    private int timeoutSeconds;
    @Option(names = "--results", paramLabel = "FILE", defaultValue = "speed.jsonl",
            description = "Every run, a JSON line each, written as it ends; default: ${DEFAULT-VALUE}.")
    private Path results;
    @Option(names = "--show", description = "Run nothing: print the table of the file of --results.")
    private boolean show;
    @Option(names = "--site", required = true, paramLabel = "FOLDER", description = "The assembled site.")
    private Path site;

    private final ObjectMapper json = HeadlessRun.mapper().disable(SerializationFeature.INDENT_OUTPUT);

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new SpeedBenchmark()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException {
        if (problems < 1 || rounds.stream().anyMatch(depth -> depth < 1 || depth > 5)
                || latentSteps.stream().anyMatch(steps -> steps < 0 || steps > 80)) {
            System.err.println("--problems must be at least 1, --rounds 1 to 5, --latent-steps 0 to 80.");
            return 2;
        }
        try {
            if (!show) {
                run();
            }
            System.out.print(new SpeedTable(read(results)).markdown());
            return 0;
        } catch (PlaywrightException | IllegalStateException e) {
            System.err.println("benchmark-runs failed: " + e.getMessage().lines().findFirst().orElse(""));
            return 1;
        }
    }

    private List<Way> ways() {
        List<Way> ways = new ArrayList<>();
        for (int depth : rounds) {
            ways.add(new Way("text", depth, 0));
            latentSteps.forEach(steps -> ways.add(new Way("latent", depth, steps)));
        }
        ways.add(new Way("single", 1, 0));
        return ways;
    }

    private void run() throws IOException {
        Path file = tasks != null ? tasks : site.resolve("held-out.jsonl");
        if (!Files.isRegularFile(site.resolve("index.html")) || !Files.isRegularFile(file)) {
            throw new IllegalStateException("No site in " + site + " or no tasks in " + file + ": build with `./mvnw package`.");
        }
        List<JsonNode> tasksOfFile = new ArrayList<>();
        try (Stream<String> lines = Files.lines(file)) {
            for (String line : (Iterable<String>) lines.filter(text -> !text.isBlank())::iterator) {
                tasksOfFile.add(json.readTree(line));
            }
        }
        if (tasksOfFile.size() < problems + WARM_UP) {
            throw new IllegalStateException(file + " has " + tasksOfFile.size() + " problems; " + problems + " and "
                    + WARM_UP + " to warm up with are needed: lower --problems.");
        }
        List<SpeedRow> done = Files.exists(results) ? read(results) : List.of();
        try (StaticServer server = StaticServer.start(site, 0); Playwright playwright = Chromium.playwright();
                Browser browser = cpu ? Chromium.launch(playwright, Chromium.Gpu.CPU)
                        : Chromium.launchBest(playwright, server.address().toString())) {
            Page page = browser.newPage();
            page.setDefaultTimeout(timeoutSeconds * 1000.0);
            String query = team == null ? "" : "?team=" + URLEncoder.encode(team, StandardCharsets.UTF_8);
            page.navigate(server.address() + query);
            page.waitForFunction("() => window.recursivemas && document.getElementById('team-title')?.textContent");
            RunReport first = null;
            for (int i = 0; i < WARM_UP; i++) {
                for (Way way : List.of(new Way("latent", rounds.get(0), latentSteps.get(0)),
                        new Way("text", rounds.get(0), 0), new Way("single", 1, 0))) {
                    first = answer(page, tasksOfFile.get(tasksOfFile.size() - 1 - i), way);
                }
            }
            begin(first, file);
            for (int problem = 0; problem < problems; problem++) {
                for (Way way : missing(ways(), problem, done)) {
                    append(json.writeValueAsString(new SpeedRow(problem, way,
                            answer(page, tasksOfFile.get(problem), way).modes.get(0))));
                }
                System.err.printf(Locale.ROOT, "%d of %d problems%n", problem + 1, problems);
            }
        }
    }

    /** The ways in which a problem is still to be answered, another one first for each problem. */
    static List<Way> missing(List<Way> ways, int problem, List<SpeedRow> done) {
        List<Way> missing = new ArrayList<>(ways);
        Collections.rotate(missing, -problem * 3);
        done.stream().filter(row -> row.problem == problem).map(SpeedRow::way).forEach(missing::remove);
        return missing;
    }

    /** Writes the first line of a new file, or checks that of one to go on with. */
    private void begin(RunReport report, Path file) throws IOException {
        ObjectNode header = json.createObjectNode().put("format", FORMAT).put("version", 1).put("team", report.team)
                .put("tasks", file.getFileName().toString());
        header.set("artifacts", json.valueToTree(report.artifacts));
        header.set("environment", json.valueToTree(report.environment));
        if (!Files.exists(results)) {
            append(header.toString());
            return;
        }
        try (BufferedReader reader = Files.newBufferedReader(results)) {
            if (!json.readTree(reader.readLine()).equals(header)) {
                throw new IllegalStateException(results + " was measured with another team, task file, browser or GPU: "
                        + "name another file with --results, or delete it.");
            }
        }
    }

    private void append(String line) throws IOException {
        try (Writer writer = Files.newBufferedWriter(results, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            writer.write(line + "\n");
        }
    }

    /** The runs of a results file. */
    private List<SpeedRow> read(Path file) throws IOException {
        List<SpeedRow> rows = new ArrayList<>();
        if (!Files.isRegularFile(file)) {
            throw new IllegalStateException(file + " is missing: name the results of a benchmark with --results.");
        }
        int number = 0;
        for (String line : Files.readAllLines(file)) {
            number++;
            try {
                JsonNode node = json.readTree(line);
                if (number == 1 && !node.path("format").asText().equals(FORMAT)) {
                    throw new IllegalStateException(file + ": the first line has no format \"" + FORMAT + "\".");
                } else if (number > 1) {
                    rows.add(json.treeToValue(node, SpeedRow.class));
                }
            } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
                throw new IllegalStateException(file + ", line " + number + ": " + e.getOriginalMessage()
                        + ". Delete that line, or the file.");
            }
        }
        return rows;
    }

    private RunReport answer(Page page, JsonNode task, Way way) throws IOException {
        ObjectNode request = json.createObjectNode().put("problem", task.path("question").asText())
                .put("expected", task.path("answer").asText()).put("rounds", way.rounds())
                .put("latent_steps", way.latentSteps()).put("temperature", 0).put("seed", 0);
        request.putArray("modes").add(way.mode());
        return json.readValue((String) page.evaluate(HeadlessRun.RUN, List.of(request.toString(), timeoutSeconds)),
                RunReport.class);
    }
}
