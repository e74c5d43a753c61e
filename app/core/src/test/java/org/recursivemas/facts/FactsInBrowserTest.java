package org.recursivemas.facts;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

    private static String inBrowser(String name, int seed) {
        return (String) page.evaluate("([name, seed]) => facts.sample(name, seed)", List.of(name, seed));
    }

    @ParameterizedTest
    @ValueSource(strings = {"problems", "f16", "bf16"})
    void sameSeedGivesTheSameInTheBrowser(String name) {
        for (int seed = 0; seed < 20; seed++) {
            Assertions.assertEquals(Samples.of(name, seed), inBrowser(name, seed), name + " of seed " + seed);
        }
    }

    @Test
    void linksComputeTheSameInTheBrowser() {
        for (int seed = 0; seed < 5; seed++) {
            float[][] jvm = {floats(Samples.links(seed))};
            float[][] browser = {floats(inBrowser("links", seed))};
            Check.close(jvm, browser, 1e-6, "links, seed " + seed);
        }
    }

    private static float[] floats(String bits) {
        String[] words = bits.trim().split(" ");
        float[] values = new float[words.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = Float.intBitsToFloat(Integer.parseUnsignedInt(words[i], 16));
        }
        return values;
    }
}
