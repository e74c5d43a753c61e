package org.recursivemas.pipeline.convert;

import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.recursivemas.pipeline.InputException;

/** Writing of a single output file: under a hidden name first, so that its name never stands for half a file. */
public final class StagedFile {
    private StagedFile() {
    }

    /**
     * Refuses an output that cannot or must not be written; call it before the work, so that the work is not lost.
     *
     * @throws InputException when the file exists and may not be replaced, or its folder cannot be made
     */
    public static void check(Path file, boolean overwrite) {
        if (Files.isDirectory(file)) {
            throw new InputException(file, null, "a folder has the output file's name", "Name another output file");
        }
        if (!overwrite && Files.exists(file)) {
            throw new InputException(file, null, "the output file exists already",
                    "Name another one, or give --overwrite to replace it");
        }
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
        } catch (IOException e) {
            throw new InputException(file.toString(), "its folder cannot be made (" + e + ")",
                    "Name an output file where you may write", e);
        }
    }

    /**
     * Writes a file, replacing what is there.
     *
     * @throws InputException when writing fails; what was there is still there then
     */
    public static void write(Path file, byte[] content) {
        write(file, content, OutputDevice.DISK);
    }

    static void write(Path file, byte[] content, OutputDevice device) {
        Path target = file.toAbsolutePath();
        Path aside = target.resolveSibling("." + target.getFileName() + ".partial-" + ProcessHandle.current().pid()
                + "-"
                + Long.toHexString(System.nanoTime()));
        try {
            try (DigestedOutput output = new DigestedOutput(device, aside)) {
                output.write(content, content.length);
            }
            move(aside, target);
        } finally {
            try {
                Files.deleteIfExists(aside);
            } catch (IOException e) {
                throw new InputException(aside.toString(), "an unfinished file cannot be removed (" + e + ")",
                        "Remove it yourself", e);
            }
        }
    }

    private static void move(Path from, Path to) {
        try {
            try {
                Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } catch (AtomicMoveNotSupportedException e) {
                Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (IOException e) {
            throw new InputException(to.toString(), "the finished file cannot be given this name (" + e + ")",
                    "Check permissions and that nothing uses the file", e);
        }
    }
}
