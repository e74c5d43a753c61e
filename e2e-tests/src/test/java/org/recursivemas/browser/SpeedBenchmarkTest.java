package org.recursivemas.browser;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.recursivemas.browser.SpeedRow.Way;
import org.recursivemas.data.ModeReport;
import picocli.CommandLine;

class SpeedBenchmarkTest {
    private static SpeedRow row(int problem, String mode, int steps, double millis, int tokens, boolean correct) {
        ModeReport report = new ModeReport();
        report.correct = correct;
        report.decodedTokens = tokens;
        report.positions = 100;
        report.millis = millis;
        return new SpeedRow(problem, new Way(mode, 3, steps), report);
    }

    @Test
    void quartilesLieBetweenNeighbours() {
        assertArrayEquals(new double[] {1.75, 2.5, 3.25}, SpeedTable.quartiles(new double[] {4, 1, 3, 2}), 1e-12);
        assertArrayEquals(new double[] {5, 5, 5}, SpeedTable.quartiles(new double[] {5}), 0);
    }

    @Test
    void latentRunsAreJudgedAgainstTheTextRunOfTheSameProblem() {
        List<SpeedRow> rows = new ArrayList<>();
        double[] text = {100, 200, 900};
        double[] latent = {50, 50, 300};   // 2, 4 and 3 times faster; by the means it would be 3
        for (int i = 0; i < 3; i++) {
            rows.add(row(i, "text", 0, text[i], 40, true));
            rows.add(row(i, "latent", 24, latent[i], 10, i != 1));
        }
        rows.add(row(7, "latent", 24, 1, 1000, true));   // a problem without its text run is not compared
        String table = new SpeedTable(rows).markdown();
        assertTrue(table.contains("| 3 | text | 3 of 3 | 43.9 to 100.0 % | 40.0 | 100 | 200 (150 to 550) | 400 |"), table);
        assertTrue(table.contains("| 3 | latent, m = 24 | 3 of 4 |"), table);
        assertTrue(table.contains("| 3.00 times (2.50 to 3.50) | 75.0 % |"), table);
    }

    @Test
    void resultsThatAreNotOursAreRefusedByLine(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("speed.jsonl");
        Files.writeString(file, "{\"format\":\"recursivemas.speed\",\"version\":1}\n{\"problem\": 1,\n");
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        PrintStream before = System.err;
        System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
        try {
            assertEquals(1, execute(folder, "--show", "--results", file.toString()));
        } finally {
            System.setErr(before);
        }
        assertTrue(said.toString(StandardCharsets.UTF_8).contains("speed.jsonl, line 2"), said.toString(StandardCharsets.UTF_8));
    }

    @Test
    void interruptedBenchmarkGoesOnWithWhatIsMissing() {
        List<Way> ways = List.of(new Way("text", 3, 0), new Way("latent", 3, 24), new Way("latent", 3, 32), new Way("single", 1, 0));
        List<SpeedRow> done = List.of(row(0, "text", 0, 1, 1, true), row(1, "latent", 24, 1, 1, true));
        assertEquals(ways.subList(1, 4), SpeedBenchmark.missing(ways, 0, done));
        assertEquals(List.of(ways.get(3), ways.get(0), ways.get(2)), SpeedBenchmark.missing(ways, 1, done));
    }

    @Test
    void everyWayOfAProblemIsALine(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("speed.jsonl");
        assertEquals(0, execute(Site.folder(), "--cpu", "--problems", "1", "--rounds", "1", "--latent-steps", "2", "--results",
                file.toString()));
        ObjectMapper json = HeadlessRun.mapper();
        List<String> lines = Files.readAllLines(file);
        assertEquals(4, lines.size(), String.join("\n", lines));
        assertTrue(json.readTree(lines.get(0)).at("/artifacts").has("recursivelink.json"), lines.get(0));
        SpeedRow text = json.readValue(lines.get(1), SpeedRow.class);
        SpeedRow latent = json.readValue(lines.get(2), SpeedRow.class);
        assertEquals(List.of("text", "latent", 2), List.of(text.mode, latent.mode, latent.latentSteps));
        assertTrue(text.decodedTokens > latent.decodedTokens && latent.decodedTokens > 0 && latent.millis > 0, lines.toString());
    }

    private static int execute(Path site, String... options) {
        List<String> all = new ArrayList<>(List.of(options));
        all.addAll(List.of("--site", site.toString()));
        return new CommandLine(new SpeedBenchmark()).execute(all.toArray(String[]::new));
    }
}
