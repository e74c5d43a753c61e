package org.recursivemas.bridge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ModelSourceTest {
    private static ModelSource source(String model) {
        return new ModelSource("planner", model, "https://example.org/planner.wasm", 0);
    }

    @Test
    void plainFolderIsReadAsItIs() {
        for (String url : new String[] {"https://example.org/models/planner", "https://example.org/models/planner/"}) {
            assertEquals("https://example.org/models/planner/", source(url).folder());
            // WebLLM appends resolve/main/ to URLs without such a part and then normalises them.
            assertEquals("https://example.org/models/planner/resolve/main/../../", source(url).webLlmUrl());
        }
    }

    @Test
    void folderWithRevisionIsReadAsItIs() {
        ModelSource source = source("https://example.org/planner/resolve/r7");
        assertEquals("https://example.org/planner/resolve/r7/", source.folder());
        assertEquals(source.folder(), source.webLlmUrl());
    }

    @Test
    void hubPageStandsForItsMainRevision() {
        ModelSource source = source("https://huggingface.co/user/model");
        assertEquals("https://huggingface.co/user/model/resolve/main/", source.folder());
        assertEquals(source.folder(), source.webLlmUrl());
        assertEquals("https://huggingface.co/user/model/resolve/v2/",
                source("https://huggingface.co/user/model/resolve/v2/").folder());
    }

    @Test
    void relativeUrlIsRefusedWithItsField() {
        String message = assertThrows(IllegalArgumentException.class, () -> source("models/planner")).getMessage();
        assertTrue(message.contains("\"planner\"") && message.contains("field model"), message);
        message = assertThrows(IllegalArgumentException.class,
                () -> new ModelSource("solver", "http://localhost/m", null, 0)).getMessage();
        assertTrue(message.contains("field library"), message);
        assertThrows(IllegalArgumentException.class, () -> new ModelSource("", "http://localhost/m",
                "http://localhost/l", 0));
    }
}
