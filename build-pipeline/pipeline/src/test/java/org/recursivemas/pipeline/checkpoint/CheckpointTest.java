package org.recursivemas.pipeline.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.recursivemas.pipeline.InputException;

class CheckpointTest {
    private static final float[] VALUES = {1, -2, 0.5f, 0, 384, -0.25f};

    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource(names = {"F32", "F16", "BF16"})
    void everyWeightTypeIsReadWholeAndInPieces(ElementType type) throws IOException {
        new SafetensorsWriter().add("pad", ElementType.BF16, new float[] {9}, 1).add("w", type, VALUES, 2, 3)
                .write(file());
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            assertEquals(List.of(2L, 3L), checkpoint.shape("w"));
            assertEquals(type, checkpoint.info("w").type());
            assertTrue(checkpoint.info("w").hasShape(2, 3));
            assertArrayEquals(VALUES, checkpoint.floats("w"));
            float[] row = new float[5];
            checkpoint.read("w", 3, row, 1, 3);
            assertArrayEquals(new float[] {0, 0, 384, -0.25f, 0}, row);
            assertEquals(7, checkpoint.elements());
            assertEquals(2 + 6L * type.bytes(), checkpoint.bytes());
        }
    }

    @Test
    void shardsReadLikeOneFile() throws IOException {
        new SafetensorsWriter().add("a", ElementType.F32, VALUES, 6).add("b", ElementType.F16, VALUES, 3, 2)
                .add("c", ElementType.BF16, VALUES, 6, 1).writeSharded(folder);
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            assertEquals(Set.of("a", "b", "c"), checkpoint.names());
            for (String name : checkpoint.names()) {
                assertArrayEquals(VALUES, checkpoint.floats(name));
            }
        }
    }

    @Test
    void tensorsBeyondTheFirstGigabytesAreRead() throws IOException {
        // A sparse file: 2 GiB + 1 MiB of zeros in front of the tensor of interest, which also crosses no even
        // boundary.
        long zeros = (2L << 30) + (1 << 20) + 1;
        String header = "{\"zeros\":{\"dtype\":\"U8\",\"shape\":[" + zeros + "],\"data_offsets\":[0," + zeros + "]},"
                + "\"w\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[" + zeros + "," + (zeros + 24) + "]}}";
        SafetensorsWriter.writeRaw(file(), header, 0);
        ByteBuffer data = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
        data.asFloatBuffer().put(VALUES);
        try (FileChannel channel = FileChannel.open(file(), StandardOpenOption.WRITE)) {
            channel.write(data, channel.size() + zeros);
        }
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            assertArrayEquals(VALUES, checkpoint.floats("w"));
        }
    }

    @Test
    void elementsAcrossAMapBoundaryAreRead() throws IOException {
        long boundary = 1L << 30;
        String start = "{\"zeros\":{\"dtype\":\"U8\",\"shape\":[";
        long begin = boundary - 4 - 8 - 1 - 7;                      // the second element of w straddles the boundary
        String header = null;
        for (int pad = 0; header == null; pad++) {
            String w = "],\"data_offsets\":[0,%1$d]},"
                    + "\"w\":{\"dtype\":\"F32\",\"shape\":[6],\"data_offsets\":[%1$d,%2$d]}}";
            long zeros = begin - 8 - (start.length() + w.length() + pad);
            String candidate = start + zeros + String.format(w, zeros, zeros + 24);
            candidate = candidate + " ".repeat(Math.max(0, (int) (begin - 8 - zeros - candidate.length())));
            if (8 + candidate.length() + zeros == begin) {
                header = candidate;
            }
        }
        SafetensorsWriter.writeRaw(file(), header, 0);
        ByteBuffer data = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
        data.asFloatBuffer().put(VALUES);
        try (FileChannel channel = FileChannel.open(file(), StandardOpenOption.WRITE)) {
            channel.write(data, begin);
        }
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            assertEquals(begin, checkpoint.info("w").position());
            assertArrayEquals(VALUES, checkpoint.floats("w"));
            float[] last = new float[3];
            checkpoint.read("w", 3, last, 0, 3);
            assertArrayEquals(new float[] {0, 384, -0.25f}, last);
        }
    }

    @Test
    void missingShardIsNamedWithATensorOfIt() throws IOException {
        new SafetensorsWriter().add("a", ElementType.F32, VALUES, 6).add("b", ElementType.F32, VALUES, 6)
                .writeSharded(folder);
        Files.delete(folder.resolve("model-00002-of-00002.safetensors"));
        assertRefused("model-00002-of-00002.safetensors", "tensor b", "missing", "Fetch the missing shard");
    }

    @Test
    void truncatedFileNamesTheTensorThatIsCut() throws IOException {
        new SafetensorsWriter().add("a", ElementType.F32, VALUES, 6).add("b", ElementType.F32, VALUES, 6).write(file());
        try (RandomAccessFile file = new RandomAccessFile(file().toFile(), "rw")) {
            file.setLength(file.length() - 1);
        }
        assertRefused("model.safetensors", "tensor b", "truncated", "Fetch the file again");
    }

    @Test
    void tensorThatItsShardDoesNotHoldIsNamed() throws IOException {
        new SafetensorsWriter().add("a", ElementType.F32, VALUES, 6).write(folder.resolve("one.safetensors"));
        Files.writeString(folder.resolve(Checkpoint.INDEX),
                "{\"weight_map\": {\"a\": \"one.safetensors\", \"b\": \"one.safetensors\"}}");
        assertRefused("one.safetensors", "tensor b", "does not hold it", "same revision");
    }

    @Test
    void indexThatLeavesTheFolderIsRefused() throws IOException {
        Files.writeString(folder.resolve(Checkpoint.INDEX), "{\"weight_map\": {\"a\": \"../secret.safetensors\"}}");
        assertRefused(Checkpoint.INDEX, "weight_map.a", "plain name", "Fetch the file again");
    }

    @Test
    void folderWithPickledWeightsOnlySaysHowToSaveThem() throws IOException {
        Files.writeString(folder.resolve("pytorch_model.bin"), "x");
        assertRefused("model.safetensors", "pytorch_model.bin is not read", "safe_serialization=True");
    }

    @Test
    void headerLengthThatLiesIsRefusedWithoutAllocatingIt() throws IOException {
        for (long length : new long[] {-1, 0, 1, Long.MAX_VALUE, 99_999_999, 100_000_001}) {
            ByteBuffer bytes = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
            Files.write(file(), bytes.array());
            assertRefused("model.safetensors", "header length", "etch");
        }
    }

    @Test
    void fileTooShortForAHeaderIsRefused() throws IOException {
        Files.write(file(), new byte[7]);
        assertRefused("model.safetensors", "header length", "7 bytes", "Fetch the file again");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            not json | not valid JSON
            [1] | not a JSON object
            {} x | not valid JSON
            {} {} | text follows
            {} | belong to no tensor
            {"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"w":{}} | Duplicate
            {"w":{"dtype":"F99","shape":[2],"data_offsets":[0,8]}} | tensor w: dtype F99 is unknown
            {"w":{"shape":[2],"data_offsets":[0,8]}} | tensor w: dtype is missing
            {"w":{"dtype":"F32","data_offsets":[0,8]}} | tensor w: shape is missing
            {"w":{"dtype":"F32","shape":[2]}} | tensor w: data_offsets
            {"w":{"dtype":"F32","shape":[2],"data_offsets":[0,4,8]}} | tensor w: data_offsets
            {"w":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}} | tensor w: data_offsets run backwards
            {"w":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}} | tensor w: shape holds
            {"w":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}} | tensor w: shape holds
            {"w":{"dtype":"F32","shape":["2"],"data_offsets":[0,8]}} | tensor w: shape holds
            {"w":{"dtype":"F32","shape":[[2]],"data_offsets":[0,8]}} | tensor w: shape holds
            {"w":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,8]}} | tensor w: shape holds
            {"w":{"dtype":"F32","shape":2,"data_offsets":[0,8]}} | tensor w: shape is not a list
            {"w":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8]}} | has more elements
            {"w":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}} | tensor w: shape [3] with dtype F32 takes 12 bytes
            {"w":{"dtype":"F32","shape":[300],"data_offsets":[0,1200]}} | truncated
            {"w":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}} | belong to no tensor
            {"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}} | belong to no tensor
            {"v":{"dtype":"U8","shape":[8],"data_offsets":[0,8]},"w":{"dtype":"U8","shape":[4],"data_offsets":[4,8]}} | overlaps that of v
            {"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"offset":1}} | unknown field offset
            {"w":7} | tensor w: its entry is not
            {"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]} | not valid JSON
            """)
    void wrongHeaderIsRefusedByName(String header, String message) throws IOException {
        SafetensorsWriter.writeRaw(file(), header, 8);
        assertRefused("model.safetensors", message, ". ");
    }

    @Test
    void goodHeaderOverTheSameDataIsAccepted() throws IOException {
        SafetensorsWriter.writeRaw(file(), "{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}  ", 8);
        try (Checkpoint checkpoint = Checkpoint.open(file())) {
            assertArrayEquals(new float[2], checkpoint.floats("w"));
            assertFalse(checkpoint.contains("v"));
            assertThrows(IndexOutOfBoundsException.class, () -> checkpoint.read("w", 1, new float[2], 0, 2));
        }
    }

    @Test
    void tensorOfIntegersCannotBeReadAsWeights() throws IOException {
        new SafetensorsWriter().add("ids", ElementType.I64, new float[] {1, 2}, 2).write(file());
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            String message = assertThrows(InputException.class, () -> checkpoint.floats("ids")).getMessage();
            assertTrue(message.contains("tensor ids") && message.contains("I64") && message.contains("BF16"), message);
            assertTrue(assertThrows(InputException.class, () ->
                    checkpoint.floats("w")).getMessage().contains("tensor w"));
        }
    }

    private Path file() {
        return folder.resolve(Checkpoint.SINGLE);
    }

    private void assertRefused(String... parts) {
        String message = assertThrows(InputException.class, () -> Checkpoint.open(folder)).getMessage();
        for (String part : parts) {
            assertTrue(message.contains(part), () -> "\"" + part + "\" is not in: " + message);
        }
    }
}
