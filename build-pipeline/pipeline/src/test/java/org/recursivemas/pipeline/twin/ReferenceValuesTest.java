package org.recursivemas.pipeline.twin;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.recursivemas.compiler.ModelConfig;
import org.recursivemas.pipeline.checkpoint.Checkpoint;

/** The twin against numbers that PyTorch and transformers computed from the same tiny random checkpoints. */
class ReferenceValuesTest {
    /** Largest difference, as a part of the largest reference value. */
    private static final double TOLERANCE = 1e-4;

    @JsonIgnoreProperties(ignoreUnknown = true)
    private record Reference(@JsonProperty("input_ids") int[] inputIds, @JsonProperty("hidden") double[][] hidden,
            @JsonProperty("last_logits") double[] lastLogits, @JsonProperty("greedy_ids") int[] greedyIds) {
    }

    static List<Path> checkpoints() throws IOException, URISyntaxException {
        Path resources = Path.of(ReferenceValuesTest.class.getResource("/tiny-qwen2").toURI()).getParent();
        try (Stream<Path> folders = Files.list(resources)) {
            return folders.filter(f -> f.getFileName().toString().startsWith("tiny-qwen2")).sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("checkpoints")
    void twinEqualsPyTorch(Path folder) throws IOException {
        Reference reference = new ObjectMapper().readValue(folder.resolve("reference.json").toFile(), Reference.class);
        TwinWeights weights;
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            weights = TwinWeights.read(ModelConfig.read(folder.resolve("config.json")), checkpoint);
        }
        TwinState state = new TwinState(weights);
        float[][] hidden = state.hidden(reference.inputIds());
        double largest = Stream.of(reference.hidden()).flatMapToDouble(java.util.Arrays::stream).map(Math::abs).max()
                .orElseThrow();
        assertEquals(reference.hidden().length, hidden.length);
        for (int t = 0; t < hidden.length; t++) {
            assertEquals(reference.hidden()[t].length, hidden[t].length);
            for (int i = 0; i < hidden[t].length; i++) {
                assertEquals(reference.hidden()[t][i], hidden[t][i], TOLERANCE * largest, "hidden state " + t + ", "
                        + i);
            }
        }
        float[] logits = weights.logits(hidden[hidden.length - 1]);
        TwinStateTest.close(reference.lastLogits(), logits, TOLERANCE, "logits of the last position");
        int[] greedy = new int[reference.greedyIds().length];
        for (int i = 0; i < greedy.length; i++) {
            greedy[i] = Kernels.argmax(logits);
            logits = weights.logits(state.lastHidden(weights.embed(new int[] {greedy[i]})));
        }
        assertArrayEquals(reference.greedyIds(), greedy);
    }
}
