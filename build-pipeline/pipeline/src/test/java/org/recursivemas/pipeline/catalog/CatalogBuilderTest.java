package org.recursivemas.pipeline.catalog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.recursivemas.data.CatalogEntry;
import org.recursivemas.data.CatalogModel;
import org.recursivemas.data.ModelCatalog;
import org.recursivemas.data.Team;
import org.recursivemas.models.CatalogReader;
import org.recursivemas.pipeline.InputException;
import org.recursivemas.pipeline.convert.JsonFiles;

/** The page's catalogue, as the site's build makes it. */
class CatalogBuilderTest {
    private static final Path SOURCE = Path.of("..", "catalog", "source.json");

    @TempDir
    static Path folder;
    private static Path out;
    private static ModelCatalog catalog;

    @BeforeAll
    static void build() throws IOException {
        out = folder.resolve("out");
        assertTrue(new CatalogBuilder(SOURCE, Map.of(), line -> { }).build(out));
        catalog = CatalogReader.read(JsonFiles.MAPPER.readValue(out.resolve("catalog.json").toFile(), Object.class), "it");
    }

    private static CatalogEntry entry(String id) {
        return catalog.entries.stream().filter(entry -> entry.id.equals(id)).findFirst().orElseThrow();
    }

    @Test
    void sizesAreThoseOfThePublishedWeights() {
        CatalogModel model = entry("qwen2.5-0.5b-q4f16_1").models.get(0);
        assertEquals(494_032_768L, model.parameters);
        assertEquals(277_996_288L, model.weightBytes);   // the sum that MLC-LLM states in tensor-cache.json
        assertEquals(68_067_328L, model.largestBufferBytes);
        assertEquals(2L * 24 * 128 * 2 * 4096, model.cacheBytes);
        assertEquals(277_996_288L + 7_031_645L, model.downloadBytes);
        CatalogModel wide = entry("qwen2.5-0.5b-q4f32_1").models.get(0);
        assertEquals(277_996_288L + 7_031_645L, wide.downloadBytes, "floats are stored in two bytes");
        assertTrue(wide.weightBytes > model.weightBytes && !wide.f16 && model.f16);
        assertEquals("qwen2.5-0.5b-q4f32_1", entry("qwen2.5-0.5b-q4f16_1").alternative);
        assertNull(entry("qwen2.5-0.5b-q4f32_1").alternative);
    }

    @Test
    void everyEntryHasALibraryAndATeam() throws IOException {
        assertEquals(12, catalog.entries.size());
        for (CatalogEntry entry : catalog.entries) {
            Path file = out.resolve(entry.team);
            Team team = JsonFiles.MAPPER.readValue(file.toFile(), Team.class);
            CatalogModel model = entry.models.get(0);
            assertNull(team.links);
            assertFalse(entry.latent);
            assertTrue(model.scratchBytes > 0 && model.cacheBytes > 0);
            team.agents.forEach(agent -> {
                assertEquals(model.folder, agent.model);
                assertEquals(4096, agent.contextWindow);
                if (model.library.startsWith("https:")) {
                    assertEquals(model.library, agent.library);
                } else {
                    Path library = file.resolveSibling(agent.library).normalize();
                    assertEquals(out.resolve(model.library), library);
                    assertEquals(model.libraryBytes, library.toFile().length());
                }
            });
        }
        assertEquals(List.of("https://raw.githubusercontent.com/mlc-ai/binary-mlc-llm-libs/main/web-llm-models/v0_2_86/base/"
                + "Llama-3.2-1B-Instruct-q4f16_1_cs1k-webgpu.wasm"),
                entry("llama-3.2-1b-q4f16_1-stock").models.stream().map(model -> model.library).toList());
        assertFalse(new CatalogBuilder(SOURCE, Map.of(), line -> { }).build(out), "nothing has changed");
    }

    private static void fault(String pointer, String field, String value, String part) throws IOException {
        JsonNode source = JsonFiles.MAPPER.readTree(SOURCE.toFile());
        ((ObjectNode) source.at(pointer)).put(field, value);
        Path file = folder.resolve("faulty.json");
        Files.writeString(file, source.toString());
        InputException failure = assertThrows(InputException.class, () -> CatalogSource.read(file));
        assertTrue(failure.getMessage().contains(part), failure.getMessage());
    }

    @Test
    void faultsOfTheSourceAreNamed() throws IOException {
        fault("", "format", "x", "recursivemas.catalog-source");
        fault("/backbones/1", "id", "qwen2.5-0.5b", "backbones[1].id");
        fault("/backbones/0", "chat", "none", "backbones[0].chat");
        fault("/backbones/0", "weights", "http://h.example/{quantization}/", "backbones[0].weights");
        fault("/backbones/4", "stock_library", "https://h.example/x.wasm", "backbones[4].stock_library");
        fault("/backbones/0", "surprise", "x", "surprise");
    }
}
