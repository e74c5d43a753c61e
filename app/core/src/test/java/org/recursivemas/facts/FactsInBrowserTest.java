package org.recursivemas.facts;

import java.nio.file.Path;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The same facts, compiled to JavaScript by TeaVM and checked in Chromium. */
class FactsInBrowserTest {
    private static CompiledPage page;

    @BeforeAll
    static void open() throws Exception {
        page = CompiledPage.open(FactsPage.class, Path.of("target", "facts"), true);
    }

    @AfterAll
    static void close() {
        if (page != null) {
            page.close();
        }
    }

    @TestFactory
    Stream<DynamicTest> holdsInJavaScript() {
        int count = (Integer) page.evaluate("facts.names.length", null);
        Assertions.assertEquals(Facts.all().size(), count, "facts in the page");
        return IntStream.range(0, count).mapToObj(i -> DynamicTest.dynamicTest(
                (String) page.evaluate("i => facts.names[i]", i),
                () -> Assertions.assertEquals("", page.evaluate("i => facts.check(i)", i))));
    }
}
