package org.recursivemas.pipeline.convert;

import java.util.Locale;

/** How float32 tensors are stored in shards. Other types are always stored as they are. */
public enum Float32Codec {
    /** Per tensor: {@link #BF16} where that loses nothing, else {@link #RAW}. */
    AUTO,
    /** Two bytes an element: the upper half, rounded to nearest even; loaders widen it. */
    BF16,
    /** Four bytes an element. */
    RAW;

    /** The spelling on the command line. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
