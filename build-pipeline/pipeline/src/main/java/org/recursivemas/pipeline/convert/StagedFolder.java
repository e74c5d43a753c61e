package org.recursivemas.pipeline.convert;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.recursivemas.pipeline.InputException;

/**
 * A folder that appears under its name only when it is complete. It is filled under a hidden name beside the target and
 * renamed by {@link #publish}; closing it before, or ending the program, removes what was written.
 */
public final class StagedFolder implements Closeable {
    private final Path target;
    private final Path staging;
    private final boolean replace;
    private final Thread cleanUp = new Thread(this::discard, "remove unfinished output");
    private boolean published;

    /**
     * @param target  the folder to be made
     * @param replace whether an existing one may be replaced
     * @param marker  a file that an existing folder must hold before it is replaced, so that no stranger's folder
     *                is lost
     */
    public StagedFolder(Path target, boolean replace, String marker) {
        this.target = target.toAbsolutePath().normalize();
        this.replace = replace;
        checkTarget(marker);
        Path parent = this.target.getParent();
        try {
            Files.createDirectories(parent);
            staging = Files.createDirectory(hidden("partial"));
        } catch (IOException e) {
            throw new InputException(parent.toString(), "no folder can be made there (" + e + ")",
                    "Name an output folder where you may write", e);
        }
        Runtime.getRuntime().addShutdownHook(cleanUp);
    }

    private void checkTarget(String marker) {
        if (target.getParent() == null) {
            throw new InputException(target, null, "the root cannot be an output folder", "Name a folder inside it");
        }
        if (!Files.exists(target)) {
            return;
        }
        if (!Files.isDirectory(target)) {
            throw new InputException(target, null, "a file has the output folder's name", "Name another output folder");
        }
        if (isEmpty(target)) {
            return;
        }
        if (!replace) {
            throw new InputException(target, null, "the output folder exists already",
                    "Name another one, or give --overwrite to replace it");
        }
        if (!Files.exists(target.resolve(marker))) {
            throw new InputException(target, marker,
                    "the folder does not hold this file, so it was not made by this tool "
                    + "and is not replaced", "Remove it yourself, or name another output folder");
        }
    }

    private static boolean isEmpty(Path folder) {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.findAny().isEmpty();
        } catch (IOException e) {
            throw new InputException(folder.toString(), "the output folder cannot be listed (" + e + ")",
                    "Name another one", e);
        }
    }

    /** Where files are put until {@link #publish}. */
    public Path path() {
        return staging;
    }

    /** Gives the folder its name. From here on it stays. */
    public synchronized void publish() {
        Path old = null;
        try {
            if (Files.exists(target)) {
                old = hidden("replaced");
                move(target, old);
            }
            try {
                move(staging, target);
            } catch (IOException e) {
                if (old != null) {
                    move(old, target);
                }
                throw e;
            }
            published = true;
        } catch (IOException e) {
            throw new InputException(target.toString(), "the finished folder cannot be given this name (" + e + ")",
                    "Check permissions and that nothing uses the folder", e);
        } finally {
            if (published && old != null) {
                delete(old);
            }
        }
    }

    /** A name beside the target that no other run uses. Not a temporary folder: those are closed to other users. */
    private Path hidden(String purpose) {
        return target.resolveSibling("." + target.getFileName() + "." + purpose + "-" + ProcessHandle.current().pid()
                + "-"
                + Long.toHexString(System.nanoTime()));
    }

    @Override
    public void close() {
        discard();
        try {
            Runtime.getRuntime().removeShutdownHook(cleanUp);
        } catch (IllegalStateException e) {
            // The program is ending: the hook runs anyway and finds nothing left to do.
            return;
        }
    }

    private synchronized void discard() {
        if (!published) {
            delete(staging);
        }
    }

    private static void move(Path from, Path to) throws IOException {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(from, to);
        }
    }

    public static void delete(Path folder) {
        if (!Files.exists(folder)) {
            return;
        }
        List<Path> entries;
        try (Stream<Path> walk = Files.walk(folder)) {
            entries = walk.sorted(Comparator.reverseOrder()).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(folder + ": leftovers cannot be listed", e);
        }
        for (Path entry : entries) {
            try {
                Files.deleteIfExists(entry);
            } catch (IOException e) {
                throw new UncheckedIOException(entry + ": leftovers cannot be removed", e);
            }
        }
    }
}
