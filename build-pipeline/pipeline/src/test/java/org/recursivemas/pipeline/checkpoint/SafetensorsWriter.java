package org.recursivemas.pipeline.checkpoint;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** Writes safetensors files for tests: good ones, and any header over any data. */
public final class SafetensorsWriter {
    private record Tensor(ElementType type, long[] shape, float[] values) {
    }

    private final Map<String, Tensor> tensors = new LinkedHashMap<>();

    /** Adds a tensor; {@code values} are rounded to {@code type}. */
    public SafetensorsWriter add(String name, ElementType type, float[] values, long... shape) {
        tensors.put(name, new Tensor(type, shape, values));
        return this;
    }

    /** Removes a tensor that was added. */
    public SafetensorsWriter remove(String name) {
        if (tensors.remove(name) == null) {
            throw new IllegalArgumentException("no tensor " + name);
        }
        return this;
    }

    /** Writes all tensors. */
    public void write(Path file) throws IOException {
        write(file, tensors);
    }

    /** Writes two shards and their index. */
    public void writeSharded(Path folder) throws IOException {
        Map<String, Map<String, Tensor>> shards = new LinkedHashMap<>();
        StringBuilder map = new StringBuilder();
        int i = 0;
        for (var entry : tensors.entrySet()) {
            String shard = "model-0000" + (i++ % 2 + 1) + "-of-00002.safetensors";
            shards.computeIfAbsent(shard, name -> new LinkedHashMap<>()).put(entry.getKey(), entry.getValue());
            map.append(map.isEmpty()
                    ? "" : ", ").append("\"").append(entry.getKey()).append("\": \"").append(shard).append("\"");
        }
        for (var shard : shards.entrySet()) {
            write(folder.resolve(shard.getKey()), shard.getValue());
        }
        Files.writeString(folder.resolve(Checkpoint.INDEX), "{\"metadata\": {}, \"weight_map\": {" + map + "}}");
    }

    /** A file with this header text over this many zero bytes of data. */
    public static void writeRaw(Path file, String header, int dataBytes) throws IOException {
        byte[] text = header.getBytes(StandardCharsets.UTF_8);
        try (OutputStream out = Files.newOutputStream(file)) {
            out.write(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(text.length).array());
            out.write(text);
            out.write(new byte[dataBytes]);
        }
    }

    private static void write(Path file, Map<String, Tensor> tensors) throws IOException {
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        StringBuilder header = new StringBuilder("{\"__metadata__\": {\"format\": \"pt\"}");
        for (var entry : tensors.entrySet()) {
            Tensor tensor = entry.getValue();
            int begin = data.size();
            data.writeBytes(bytes(tensor));
            String shape = Arrays.stream(tensor.shape()).mapToObj(Long::toString).collect(Collectors.joining(","));
            header.append(", \"").append(entry.getKey()).append("\": {\"dtype\": \"").append(tensor.type())
                    .append("\", \"shape\": [").append(shape)
                    .append("], \"data_offsets\": [").append(begin).append(", ").append(data.size()).append("]}");
        }
        byte[] text = header.append("}").toString().getBytes(StandardCharsets.UTF_8);
        try (OutputStream out = Files.newOutputStream(file)) {
            out.write(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(text.length).array());
            out.write(text);
            data.writeTo(out);
        }
    }

    private static byte[] bytes(Tensor tensor) {
        ByteBuffer buffer = ByteBuffer.allocate(tensor.values().length * tensor.type().bytes())
                .order(ByteOrder.LITTLE_ENDIAN);
        for (float value : tensor.values()) {
            switch (tensor.type()) {
                case F32 -> buffer.putFloat(value);
                case F16 -> buffer.putShort(HalfFloats.toFloat16(value));
                case BF16 -> buffer.putShort(HalfFloats.toBfloat16(value));
                case I64 -> buffer.putLong((long) value);
                default -> throw new IllegalArgumentException("not written: " + tensor.type());
            }
        }
        return buffer.array();
    }
}
