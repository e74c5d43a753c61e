package org.recursivemas.library.link;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.recursivemas.library.ImageWriter;
import org.recursivemas.library.LibraryPlan;

/**
 * Links a model library: appends the image of a plan to the compiled runtime as a data segment and makes the memory
 * large enough.
 * The same input gives the same bytes.
 */
public final class LibraryLinker {
    /** Linear memory beyond the image that a library starts with, in bytes. It grows when needed. */
    private static final int INITIAL_HEAP = 1 << 20;
    private static final int PAGE = 65536;
    private static final String TEMPLATE = "/org/recursivemas/library/recursivemas-runtime.wasm";

    private LibraryLinker() {
    }

    /** The library of a plan. */
    public static byte[] link(LibraryPlan plan) {
        return link(runtime(), ImageWriter.write(plan));
    }

    /** Writes the library of a plan beside {@code file} and moves it there when it is complete. */
    public static void link(LibraryPlan plan, Path file) throws IOException {
        byte[] library = link(plan);
        Path absolute = file.toAbsolutePath();
        Files.createDirectories(absolute.getParent());
        // not createTempFile: its files are readable by their owner only, and this one becomes a file that a server serves
        Path aside = absolute.resolveSibling("." + file.getFileName() + ".partial-" + ProcessHandle.current().pid());
        try {
            Files.write(aside, library);
            Files.move(aside, absolute, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(aside);
        }
    }

    /** The compiled runtime, without an image. */
    public static byte[] runtime() {
        try (InputStream in = LibraryLinker.class.getResourceAsStream(TEMPLATE)) {
            if (in == null) {
                throw new LinkException("resource " + TEMPLATE + " is missing: build the module library-runtime");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * @param runtime the compiled runtime
     * @param image an image as {@link ImageWriter} writes it
     * @throws LinkException when the runtime lacks a section
     */
    public static byte[] link(byte[] runtime, byte[] image) {
        WasmModule module = WasmModule.parse(runtime);
        int base = imageBase(module);
        module.removeCustom();
        resizeMemory(module, base + image.length + INITIAL_HEAP);
        appendSegment(module, base, image);
        return module.toBytes();
    }

    private static int imageBase(WasmModule module) {
        byte[] link = module.custom("recursivemas.link");
        if (link == null || link.length != 4) {
            throw new LinkException("the runtime module has no section \"recursivemas.link\" of 4 bytes;"
                    + " take the one built by library-runtime");
        }
        return link[0] & 0xff | (link[1] & 0xff) << 8 | (link[2] & 0xff) << 16 | (link[3] & 0xff) << 24;
    }

    private static void resizeMemory(WasmModule module, int bytes) {
        WasmModule.Section memory = module.need(WasmModule.MEMORY, "memory");
        WasmModule.Reader reader = new WasmModule.Reader(memory.body, 0);
        int count = reader.unsigned();
        int flags = reader.byte8();
        int least = reader.unsigned();
        if (count != 1 || flags != 1) {
            throw new LinkException("memory section: one memory with a maximum expected, found " + count
                    + " with flags " + flags);
        }
        int most = reader.unsigned();
        int pages = Math.max(least, (bytes + PAGE - 1) / PAGE);
        if (bytes < 0 || pages > most) {
            throw new LinkException("the image does not fit the memory of " + most + " pages");
        }
        WasmModule.Writer writer = new WasmModule.Writer();
        writer.unsigned(1);
        writer.byte8(flags);
        writer.unsigned(pages);
        writer.unsigned(most);
        module.replace(memory, writer.toBytes());
    }

    private static void appendSegment(WasmModule module, int base, byte[] image) {
        WasmModule.Section data = module.need(WasmModule.DATA, "data");
        WasmModule.Reader reader = new WasmModule.Reader(data.body, 0);
        int segments = reader.unsigned() + 1;
        WasmModule.Writer writer = new WasmModule.Writer();
        writer.unsigned(segments);
        writer.bytes(reader.rest());
        writer.unsigned(0); // an active segment of memory 0
        writer.byte8(0x41); // i32.const
        writer.signed(base);
        writer.byte8(0x0b); // end
        writer.unsigned(image.length);
        writer.bytes(image);
        module.replace(data, writer.toBytes());
        WasmModule.Section dataCount = module.find(WasmModule.DATA_COUNT);
        if (dataCount != null) {
            WasmModule.Writer number = new WasmModule.Writer();
            number.unsigned(segments);
            module.replace(dataCount, number.toBytes());
        }
    }
}
