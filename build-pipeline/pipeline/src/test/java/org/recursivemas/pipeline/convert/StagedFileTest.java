package org.recursivemas.pipeline.convert;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.recursivemas.pipeline.InputException;

class StagedFileTest {
    @TempDir
    private Path folder;

    @Test
    void fullDiskKeepsTheOldFile() throws IOException {
        Path file = folder.resolve("file");
        StagedFile.write(file, "old".getBytes());
        InputException failure = assertThrows(InputException.class,
                () -> StagedFile.write(file, new byte[100], new ConverterTest.FullDisk(99)));
        assertTrue(failure.getMessage().contains("No space left on device"), failure.getMessage());
        assertEquals("old", Files.readString(file));
        try (Stream<Path> entries = Files.list(folder)) {
            assertEquals(1, entries.count());
        }
        StagedFile.write(file, "new".getBytes(), new ConverterTest.FullDisk(3));
        assertEquals("new", Files.readString(file));
    }

    @Test
    void outputThatCannotBeWrittenIsRefusedBeforehand() throws IOException {
        Path file = folder.resolve("file");
        Files.writeString(file, "x");
        assertThrows(InputException.class, () -> StagedFile.check(file, false));
        StagedFile.check(file, true);
        assertThrows(InputException.class, () -> StagedFile.check(folder, true));
        assertThrows(InputException.class, () -> StagedFile.check(file.resolve("below"), true));
        StagedFile.check(folder.resolve("a/b/c"), false);
        assertTrue(Files.isDirectory(folder.resolve("a/b")));
    }
}
