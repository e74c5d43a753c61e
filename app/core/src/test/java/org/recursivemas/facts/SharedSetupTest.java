package org.recursivemas.facts;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.recursivemas.measure.SharedSetup;
import org.recursivemas.playground.RunRequest;

class SharedSetupTest {
    /** What a link calls otherwise. */
    private static final Map<String, String> NAMES = Map.of("modes", "ways");
    /** How a run is watched, not what it gives. */
    private static final Set<String> WATCHING = Set.of("seeInside", "stepwise");

    @Test
    void everySettingOfARunTravelsInALink() {
        Set<String> settings = Arrays.stream(RunRequest.class.getDeclaredFields())
                .filter(field -> !Modifier.isStatic(field.getModifiers()) && !WATCHING.contains(field.getName()))
                .map(field -> NAMES.getOrDefault(field.getName(), field.getName()))
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> shared = Arrays.stream(SharedSetup.class.getRecordComponents()).map(RecordComponent::getName)
                .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(settings, shared);
    }
}
