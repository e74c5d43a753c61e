package org.recursivemas.library.link;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.recursivemas.library.ImageBytes;
import org.recursivemas.library.ImageWriter;
import org.recursivemas.library.LibraryImage;
import org.recursivemas.library.LibraryPlan;

class LibraryLinkerTest {
    private static final LibraryPlan PLAN = new LibraryPlan("{\"prefill_chunk_size\":8,\"params\":[]}", 8, List.of(),
            List.of(), List.of(), List.of(), List.of());

    private static List<String> names(WasmModule module, int section, boolean imports) {
        WasmModule.Reader reader = new WasmModule.Reader(module.need(section, "tested").body, 0);
        List<String> names = new ArrayList<>();
        for (int left = reader.unsigned(); left > 0; --left) {
            String name = new String(reader.bytes(reader.unsigned(), "name"), StandardCharsets.UTF_8);
            if (imports) {
                name += "." + new String(reader.bytes(reader.unsigned(), "name"), StandardCharsets.UTF_8);
            }
            assertTrue(reader.byte8() < 5);
            reader.unsigned();
            names.add(name);
        }
        return names;
    }

    @Test
    void theRuntimeImportsOnlyWhatTvmjsOffers() {
        assertEquals(Set.of("env.TVMFFIWasmSafeCall", "env.TVMFFIWasmFunctionDeleter",
                "env.emscripten_notify_memory_growth"),
                new TreeSet<>(names(WasmModule.parse(LibraryLinker.runtime()), WasmModule.IMPORT, true)));
    }

    @Test
    void theRuntimeExportsTheWholeInterface() {
        assertEquals(new TreeSet<>(Set.of("memory", "_initialize", "TVMWasmAllocSpace", "TVMWasmFreeSpace",
                "TVMFFIWasmFunctionCreate", "TVMFFIWasmGetLastError", "TVMFFIFunctionGetGlobal",
                "TVMFFIFunctionSetGlobal",
                "TVMFFIFunctionCall", "TVMFFIObjectIncRef", "TVMFFIObjectDecRef", "TVMFFIAnyViewToOwnedAny",
                "TVMFFIErrorSetRaisedFromCStr", "TVMFFITypeKeyToIndex", "TVMFFIGetTypeInfo", "TVMFFIDataTypeToString")),
                new TreeSet<>(names(WasmModule.parse(LibraryLinker.runtime()), WasmModule.EXPORT, false)));
    }

    @Test
    void theLibraryHoldsTheImageAsItsLastSegment() {
        byte[] image = ImageWriter.write(PLAN);
        byte[] library = LibraryLinker.link(PLAN);
        WasmModule module = WasmModule.parse(library);
        byte[] data = module.need(WasmModule.DATA, "data").body;
        assertArrayEquals(image, Arrays.copyOfRange(data, data.length - image.length, data.length));
        assertEquals(8, LibraryImage.read(ImageBytes.of(image)).prefillChunkSize());
        WasmModule.Reader counted = new WasmModule.Reader(data, 0);
        WasmModule.Reader before =
                new WasmModule.Reader(WasmModule.parse(LibraryLinker.runtime()).need(WasmModule.DATA, "data").body, 0);
        assertEquals(before.unsigned() + 1, counted.unsigned());
        assertNull(module.custom("recursivemas.link"));
    }

    @Test
    void theMemoryHasRoomForALargeImage() {
        byte[] large = new byte[5 << 20];
        WasmModule module = WasmModule.parse(LibraryLinker.link(LibraryLinker.runtime(), large));
        WasmModule.Reader memory = new WasmModule.Reader(module.need(WasmModule.MEMORY, "memory").body, 0);
        assertEquals(1, memory.unsigned());
        assertEquals(1, memory.byte8());
        assertTrue(memory.unsigned() * 65536L >= large.length + (1 << 20));
        assertEquals(32767, memory.unsigned());
    }

    @Test
    void linkingTwiceGivesTheSameBytes() {
        assertArrayEquals(LibraryLinker.link(PLAN), LibraryLinker.link(PLAN));
    }

    @Test
    void aFileIsWrittenWhole(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("new/model.wasm");
        LibraryLinker.link(PLAN, file);
        assertArrayEquals(LibraryLinker.link(PLAN), Files.readAllBytes(file));
        try (Stream<Path> files = Files.list(file.getParent())) {
            assertEquals(List.of(file), files.toList());
        }
    }

    @Test
    void otherModulesAreRefused() {
        byte[] image = ImageWriter.write(PLAN);
        assertTrue(assertThrows(LinkException.class, () -> LibraryLinker.link(new byte[20], image)).getMessage()
                .contains("not a WebAssembly module"));
        byte[] linked = LibraryLinker.link(PLAN);
        assertTrue(assertThrows(LinkException.class, () -> LibraryLinker.link(linked, image)).getMessage()
                .contains("recursivemas.link"));
        byte[] cut = Arrays.copyOf(LibraryLinker.runtime(), 5000);
        String message = assertThrows(LinkException.class, () -> LibraryLinker.link(cut, image)).getMessage();
        assertFalse(message.isEmpty());
        assertTrue(message.contains("follow in the WebAssembly module"), message);
    }
}
