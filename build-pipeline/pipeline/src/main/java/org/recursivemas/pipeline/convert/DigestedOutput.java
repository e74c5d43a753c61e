package org.recursivemas.pipeline.convert;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Deque;
import java.util.HexFormat;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.recursivemas.pipeline.InputException;

/** A file being written, with its length and digests. */
final class DigestedOutput implements Closeable {
    /**
     * A finished file.
     *
     * @param name   file name
     * @param bytes  length
     * @param md5    lower-case hex
     * @param sha256 lower-case hex
     */
    record Digest(String name, long bytes, String md5, String sha256) {
    }

    /** From this many bytes on the two digests are computed side by side. */
    private static final int PARALLEL = 1 << 16;
    private static final ExecutorService BEHIND = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "output");
        thread.setDaemon(true);
        return thread;
    });

    private final Path file;
    private final OutputStream stream;
    private final MessageDigest md5 = digest("MD5");
    private final MessageDigest sha256 = digest("SHA-256");
    private long written;

    DigestedOutput(OutputDevice device, Path file) {
        this.file = file;
        try {
            this.stream = device.create(file);
        } catch (IOException e) {
            throw failed(e);
        }
    }

    void write(byte[] bytes, int count) {
        try {
            stream.write(bytes, 0, count);
        } catch (IOException e) {
            throw failed(e);
        }
        Future<?> other = count < PARALLEL ? null : BEHIND.submit(() -> md5.update(bytes, 0, count));
        sha256.update(bytes, 0, count);
        if (other == null) {
            md5.update(bytes, 0, count);
        } else {
            await(other);
        }
        written += count;
    }

    /** Begins work beside the caller's. */
    static <T> Future<T> behind(Callable<T> work) {
        return BEHIND.submit(work);
    }

    /** Waits for work on an output; its failure is thrown here. */
    static <T> T await(Future<T> work) {
        try {
            return work.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while writing", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException("writing failed", e.getCause());
        }
    }

    /** Writes a whole text file. */
    static Digest text(OutputDevice device, Path file, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        try (DigestedOutput output = new DigestedOutput(device, file)) {
            output.write(bytes, bytes.length);
            return output.finish();
        }
    }

    /**
     * Makes the file durable while the caller goes on; nothing may be written to it any more.
     *
     * @param closings takes what must have been waited for, by {@link #await}, before the file counts
     */
    Digest finishBehind(Deque<Future<?>> closings) {
        closings.add(BEHIND.submit(this::close));
        return digest();
    }

    /** Closes the file; it is durable then. */
    Digest finish() {
        close();
        return digest();
    }

    private Digest digest() {
        return new Digest(file.getFileName().toString(), written, hex(md5), hex(sha256));
    }

    @Override
    public void close() {
        try {
            stream.close();
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** Closes the file because of another failure, which a failure to close must not hide. */
    void abandon(RuntimeException reason) {
        try {
            close();
        } catch (InputException e) {
            reason.addSuppressed(e);
        }
    }

    static String hex(MessageDigest digest) {
        return HexFormat.of().formatHex(digest.digest());
    }

    static MessageDigest digest(String algorithm) {
        try {
            return MessageDigest.getInstance(algorithm);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has " + algorithm, e);
        }
    }

    private InputException failed(IOException e) {
        return new InputException(file.toString(), "writing failed after " + written + " bytes ("
                + e.getMessage() + ")",
                "Free space on that disk or name an output on another one; nothing was left behind", e);
    }
}
