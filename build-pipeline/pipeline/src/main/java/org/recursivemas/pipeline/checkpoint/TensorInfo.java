package org.recursivemas.pipeline.checkpoint;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * One tensor of a checkpoint, row-major.
 *
 * @param name     its name in the file
 * @param type     element type as stored
 * @param shape    dimensions, outermost first; empty for a scalar
 * @param elements product of the dimensions
 * @param file     the safetensors file that holds it
 * @param position first byte in that file
 */
public record TensorInfo(String name, ElementType type, List<Long> shape, long elements, Path file, long position) {

    public TensorInfo {
        shape = List.copyOf(shape);
    }

    /** Bytes in the file. */
    public long bytes() {
        return elements * type.bytes();
    }

    /** Whether the dimensions are exactly these. */
    public boolean hasShape(long... dimensions) {
        return shape.equals(Arrays.stream(dimensions).boxed().toList());
    }
}
