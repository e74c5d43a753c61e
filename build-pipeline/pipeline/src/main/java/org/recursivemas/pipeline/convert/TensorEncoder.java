package org.recursivemas.pipeline.convert;

import java.io.Closeable;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.recursivemas.compiler.ParamTable.Param;
import org.recursivemas.compiler.ParamTable.Role;
import org.recursivemas.compiler.ParamTable.Source;
import org.recursivemas.compiler.Quantization;
import org.recursivemas.library.DType;
import org.recursivemas.pipeline.InputException;
import org.recursivemas.pipeline.checkpoint.Checkpoint;
import org.recursivemas.pipeline.checkpoint.ElementType;
import org.recursivemas.pipeline.checkpoint.HalfFloats;

/**
 * Turns a parameter's source rows into the bytes of its tensor. Blocks of rows are worked on in parallel and handed out in
 * order; the heap holds a few blocks, and the scales of packed weights from the time they are found until they are asked
 * for. For one thread.
 */
final class TensorEncoder implements Closeable {
    /** Elements in a block. For quantized matrices a block is whole rows, at least one. */
    private static final int BLOCK = 1 << 18;
    private static final int THREADS = Math.max(1, Math.min(8, Runtime.getRuntime().availableProcessors()));

    /** Magnitude, as a bfloat16 bit pattern, of float16's smallest normal number. */
    private static final int SMALLEST_NORMAL = 0x3880;

    /** Takes encoded bytes; the array is reused afterwards. */
    interface Sink {
        void write(byte[] bytes, int count);
    }

    /** Rows of one source tensor. */
    private record Piece(Source source, long firstRow, int rows) {
    }

    /** Memory of a block and what became of it. */
    private static final class Block {
        /** Where the values come from: for errors. */
        private String tensor;
        private long first;
        /** Bit patterns, where the source is bfloat16 and nothing is added. */
        private short[] raw = {};
        /** Bit patterns of the values in float16, where {@link #raw} has them. */
        private short[] halves = {};
        private boolean fromRaw;
        /** The checkpoint's values, unless {@link #raw} has them; may be the same array as {@link #cast}. */
        private float[] values = {};
        /** Values in the model type. */
        private float[] cast = {};
        private ByteBuffer bytes = ByteBuffer.allocate(0);
        private ByteBuffer scales = ByteBuffer.allocate(0);
        private float worst;
        private float largest;
        private boolean bfloat16;

        float value(int i) {
            return fromRaw ? HalfFloats.fromBfloat16(raw[i]) : values[i];
        }

        static ByteBuffer cleared(ByteBuffer buffer, int bytes) {
            return buffer.capacity() < bytes ? ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN) : buffer.clear();
        }
    }

    /** What is to be done with a block whose values are there. */
    private interface Work {
        void run(Block block, int rows, int columns);
    }

    /** Takes a finished block; answers whether to go on. */
    private interface Taker {
        boolean take(Block block);
    }

    private final Checkpoint checkpoint;
    private final DType modelType;
    private final GroupQuantizer quantizer;
    private final ExecutorService executor;
    private final Deque<Block> idle = new ArrayDeque<>();
    /** Encoded scales by the name of their parameter. */
    private final Map<String, byte[]> scales = new HashMap<>();

    TensorEncoder(Checkpoint checkpoint, Quantization quantization) {
        this.checkpoint = checkpoint;
        this.modelType = quantization.modelType();
        this.quantizer = new GroupQuantizer(modelType);
        executor = Executors.newFixedThreadPool(THREADS, task -> {
            Thread thread = new Thread(task, "encoder");
            thread.setDaemon(true);
            return thread;
        });
        for (int i = 0; i < THREADS + 2; i++) {
            idle.add(new Block());
        }
    }

    @Override
    public void close() {
        executor.shutdownNow();
    }

    /**
     * Whether storage as bfloat16 would keep every element of a float32 tensor.
     *
     * @throws InputException when a value cannot be converted at all
     */
    boolean fitsBfloat16(Param param) {
        if (param.role() == Role.PLAIN && param.offset() == 0 && param.sources().stream()
                .allMatch(source -> checkpoint.info(source.name()).type() == ElementType.BF16)) {
            return true;
        }
        return forEachBlock(param, false, (block, rows, columns) -> block.bfloat16 = fitsBfloat16(param, block, rows, columns),
                block -> block.bfloat16);
    }

    private boolean fitsBfloat16(Param param, Block block, int rows, int columns) {
        if (param.role() == Role.PLAIN) {
            for (int i = 0; i < rows * columns; i++) {
                if (!HalfFloats.isBfloat16(block.cast[i])) {
                    return false;
                }
            }
            return true;
        }
        int groups = Quantization.groups(columns);
        for (int i = 0; i < rows * groups; i++) {
            if (!HalfFloats.isBfloat16(groupScale(block.cast, columns, i / groups, i % groups))) {
                return false;
            }
        }
        return true;
    }

    /**
     * Writes a parameter's tensor. Packed weights leave their scales here until these are written.
     *
     * @param bfloat16 whether this tensor, if it is float32, is stored as bfloat16; for packed weights, whether their
     *                 scales are
     * @return the worst difference between the checkpoint and what a loader makes of the stored bytes; zero for scales,
     *         whose rounding counts in the packed weights
     * @throws InputException when a value is not finite or does not fit the model type
     */
    RoundingError encode(Param param, boolean bfloat16, Sink sink) {
        if (param.role() == Role.PLAIN) {
            return run(param, modelType == DType.FLOAT16 || bfloat16,
                    (block, rows, columns) -> plain(block, rows * columns, bfloat16), sink, null);
        }
        String module = param.name().substring(0, param.name().lastIndexOf('.') + 1);
        if (param.role() == Role.Q_WEIGHT) {
            int bytes = modelType == DType.FLOAT16 || bfloat16 ? Short.BYTES : Float.BYTES;
            ByteBuffer found = ByteBuffer.allocate(param.logicalShape().get(0)
                    * Quantization.groups(param.logicalShape().get(1)) * bytes);
            RoundingError error = run(param, false,
                    (block, rows, columns) -> packed(block, rows, columns, bfloat16), sink, found);
            scales.put(module, found.array());
            return error;
        }
        byte[] found = scales.remove(module);
        if (found == null) {
            throw new IllegalStateException(param.name() + " before its weights");
        }
        sink.write(found, found.length);
        return new RoundingError(param.name(), 0, 0);
    }

    private RoundingError run(Param param, boolean bitsSuffice, Work work, Sink sink, ByteBuffer foundScales) {
        float[] error = new float[2];                       // worst difference, largest magnitude
        forEachBlock(param, bitsSuffice, work, block -> {
            sink.write(block.bytes.array(), block.bytes.position());
            if (foundScales != null) {
                foundScales.put(block.scales.array(), 0, block.scales.position());
            }
            error[0] = Math.max(error[0], block.worst);
            error[1] = Math.max(error[1], block.largest);
            return true;
        });
        return new RoundingError(param.name(), error[0], error[1]);
    }

    private void plain(Block block, int count, boolean bfloat16) {
        boolean narrow = modelType == DType.FLOAT16 || bfloat16;
        block.bytes = Block.cleared(block.bytes, count * (narrow ? Short.BYTES : Float.BYTES));
        if (narrow && block.fromRaw) {
            if (bfloat16) {
                block.bytes.asShortBuffer().put(block.raw, 0, count);
            } else {
                halvesFromRaw(block, count);
            }
        } else if (narrow) {
            narrow(block, count);
        } else {
            block.bytes.asFloatBuffer().put(block.cast, 0, count);
            block.largest = largest(block.cast, 0, count, 0);
        }
        block.bytes.position(count * (narrow ? Short.BYTES : Float.BYTES));
    }

    /** Every bfloat16 from 2^-14 on is a float16 too; smaller ones are rounded. */
    private static void halvesFromRaw(Block block, int count) {
        if (block.halves.length < count) {
            block.halves = new short[count];
        }
        short[] halves = block.halves;
        short[] raw = block.raw;
        for (int i = 0; i < count; i++) { // a loop that the compiler makes vectors of
            halves[i] = (short) (raw[i] & 0x8000 | (raw[i] & 0x7FFF) - 0x3800 << 3 & 0x7FFF);
        }
        float worst = 0;
        for (int i = 0; i < count; i++) {
            if ((raw[i] & 0x7FFF) < SMALLEST_NORMAL) {
                float value = HalfFloats.fromBfloat16(raw[i]);
                halves[i] = HalfFloats.toFloat16(value);
                worst = Math.max(worst, Math.abs(HalfFloats.fromFloat16(halves[i]) - value));
            }
        }
        block.worst = worst;
        block.bytes.asShortBuffer().put(halves, 0, count);
    }

    private void narrow(Block block, int count) {
        byte[] bytes = block.bytes.array();
        boolean half = modelType == DType.FLOAT16;
        float worst = 0;
        for (int i = 0; i < count; i++) {
            int stored = half ? HalfFloats.toFloat16(block.cast[i]) : HalfFloats.toBfloat16(block.cast[i]);
            bytes[2 * i] = (byte) stored;
            bytes[2 * i + 1] = (byte) (stored >> 8);
            float read = half ? block.cast[i] : Float.intBitsToFloat(stored << 16);
            float error = Math.abs(read - block.values[i]);
            if (error > worst) { // a branch that is hardly ever taken is faster than Math.max, which minds NaN and signs
                worst = error;
            }
        }
        block.worst = worst;
        block.largest = largest(block.values, 0, count, 0);
    }

    /** Words of the packed nibbles, {@code [rows, 4 * groups]}, and scales, {@code [rows, groups]}. */
    private void packed(Block block, int rows, int columns, boolean bfloat16) {
        int groups = Quantization.groups(columns);
        int groupBytes = GroupQuantizer.WORDS_PER_GROUP * Integer.BYTES;
        block.bytes = Block.cleared(block.bytes, rows * groups * groupBytes);
        block.scales = Block.cleared(block.scales, rows * groups * Float.BYTES);
        for (int row = 0; row < rows; row++) {
            for (int group = 0; group < groups; group++) {
                int column = group * Quantization.GROUP_SIZE;
                packGroup(block, row * columns + column, Math.min(Quantization.GROUP_SIZE, columns - column),
                        (row * groups + group) * groupBytes, bfloat16);
            }
        }
        block.bytes.position(rows * groups * groupBytes);
    }

    private void packGroup(Block block, int begin, int count, int at, boolean bfloat16) {
        float unrounded = block.fromRaw ? largestOf(block, begin, count) : 0;
        float largest = block.fromRaw ? quantizer.cast(unrounded) : largest(block.cast, begin, count, 0);
        block.largest = Math.max(block.largest, unrounded);
        float scale = quantizer.scale(largest);
        quantizer.pack(block.cast, begin, count, scale, block.bytes.array(), at);
        float stored = put(block.scales, scale, bfloat16);
        // Most groups cannot hold the worst error or the largest value of the block: those are not searched for it.
        if (quantizer.errorBound(largest, scale, stored) > block.worst) {
            for (int i = 0; i < count; i++) {
                int code = block.bytes.array()[at + i / 2] >> (i % 2 * 4) & 0xF;
                block.worst = Math.max(block.worst, Math.abs(quantizer.dequantize(code, stored) - block.value(begin + i)));
            }
        }
        if (!block.fromRaw && largest * (1 + 0x1p-9f) + 0x1p-23f > block.largest) {
            block.largest = largest(block.values, begin, count, block.largest);
        }
    }

    /** Largest magnitude, at least {@code least}. Integers are compared faster than floats, and in the same order. */
    private static float largest(float[] values, int begin, int count, float least) {
        int largest = Float.floatToRawIntBits(least);
        for (int i = begin; i < begin + count; i++) {
            largest = Math.max(largest, Float.floatToRawIntBits(values[i]) & 0x7FFFFFFF);
        }
        return Float.intBitsToFloat(largest);
    }

    /** Largest magnitude of bfloat16 bit patterns. */
    private static float largest(short[] raw, int begin, int count) {
        int largest = 0;
        for (int i = begin; i < begin + count; i++) {
            largest = Math.max(largest, raw[i] & 0x7FFF);
        }
        return Float.intBitsToFloat(largest << 16);
    }

    private float groupScale(float[] castValues, int columns, int row, int group) {
        int begin = group * Quantization.GROUP_SIZE;
        return quantizer.scale(largest(castValues, row * columns + begin,
                Math.min(Quantization.GROUP_SIZE, columns - begin), 0));
    }

    /** Appends one element of the model type and returns what a loader reads. */
    private float put(ByteBuffer bytes, float value, boolean bfloat16) {
        if (modelType == DType.FLOAT16) {
            bytes.putShort(HalfFloats.toFloat16(value));
            return value;
        }
        if (bfloat16) {
            short stored = HalfFloats.toBfloat16(value);
            bytes.putShort(stored);
            return HalfFloats.fromBfloat16(stored);
        }
        bytes.putFloat(value);
        return value;
    }

    // ---- blocks ----

    /**
     * Works on all blocks in parallel and hands them over in order, until one is answered with false.
     *
     * @param bitsSuffice whether the work takes bit patterns, where there are any, and needs no values
     */
    private boolean forEachBlock(Param param, boolean bitsSuffice, Work work, Taker taker) {
        int columns = param.role() == Role.PLAIN ? 1 : param.logicalShape().get(1);
        Iterator<Piece> pieces = pieces(param, columns).iterator();
        Deque<Future<Block>> running = new ArrayDeque<>();
        try {
            while (true) {
                while (pieces.hasNext() && !idle.isEmpty()) {
                    Piece piece = pieces.next();
                    Block block = idle.remove();
                    running.add(executor.submit(() -> {
                        fill(block, piece, columns, param.offset(), bitsSuffice, param.role() == Role.Q_WEIGHT);
                        work.run(block, piece.rows(), columns);
                        return block;
                    }));
                }
                if (running.isEmpty()) {
                    return true;
                }
                Block block = finished(running.remove());
                idle.add(block);
                if (!taker.take(block)) {
                    return false;
                }
            }
        } finally {
            // Whatever happened, nothing works on: the checkpoint may be closed next.
            while (!running.isEmpty()) {
                settle(running.remove());
            }
        }
    }

    private Stream<Piece> pieces(Param param, int columns) {
        int rowsAtOnce = Math.max(1, BLOCK / columns);
        return param.sources().stream().flatMap(source -> {
            long rows = checkpoint.info(source.name()).elements() / columns;
            return Stream.iterate(0L, first -> first < rows, first -> first + rowsAtOnce)
                    .map(first -> new Piece(source, first, (int) Math.min(rowsAtOnce, rows - first)));
        });
    }

    private static Block finished(Future<Block> future) {
        try {
            return future.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while converting", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException("a tensor could not be encoded", e.getCause());
        }
    }

    /** Waits for a block that nobody wants any more. */
    private void settle(Future<Block> future) {
        try {
            idle.add(future.get());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException e) {
            idle.add(new Block()); // its own failure comes after the one that is being reported
        }
    }

    private void fill(Block block, Piece piece, int columns, float offset, boolean bitsSuffice, boolean scanned) {
        int count = piece.rows() * columns;
        block.worst = 0;
        block.largest = 0;
        String tensor = piece.source().name();
        long first = piece.firstRow() * columns;
        block.tensor = tensor;
        block.first = first;
        block.fromRaw = offset == 0 && checkpoint.info(tensor).type() == ElementType.BF16;
        if (block.fromRaw) {
            fillRaw(block, count, bitsSuffice, scanned);
            return;
        }
        if (block.cast.length < count) {
            block.cast = new float[count];
        }
        if (block.values.length < count || block.values == block.cast != (modelType == DType.FLOAT32)) {
            block.values = modelType == DType.FLOAT16 ? new float[count] : block.cast;
        }
        checkpoint.read(tensor, first, block.values, 0, count);
        for (int i = 0; i < count && offset != 0; i++) {
            block.values[i] += offset;
        }
        if (modelType == DType.FLOAT16) {
            HalfFloats.roundToFloat16(block.values, block.cast, count);
        }
        if (!allFinite(block.cast, count)) {
            for (int i = 0; i < count; i++) {
                if (!Float.isFinite(block.cast[i])) {
                    throw unusable(tensor, first + i, block.values[i]);
                }
            }
        }
    }

    /** @param scanned whether the work looks at every bit pattern itself, by {@link #largestOf} */
    private void fillRaw(Block block, int count, boolean bitsSuffice, boolean scanned) {
        if (block.raw.length < count) {
            block.raw = new short[count];
        }
        short[] raw = block.raw;
        checkpoint.readHalves(block.tensor, block.first, raw, count);
        if (!scanned) {
            block.largest = largestOf(block, 0, count);
        }
        if (bitsSuffice) {
            return;
        }
        if (block.cast.length < count) {
            block.cast = new float[count];
        }
        float[] cast = block.cast;
        for (int i = 0; i < count; i++) {
            cast[i] = Float.intBitsToFloat(raw[i] << 16);
        }
        for (int i = 0; i < count && modelType == DType.FLOAT16; i++) {
            if ((raw[i] & 0x7FFF) < SMALLEST_NORMAL) {
                cast[i] = HalfFloats.roundToFloat16(cast[i]);
            }
        }
    }

    /** Largest magnitude of bit patterns, which are refused when they do not fit the model type. */
    private float largestOf(Block block, int begin, int count) {
        float largest = largest(block.raw, begin, count);
        if (!Float.isFinite(quantizer.cast(largest))) {
            for (int i = begin; i < begin + count; i++) {
                float value = HalfFloats.fromBfloat16(block.raw[i]);
                if (!Float.isFinite(quantizer.cast(value))) {
                    throw unusable(block.tensor, block.first + i, value);
                }
            }
        }
        return largest;
    }

    private static boolean allFinite(float[] values, int count) {
        return Float.isFinite(largest(values, 0, count, 0));
    }

    private InputException unusable(String tensor, long index, float value) {
        String field = "tensor " + tensor + ", element " + index;
        if (Float.isFinite(value)) {
            return new InputException(checkpoint.info(tensor).file(), field, value
                    + " is beyond float16, which ends at 65504",
                    "Use a float32 scheme: q4f32_1 or q0f32");
        }
        return new InputException(checkpoint.info(tensor).file(), field, "the value is " + value,
                "The checkpoint is damaged; fetch or train it again");
    }
}
