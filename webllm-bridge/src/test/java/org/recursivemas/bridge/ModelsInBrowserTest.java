package org.recursivemas.bridge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.recursivemas.bridge.models.LatentScenario;
import org.recursivemas.bridge.models.ModelPage;
import org.recursivemas.bridge.models.TestModels;
import org.recursivemas.bridge.page.RandomLinks;
import org.recursivemas.pipeline.twin.ModelFolder;
import org.recursivemas.pipeline.twin.TwinDevice;

/** The bridge on the real WebLLM in Chromium, against the plain-Java twin; in this order on one page. */
class ModelsInBrowserTest {
    private static final List<String> BEFORE = List.of("wrongScriptIsNamed", "modelsLoad", "tokensRoundTrip",
            "latentsRoundTrip", "linkTakesMoreRowsThanBefore");
    private static final List<String> AFTER = List.of("nothingIsReadBeforeTheFirstToken", "nothingLeaks",
            "samplingFollowsTheSeed", "generationStops", "misuseIsNamed", "infiniteLatentsAreSeen", "stockNamesWork",
            "libraryWithoutHiddenStatesChats", "brokenFilesAreNamed", "loadCanBeStopped",
            "unloadedModelReloads",
            "fullMemoryAndDiskAreNamed", "speed", "everythingCloses");
    private static final Path MODELS = Path.of("target", "models");
    private static TestBrowser browser;

    @BeforeAll
    static void open() throws Exception {
        Path bundle = Path.of("target", "web-llm");
        Process node = new ProcessBuilder("node", Path.of("..", "static", "bundle.mjs").toString(), bundle.toString())
                .inheritIO().start();
        assertEquals(0, node.waitFor(), "bundling web-llm");
        delete(MODELS);
        TestModels.make(MODELS);
        browser = TestBrowser.open(ModelPage.class, Map.of("models", MODELS, "webllm", bundle));
    }

    private static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    @AfterAll
    static void close() {
        if (browser != null) {
            browser.close();
        }
    }

    @TestFactory
    Stream<DynamicTest> onWebLlm() {
        return Stream.of(
                BEFORE.stream().map(name -> DynamicTest.dynamicTest(name, () -> browser.run(name))),
                Stream.of(DynamicTest.dynamicTest("latentsAndTextEqualTheTwins", this::latentsAndTextEqualTheTwins),
                        DynamicTest.dynamicTest("quantizedModelEqualsItsTwin", this::quantizedModelEqualsItsTwin)),
                AFTER.stream().map(name -> DynamicTest.dynamicTest(name, () -> browser.run(name)))).flatMap(s -> s);
    }

    private void latentsAndTextEqualTheTwins() {
        String[] lines = browser.result("scenario").split("\n", -1);
        LatentScenario.Outcome expected;
        try (ModelFolder small = ModelFolder.load(MODELS.resolve("small")); ModelFolder wide = ModelFolder.load(
                MODELS.resolve("wide"))) {
            expected = new LatentScenario(small.model("small"), wide.model("wide"), new TwinDevice())
                    .run(true, (text, tokens) -> { });
        }
        int line = 0;
        double worst = 0;
        for (int i = 0; i < expected.names.size(); i++) {
            assertEquals(expected.names.get(i), lines[line++]);
            float[][] block = expected.blocks.get(i);
            float[][] actual = new float[block.length][];
            for (int row = 0; row < block.length; row++) {
                actual[row] = floats(lines[line++]);
                assertEquals(block[row].length, actual[row].length, expected.names.get(i));
            }
            double error = RandomLinks.worstError(block, actual);
            System.out.println(expected.names.get(i) + ": error " + error);
            worst = error <= worst ? worst : error;
        }
        assertTrue(worst <= ModelPage.TWIN_TOLERANCE, "worst error " + worst);
        assertEquals("norms", lines[line++]);
        float[] norms = floats(lines[line++]);
        assertEquals(expected.norms.length, norms.length);
        for (int i = 0; i < norms.length; i++) {
            assertEquals(expected.norms[i], norms[i], expected.norms[i] * ModelPage.TWIN_TOLERANCE, "norm " + i);
        }
        assertEquals("generation", lines[line++]);
        assertEquals(expected.generation.promptPositions() + " " + expected.generation.decodedTokens() + " "
                + expected.generation.finish(), lines[line++]);
        assertEquals(expected.generation.text(), String.join("\n", List.of(lines).subList(line, lines.length)));
    }

    /** The twin computes with the dequantized weights, so only rounding may differ. */
    private void quantizedModelEqualsItsTwin() {
        String[] lines = browser.result("quantizedModel").split("\n");
        float[][] expected;
        try (ModelFolder folder = ModelFolder.load(MODELS.resolve("small-q4"))) {
            expected = LatentScenario.hidden(folder.model("small-q4"), new TwinDevice());
        }
        assertEquals(expected.length, lines.length);
        float[][] actual = new float[lines.length][];
        for (int row = 0; row < lines.length; row++) {
            actual[row] = floats(lines[row]);
            assertEquals(expected[row].length, actual[row].length);
        }
        double error = RandomLinks.worstError(expected, actual);
        System.out.println("4-bit weights: error " + error);
        assertTrue(error <= ModelPage.TWIN_TOLERANCE, "error " + error);
    }

    private static float[] floats(String line) {
        String[] parts = line.trim().split(" ");
        float[] values = new float[parts.length];
        for (int i = 0; i < parts.length; i++) {
            values[i] = Float.parseFloat(parts[i]);
        }
        return values;
    }
}
