package org.recursivemas.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the page's script and the worker's hold. */
class ScriptsTest {
    private static String script(String name) throws IOException {
        return Files.readString(Path.of("target", "js", name));
    }

    @Test
    void versionIsTheBuildsVersion() {
        assertEquals(System.getProperty("recursivemas.version"), Scripts.VERSION);
    }

    @Test
    void thePagesScriptKnowsNothingOfModelsLinksAndGpu() throws IOException {
        String page = script(Scripts.PAGE);
        String worker = script(Scripts.WORKER);
        // The page does read lists of weights (tensor-cache.json), to compare its models with those of other browsers.
        for (String name : List.of("requestDevice", "createBuffer", "MLCEngine", "post_ln")) {
            assertTrue(worker.contains(name), "the worker's script lacks " + name);
            assertFalse(page.contains(name), "the page's script holds " + name);
        }
    }
}
