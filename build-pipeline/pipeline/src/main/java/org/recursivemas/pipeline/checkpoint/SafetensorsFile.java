package org.recursivemas.pipeline.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.recursivemas.pipeline.InputException;

/**
 * One safetensors file: eight bytes of header length, a JSON header, tensor data. The header is checked completely when
 * the file is opened; data is read through memory maps, so the heap holds only what a caller asks for.
 */
public final class SafetensorsFile implements Closeable {
    /** The largest header the format allows, bytes. */
    static final long MAX_HEADER = 100_000_000;
    private static final int MAX_DIMENSIONS = 16;
    private static final long SEGMENT = 1L << 30;
    /** Segments overlap by this much, so that no element is cut by a segment's end. */
    private static final int OVERLAP = 8;
    private static final String FETCH_AGAIN = "Fetch the file again and compare its size with the source";
    private static final String WRITE_AGAIN = "Write the file again with a safetensors library";
    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

    private final Path path;
    private final FileChannel channel;
    private final long size;
    private final ByteBuffer[] segments;
    private final Map<String, TensorInfo> tensors;

    private SafetensorsFile(Path path, FileChannel channel) throws IOException {
        this.path = path;
        this.channel = channel;
        this.size = channel.size();
        this.segments = new ByteBuffer[(int) ((size + SEGMENT - 1) / SEGMENT)];
        this.tensors = readHeader();
    }

    /**
     * Opens a file and checks its header.
     *
     * @throws InputException when the file is missing, truncated or its header is wrong
     */
    public static SafetensorsFile open(Path path) {
        FileChannel channel;
        try {
            channel = FileChannel.open(path, StandardOpenOption.READ);
        } catch (NoSuchFileException e) {
            throw new InputException(path.toString(), "the file is missing",
                    "Put the checkpoint's safetensors file there or name the right folder", e);
        } catch (IOException e) {
            throw new InputException(path.toString(), "the file cannot be opened (" + e + ")",
                    "Check its permissions", e);
        }
        try {
            return new SafetensorsFile(path, channel);
        } catch (IOException e) {
            closeAfter(channel, e);
            throw new InputException(path.toString(), "the file cannot be read (" + e + ")", FETCH_AGAIN, e);
        } catch (RuntimeException e) {
            closeAfter(channel, e);
            throw e;
        }
    }

    /** Its tensors by name, in the header's order. */
    public Map<String, TensorInfo> tensors() {
        return tensors;
    }

    /**
     * Reads {@code count} elements from {@code first} on (row-major index) as float32.
     *
     * @throws InputException when the tensor's elements are not float32, float16 or bfloat16
     */
    public void read(TensorInfo tensor, long first, float[] target, int offset, int count) {
        if (first < 0 || count < 0 || first + count > tensor.elements()) {
            throw new IndexOutOfBoundsException(tensor.name() + " has " + tensor.elements() + " elements; asked for "
                    + first + " to " + (first + count));
        }
        ElementType type = tensor.type();
        if (!type.isWeight()) {
            throw new InputException(path, "tensor " + tensor.name(), "its dtype is " + type + ", not a float type "
                    + "weights can have", "Save the checkpoint with dtype BF16, F16 or F32");
        }
        long position = tensor.position() + first * type.bytes();
        int done = 0;
        while (done < count) {
            int segment = (int) (position / SEGMENT);
            ByteBuffer data = segment(segment);
            int start = (int) (position - segment * SEGMENT);
            int here = (int) Math.min(count - done, (SEGMENT - start + type.bytes() - 1) / type.bytes());
            decode(type, data, start, target, offset + done, here);
            done += here;
            position += (long) here * type.bytes();
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    private static void decode(ElementType type, ByteBuffer data, int start, float[] target, int offset, int count) {
        switch (type) {
            case F32 -> {
                for (int i = 0; i < count; i++) {
                    target[offset + i] = data.getFloat(start + 4 * i);
                }
            }
            case F16 -> {
                for (int i = 0; i < count; i++) {
                    target[offset + i] = HalfFloats.fromFloat16(data.getShort(start + 2 * i));
                }
            }
            case BF16 -> {
                for (int i = 0; i < count; i++) {
                    target[offset + i] = HalfFloats.fromBfloat16(data.getShort(start + 2 * i));
                }
            }
            default -> throw new IllegalStateException(type + " is no weight type");
        }
    }

    private synchronized ByteBuffer segment(int index) {
        if (segments[index] == null) {
            long begin = index * SEGMENT;
            try {
                MappedByteBuffer map = channel.map(FileChannel.MapMode.READ_ONLY, begin,
                        Math.min(SEGMENT + OVERLAP, size - begin));
                segments[index] = map.order(ByteOrder.LITTLE_ENDIAN);
            } catch (IOException e) {
                throw new UncheckedIOException(path + ": the file cannot be mapped into memory", e);
            }
        }
        return segments[index];
    }

    private Map<String, TensorInfo> readHeader() throws IOException {
        if (size < 8) {
            throw new InputException(path, "header length", "the file has " + size
                    + " bytes, too few for a safetensors header", FETCH_AGAIN);
        }
        long headerLength = segment(0).getLong(0);
        if (headerLength < 2 || headerLength > MAX_HEADER) {
            throw new InputException(path, "header length", "it says " + Long.toUnsignedString(headerLength)
                    + " bytes, which no safetensors header has", "Check that this is a safetensors file and fetch it again");
        }
        if (headerLength > size - 8) {
            throw new InputException(path, "header length", "it says " + headerLength + " bytes, but the file has only "
                    + (size - 8) + " behind it", FETCH_AGAIN);
        }
        // The header is part of the file, so this array is never larger than what is really there.
        byte[] header = new byte[(int) headerLength];
        segment(0).get(8, header);
        Map<String, TensorInfo> found = new LinkedHashMap<>();
        try (JsonParser json = JSON.createParser(header)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw wrongHeader("it is not a JSON object");
            }
            for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
                if (name.equals("__metadata__")) {
                    json.nextToken();
                    json.skipChildren();
                } else {
                    found.put(name, readEntry(json, name, 8 + headerLength));
                }
            }
            if (json.currentToken() != JsonToken.END_OBJECT || json.nextToken() != null) {
                throw wrongHeader("text follows the JSON object");
            }
        } catch (JsonProcessingException e) {
            throw new InputException(InputException.place(path, "header"), "it is not valid JSON ("
                    + e.getOriginalMessage() + ")", WRITE_AGAIN, e);
        }
        checkCoverage(found.values(), 8 + headerLength);
        return Collections.unmodifiableMap(found);
    }

    private TensorInfo readEntry(JsonParser json, String name, long dataStart) throws IOException {
        String typeName = null;
        List<Long> shape = null;
        List<Long> offsets = null;
        if (json.nextToken() != JsonToken.START_OBJECT) {
            throw wrongTensor(name, "its entry is not a JSON object");
        }
        for (String field = json.nextFieldName(); field != null; field = json.nextFieldName()) {
            switch (field) {
                case "dtype" -> typeName = json.nextTextValue();
                case "shape" -> shape = readNumbers(json, name, field, MAX_DIMENSIONS);
                case "data_offsets" -> offsets = readNumbers(json, name, field, 2);
                default -> throw wrongTensor(name, "its entry has the unknown field " + field);
            }
        }
        if (json.currentToken() != JsonToken.END_OBJECT) {
            throw wrongTensor(name, "its entry is not a JSON object");
        }
        ElementType type = ElementType.named(typeName);
        if (type == null) {
            throw wrongTensor(name, typeName == null ? "dtype is missing" : "dtype " + typeName + " is unknown");
        }
        if (shape == null) {
            throw wrongTensor(name, "shape is missing");
        }
        if (offsets == null || offsets.size() != 2) {
            throw wrongTensor(name, "data_offsets is not a pair of numbers");
        }
        long begin = offsets.get(0);
        long end = offsets.get(1);
        if (end < begin) {
            throw wrongTensor(name, "data_offsets run backwards: " + offsets);
        }
        long elements = 1;
        try {
            for (long dimension : shape) {
                elements = Math.multiplyExact(elements, dimension);
            }
            if (Math.multiplyExact(elements, (long) type.bytes()) != end - begin) {
                throw wrongTensor(name, "shape " + shape + " with dtype " + type + " takes " + elements * type.bytes()
                        + " bytes, but data_offsets " + offsets + " span " + (end - begin));
            }
        } catch (ArithmeticException e) {
            throw wrongTensor(name, "shape " + shape + " has more elements than any file can hold");
        }
        if (end > size - dataStart) {
            throw new InputException(path, "tensor " + name, "its data ends at byte " + end + " of the data, but only "
                    + (size - dataStart) + " bytes of data are in the file: it is truncated", FETCH_AGAIN);
        }
        return new TensorInfo(name, type, shape, elements, path, dataStart + begin);
    }

    private List<Long> readNumbers(JsonParser json, String name, String field, int most) throws IOException {
        if (json.nextToken() != JsonToken.START_ARRAY) {
            throw wrongTensor(name, field + " is not a list");
        }
        List<Long> numbers = new ArrayList<>();
        while (json.nextToken() != JsonToken.END_ARRAY) {
            if (json.currentToken() != JsonToken.VALUE_NUMBER_INT || json.getNumberType() == JsonParser.NumberType.BIG_INTEGER
                    || json.getLongValue() < 0) {
                throw wrongTensor(name, field + " holds something that is not a whole number of 0 or more");
            }
            if (numbers.size() == most) {
                throw wrongTensor(name, field + " has more than " + most + " numbers");
            }
            numbers.add(json.getLongValue());
        }
        return numbers;
    }

    /** Tensors must follow one another without overlap or gap and fill the file, as the format demands. */
    private void checkCoverage(Iterable<TensorInfo> found, long dataStart) {
        List<TensorInfo> ordered = new ArrayList<>();
        found.forEach(ordered::add);
        ordered.sort(Comparator.comparingLong(TensorInfo::position).thenComparingLong(TensorInfo::bytes));
        long covered = dataStart;
        TensorInfo previous = null;
        for (TensorInfo tensor : ordered) {
            if (tensor.position() < covered) {
                throw wrongTensor(tensor.name(), "its data overlaps that of " + previous.name());
            }
            if (tensor.position() > covered) {
                throw wrongTensor(tensor.name(), (tensor.position() - covered) + " bytes before its data belong to no tensor");
            }
            covered = tensor.position() + tensor.bytes();
            previous = tensor;
        }
        if (covered != size) {
            throw wrongHeader((size - covered) + " bytes at the end of the file belong to no tensor");
        }
    }

    private InputException wrongHeader(String what) {
        return new InputException(path, "header", what, WRITE_AGAIN);
    }

    private InputException wrongTensor(String name, String what) {
        return new InputException(path, "tensor " + name, what, WRITE_AGAIN);
    }

    private static void closeAfter(FileChannel channel, Exception failure) {
        try {
            channel.close();
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }
}
