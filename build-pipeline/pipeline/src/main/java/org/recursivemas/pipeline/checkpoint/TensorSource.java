package org.recursivemas.pipeline.checkpoint;

import java.util.List;
import java.util.Set;
import org.recursivemas.pipeline.InputException;

/** Named float tensors, row-major, that can be read whole or in pieces: a checkpoint, or a converted model. */
public interface TensorSource {
    /** All names. */
    Set<String> names();

    /** Whether there is a tensor of that name. */
    boolean contains(String name);

    /**
     * Dimensions, outermost first.
     *
     * @throws InputException when there is no such tensor
     */
    List<Long> shape(String name);

    /**
     * Reads {@code count} elements from row-major index {@code first} on.
     *
     * @throws InputException when there is no such tensor or it does not hold floats
     */
    void read(String name, long first, float[] target, int offset, int count);

    /**
     * A whole tensor, row-major.
     *
     * @throws InputException when there is no such tensor or it does not fit one array
     */
    default float[] floats(String name) {
        long elements = shape(name).stream().mapToLong(Long::longValue).reduce(1, (a, b) -> a * b);
        if (elements > Integer.MAX_VALUE - 8) {
            throw new InputException("tensor " + name, "it has " + elements + " elements, more than one array holds",
                    "Read it in pieces", null);
        }
        float[] values = new float[(int) elements];
        read(name, 0, values, 0, values.length);
        return values;
    }
}
