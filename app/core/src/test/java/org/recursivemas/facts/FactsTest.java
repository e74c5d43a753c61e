package org.recursivemas.facts;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class FactsTest {
    @TestFactory
    Stream<DynamicTest> holdsOnTheJvm() {
        return Facts.all().entrySet().stream()
                .map(fact -> DynamicTest.dynamicTest(fact.getKey(), fact.getValue()::check));
    }
}
