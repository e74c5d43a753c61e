package org.recursivemas.library.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.recursivemas.library.link.LibraryLinker;

/** The unmodified web-llm engine loads a library made of the runtime and the plan of {@link TinyModel}. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LibraryInBrowserTest {
    private static final String ALPHABET = "abcdefghijklmnopqrstuvwxyz";

    private EnginePage page;

    @BeforeAll
    void loadEngine(@TempDir Path folder) throws IOException {
        TinyModel.writeModel(folder.resolve("tiny"));
        LibraryLinker.link(TinyModel.plan(), folder.resolve("tiny.wasm"));
        page = new EnginePage(folder);
        try {
            page.run("window.engine = await load('tiny', 'tiny');");
        } catch (RuntimeException e) {
            throw new AssertionError("reload failed; the console says:\n" + page.log(), e);
        }
    }

    @AfterAll
    void close() {
        if (page != null) {
            page.close();
        }
    }

    private String ask(String content, String options) {
        return (String) page.run("return (await ask(engine, arg, " + options + ")).choices[0].message.content;", content);
    }

    @Test
    void chatAnswersAsComputedInJava() {
        assertEquals(ALPHABET, TinyModel.answer(TinyModel.prompt("x"), 100));
        assertEquals(ALPHABET, ask("x", "{}"));
    }
}
